import {
  type ConsumerProgress,
  type DeadLetter,
  OperationsServiceService,
} from '@unionfold/contracts/operations';
import {
  type ConsumerRunner,
  type DeadLetterEntry,
  type EventLog,
  type ProjectionRunner,
  refuse,
} from '@unionfold/eventsourcing';
import { type RpcService, rpcService } from './rpc/server.ts';

/** What the operations of a process are about. */
export interface OperatedConsumers {
  readonly projections: readonly ProjectionRunner[];
  readonly reactions: readonly ConsumerRunner[];
  readonly log: EventLog;
}

/** The operators' gRPC service over the consumers of one process. */
export function operationsService(operated: OperatedConsumers): RpcService {
  return rpcService(OperationsServiceService, {
    listConsumers: async () => ({ consumers: await consumerProgress(operated) }),
    listDeadLetters: async ({ consumer }) => {
      const entries: DeadLetterEntry[] = [];
      for (const runner of runners(operated)) {
        if (consumer !== '' && runner.definition.name !== consumer) continue;
        entries.push(...(await runner.deadLetters()));
      }
      return { deadLetters: entries.map(toDeadLetter) };
    },
    replayDeadLetters: async ({ consumer, stream }) => {
      const runner = runners(operated).find(({ definition }) => definition.name === consumer);
      if (runner === undefined) return refuse('consumer-unknown', { field: 'consumer' });
      return await runner.replay(stream);
    },
    rebuildProjection: async ({ projection }) => {
      const runner = operated.projections.find((one) => one.projection.name === projection);
      if (runner === undefined) return refuse('projection-unknown', { field: 'projection' });
      return { generation: await runner.rebuild() };
    },
  });
}

/** Position and head of every consumer in every partition. */
export async function consumerProgress(operated: OperatedConsumers): Promise<ConsumerProgress[]> {
  const rebuilds = new Map(
    operated.projections.map((runner) => [runner.consumer, runner.rebuilding()]),
  );
  const progress: ConsumerProgress[] = [];
  for (const runner of runners(operated)) {
    const positions = indexed(runner.positions());
    const rebuild = rebuilds.get(runner);
    const rebuilt = indexed(rebuild?.positions ?? []);
    for (const topic of runner.definition.topics) {
      for (const [partition, head] of (await operated.log.heads(topic)).entries()) {
        const place = `${topic}/${partition}`;
        progress.push({
          consumer: runner.definition.name,
          topic,
          partition,
          position: BigInt(positions.get(place) ?? 0),
          head: BigInt(head),
          rebuilding: rebuild !== undefined,
          rebuildPosition: BigInt(rebuilt.get(place) ?? 0),
        });
      }
    }
  }
  return progress;
}

function runners({ projections, reactions }: OperatedConsumers): ConsumerRunner[] {
  return [...projections.flatMap(({ consumer }) => consumer ?? []), ...reactions];
}

function indexed(
  positions: readonly { topic: string; partition: number; position: number }[],
): Map<string, number> {
  return new Map(positions.map((p) => [`${p.topic}/${p.partition}`, p.position]));
}

function toDeadLetter(entry: DeadLetterEntry): DeadLetter {
  const { recorded } = entry;
  return {
    consumer: entry.consumer,
    topic: entry.topic,
    partition: recorded.partition,
    position: BigInt(recorded.position),
    stream: entry.stream,
    eventId: recorded.id,
    eventType: recorded.type,
    reason: entry.reason,
    parked: entry.parked,
    attempts: entry.attempts,
    failedAt: entry.failedAt,
  };
}
