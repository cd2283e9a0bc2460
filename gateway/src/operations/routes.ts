import type { ConsumerProgress, DeadLetter } from '@unionfold/contracts/operations';
import type { ProjectionRunner } from '@unionfold/eventsourcing';
import {
  consumerProgress,
  type Platform,
  RemoteUnavailableError,
  rebuildProjection,
  replayDeadLetters,
  type ServiceName,
  serviceNames,
} from '@unionfold/service-kit';
import type { FastifyRequest } from 'fastify';
import Type, { type Static } from 'typebox';
import type { GatewayContext } from '../context.ts';
import { idField } from '../http/command-fields.ts';
import { type Api, queryOrigin } from '../http/exchange.ts';
import { body, noBody, operation, reference, textEnum } from '../http/operation.ts';
import { granted } from '../http/refused.ts';

const roles = ['operator'] as const;
const owners = ['gateway', ...serviceNames] as const;

const Consumer = Type.Object(
  {
    service: textEnum(owners),
    consumer: Type.String({
      description:
        '消费者名称；relay 为向日志发布事件 | Its name; relay is what publishes the events of the service.',
    }),
    topic: Type.String(),
    partition: Type.Integer(),
    position: Type.Integer({
      description: '已处理到的位置 | Last position handled, parked or dead-lettered.',
    }),
    head: Type.Integer({ description: '日志末尾 | Last position appended.' }),
    lag: Type.Integer(),
    rebuilding: Type.Boolean(),
    rebuildPosition: Type.Integer(),
  },
  { $id: 'Consumer' },
);

const DeadLetterAnswer = Type.Object(
  {
    service: textEnum(owners),
    consumer: Type.String(),
    topic: Type.String(),
    partition: Type.Integer(),
    position: Type.Integer(),
    stream: Type.String(),
    eventId: Type.String(),
    eventType: Type.String(),
    reason: Type.String(),
    parked: Type.Boolean({
      description: '因同一流中更早的事件而等待 | Waits for an earlier event of its stream.',
    }),
    attempts: Type.Integer(),
    failedAt: Type.String(),
  },
  { $id: 'DeadLetter' },
);

const unreachable = Type.Array(textEnum(serviceNames), {
  description: '未应答的服务 | Services that did not answer.',
});

/** What operators see and do: consumers, dead letters, rebuilds. No member's data. */
export function operationRoutes(
  api: Api,
  context: GatewayContext,
  log: Platform['log'],
  projections: readonly ProjectionRunner[],
): void {
  const { operations } = context.services;
  api.addSchema(Consumer);
  api.addSchema(DeadLetterAnswer);

  api.get(
    '/operations/consumers',
    operation({
      id: 'listConsumers',
      tag: 'operations',
      summary: { zh: '消费者进度', en: 'Consumers with their progress and lag' },
      roles,
      answer: Type.Object({ items: Type.Array(reference(Consumer)), unreachable }),
    }),
    async (request) => {
      const own = await consumerProgress({ projections, reactions: [], log });
      const asked = await everyService(async (service) => {
        const answer = await operations[service].listConsumers({}, queryOrigin(request));
        return granted(answer).consumers.map((consumer) => consumerAnswer(service, consumer));
      });
      return {
        items: [...own.map((consumer) => consumerAnswer('gateway', consumer)), ...asked.found],
        unreachable: asked.unreachable,
      };
    },
  );

  api.get(
    '/operations/dead-letters',
    operation({
      id: 'listDeadLetters',
      tag: 'operations',
      summary: { zh: '死信', en: 'Events that could not be handled, and those behind them' },
      roles,
      querystring: Type.Object({ consumer: Type.Optional(Type.String({ maxLength: 128 })) }),
      answer: Type.Object({ items: Type.Array(reference(DeadLetterAnswer)), unreachable }),
    }),
    async (request) => {
      const { consumer = '' } = request.query;
      const asked = await everyService(async (service) => {
        const answer = await operations[service].listDeadLetters(
          { consumer },
          queryOrigin(request),
        );
        return granted(answer).deadLetters.map((letter) => deadLetterAnswer(service, letter));
      });
      return {
        items: [...(await ownDeadLetters(consumer)), ...asked.found],
        unreachable: asked.unreachable,
      };
    },
  );

  api.post(
    '/operations/dead-letters/replay',
    operation({
      id: 'replayDeadLetters',
      tag: 'operations',
      summary: { zh: '重新处理死信', en: 'Handle a stream’s dead letters again' },
      roles,
      body: body({
        service: textEnum(owners),
        consumer: idField('消费者 | The consumer.'),
        stream: Type.String({ minLength: 1, maxLength: 200 }),
      }),
      answer: Type.Object({ handled: Type.Integer(), remaining: Type.Integer() }),
      problems: ['consumer-unknown', 'dead-letter-unknown', 'service-unavailable'],
    }),
    async (request) => {
      const { service, consumer, stream } = request.body;
      audit(request, 'dead-letters.replay', { service, consumer, stream });
      const letters = { consumer, stream };
      return granted(
        service === 'gateway'
          ? await replayDeadLetters({ projections, reactions: [] }, letters)
          : await operations[service].replayDeadLetters(letters, queryOrigin(request)),
      );
    },
  );

  api.post(
    '/operations/projections/:projection/rebuild',
    operation({
      id: 'rebuildProjection',
      tag: 'operations',
      summary: { zh: '重建投影', en: 'Rebuild a projection beside the one that serves' },
      description: '进度见消费者列表 | The list of consumers shows its progress.',
      roles,
      params: Type.Object({ projection: Type.String() }),
      querystring: Type.Object({
        service: Type.Optional(textEnum(owners, '默认 gateway | Default gateway.')),
      }),
      body: noBody,
      answer: Type.Object({ generation: Type.Integer() }),
      problems: ['projection-unknown', 'projection-rebuild-running', 'service-unavailable'],
    }),
    async (request) => {
      const { projection } = request.params;
      const { service = 'gateway' } = request.query;
      audit(request, 'projections.rebuild', { service, projection });
      return granted(
        service === 'gateway'
          ? await rebuildProjection({ projections }, projection)
          : await operations[service].rebuildProjection({ projection }, queryOrigin(request)),
      );
    },
  );

  async function ownDeadLetters(consumer: string): Promise<Static<typeof DeadLetterAnswer>[]> {
    const found: Static<typeof DeadLetterAnswer>[] = [];
    for (const { consumer: runner } of projections) {
      if (runner === undefined) continue;
      if (consumer !== '' && runner.definition.name !== consumer) continue;
      for (const { recorded, ...letter } of await runner.deadLetters()) {
        const { partition, position, id, type } = recorded;
        found.push({
          service: 'gateway',
          ...letter,
          partition,
          position,
          eventId: id,
          eventType: type,
        });
      }
    }
    return found;
  }

  function audit(request: FastifyRequest, action: string, target: Record<string, string>): void {
    const { caller, correlationId } = request;
    context.logger.info(
      { audit: true, actor: caller?.subject, correlationId, action, ...target },
      'audit',
    );
  }
}

/** Asks every service; those that are down are told, and hide nothing of the others. */
async function everyService<Item>(
  ask: (service: ServiceName) => Promise<Item[]>,
): Promise<{ readonly found: Item[]; readonly unreachable: ServiceName[] }> {
  const down: ServiceName[] = [];
  const found = await Promise.all(
    serviceNames.map(async (service) => {
      try {
        return await ask(service);
      } catch (error) {
        if (!(error instanceof RemoteUnavailableError)) throw error;
        down.push(service);
        return [];
      }
    }),
  );
  return { found: found.flat(), unreachable: down.toSorted() };
}

function consumerAnswer(
  service: (typeof owners)[number],
  progress: ConsumerProgress,
): Static<typeof Consumer> {
  const { consumer, topic, partition, rebuilding } = progress;
  const [position, head] = [Number(progress.position), Number(progress.head)];
  return {
    service,
    consumer,
    topic,
    partition,
    position,
    head,
    lag: Math.max(0, head - position),
    rebuilding,
    rebuildPosition: Number(progress.rebuildPosition),
  };
}

function deadLetterAnswer(
  service: ServiceName,
  letter: DeadLetter,
): Static<typeof DeadLetterAnswer> {
  return { ...letter, service, position: Number(letter.position) };
}
