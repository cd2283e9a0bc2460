import {
  type ConsumerProgress,
  type DeadLetter,
  OperationsServiceService,
} from '@unionfold/contracts/operations';
import {
  type ConsumerPosition,
  type ConsumerRunner,
  type DeadLetterEntry,
  type EventLog,
  type ProjectionRunner,
  type Refusal,
  refuse,
  UnknownTopicError,
} from '@unionfold/eventsourcing';
import type { PublishingProgress } from './platform/platform.ts';
import { type RpcService, rpcService } from './rpc/server.ts';

/** What the operations of a process are about. */
export interface OperatedConsumers {
  readonly projections: readonly ProjectionRunner[];
  readonly reactions: readonly ConsumerRunner[];
  readonly log: EventLog;
  /** How far the service's own events are published; absent where there is nothing to publish. */
  readonly publishing?: () => Promise<readonly PublishingProgress[]>;
}

/** The name under which publishing is listed: it follows the event store as consumers follow the log. */
const relayName = 'relay';

/** Dead letters in one answer at most, for each consumer: an answer has a largest size, and a person reads it. */
const listedLetters = 1_000;

/** The operators' gRPC service over the consumers of one process. */
export function operationsService(operated: OperatedConsumers): RpcService {
  return rpcService(OperationsServiceService, {
    listConsumers: async () => ({ consumers: await consumerProgress(operated) }),
    listDeadLetters: async ({ consumer }) => {
      const entries: DeadLetterEntry[] = [];
      for (const runner of runners(operated)) {
        if (consumer !== '' && runner.definition.name !== consumer) continue;
        entries.push(...(await runner.deadLetters(undefined, listedLetters)));
      }
      return { deadLetters: entries.map(toDeadLetter) };
    },
    replayDeadLetters: async (request) => await replayDeadLetters(operated, request),
    rebuildProjection: async ({ projection }) => await rebuildProjection(operated, projection),
  });
}

/** Has a consumer handle a stream's dead letters again, as far as that goes. */
export async function replayDeadLetters(
  operated: Pick<OperatedConsumers, 'projections' | 'reactions'>,
  { consumer, stream }: { readonly consumer: string; readonly stream: string },
): Promise<{ readonly handled: number; readonly remaining: number } | Refusal> {
  const runner = runners(operated).find(({ definition }) => definition.name === consumer);
  const params = { consumer };
  if (runner === undefined) return refuse('consumer-unknown', { field: 'consumer', params });
  const outcome = await runner.replay(stream);
  return outcome.handled + outcome.remaining === 0
    ? refuse('dead-letter-unknown', { field: 'stream', params })
    : outcome;
}

/** Begins to build a read model anew beside the one that serves. */
export async function rebuildProjection(
  operated: Pick<OperatedConsumers, 'projections'>,
  projection: string,
): Promise<{ readonly generation: number } | Refusal> {
  const runner = operated.projections.find((one) => one.projection.name === projection);
  const details = { field: 'projection', params: { projection } };
  if (runner === undefined) return refuse('projection-unknown', details);
  // Asked for twice, it would begin anew. One that cannot end may be begun anew.
  const running = runner.rebuilding();
  if (running !== undefined && running.failure === undefined) {
    return refuse('projection-rebuild-running', details);
  }
  return { generation: await runner.rebuild() };
}

/**
 * Position and head of every consumer, and of the relay, in every partition; topics that the log does not know yet are
 * left out.
 */
export async function consumerProgress(operated: OperatedConsumers): Promise<ConsumerProgress[]> {
  const progress: ConsumerProgress[] = [];
  for (const projection of operated.projections) {
    await projection.look();
    const rebuild = projection.rebuilding();
    // A changed projection is built before it has a live consumer; then only its rebuild has progress.
    const shown = projection.consumer ?? projection.builder;
    if (shown === undefined) continue;
    const { name, topics } = shown.definition;
    const reached = { positions: projection.positions(), rebuild: rebuild?.positions };
    progress.push(...(await progressOf({ name, topics }, reached, operated.log)));
  }
  for (const runner of operated.reactions) {
    await runner.look();
    const reached = { positions: runner.positions() };
    progress.push(...(await progressOf(runner.definition, reached, operated.log)));
  }
  for (const { topic, partition, position, head } of (await operated.publishing?.()) ?? []) {
    progress.push({
      consumer: relayName,
      topic,
      partition,
      position: BigInt(position),
      head: BigInt(head),
      rebuilding: false,
      rebuildPosition: 0n,
    });
  }
  return progress;
}

async function progressOf(
  { name, topics }: { readonly name: string; readonly topics: readonly string[] },
  reached: {
    readonly positions: readonly ConsumerPosition[];
    readonly rebuild?: readonly ConsumerPosition[] | undefined;
  },
  log: EventLog,
): Promise<ConsumerProgress[]> {
  const positions = indexed(reached.positions);
  const rebuilt = indexed(reached.rebuild ?? []);
  const progress: ConsumerProgress[] = [];
  for (const topic of topics) {
    const heads = await log.heads(topic).catch((error: unknown) => {
      // A service that has not started has no topic; what the others do must be seen all the same.
      if (error instanceof UnknownTopicError) return [];
      throw error;
    });
    for (const [partition, head] of heads.entries()) {
      const place = `${topic}/${partition}`;
      progress.push({
        consumer: name,
        topic,
        partition,
        position: BigInt(positions.get(place) ?? 0),
        head: BigInt(head),
        rebuilding: reached.rebuild !== undefined,
        rebuildPosition: BigInt(rebuilt.get(place) ?? 0),
      });
    }
  }
  return progress;
}

/** Those that serve, and those that fill a new generation: both have dead letters. */
function runners({
  projections,
  reactions,
}: Pick<OperatedConsumers, 'projections' | 'reactions'>): ConsumerRunner[] {
  return [
    ...projections.flatMap(({ consumer, builder }) => [consumer ?? [], builder ?? []].flat()),
    ...reactions,
  ];
}

function indexed(positions: readonly ConsumerPosition[]): Map<string, number> {
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
