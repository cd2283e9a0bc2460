import type { ConsumerPosition, ProjectionRunner } from '@unionfold/eventsourcing';
import type { FastifyRequest } from 'fastify';
import type { Api } from './exchange.ts';
import { parsePositionToken, positionHeader } from './position-token.ts';
import { refused } from './refused.ts';

/**
 * Makes requests that bring positions wait, bounded, until the read models hold them, so that everybody sees what they
 * have just done. A command that brings none waits for nothing: its owner decides on what is stored.
 */
export function waitForPositions(
  api: Api,
  projections: readonly ProjectionRunner[],
  timeoutMs: number,
): void {
  api.addHook('preHandler', async (request) => {
    const text = positionOf(request);
    if (text === undefined) return;
    const targets = parsePositionToken(text);
    if (targets === undefined) {
      throw refused('position-token-invalid', { field: 'Unionfold-Position' });
    }
    const seen = await Promise.all(
      projections.map((runner) => runner.waitFor(of(runner, targets), timeoutMs)),
    );
    if (seen.includes(false)) {
      throw refused('read-model-behind', { params: { seconds: Math.ceil(timeoutMs / 1_000) } });
    }
  });
}

function positionOf(request: FastifyRequest): string | undefined {
  const header = request.headers[positionHeader];
  if (typeof header === 'string' && header !== '') return header;
  const { position } = request.query as { readonly position?: string };
  return position === '' ? undefined : position;
}

function of(
  { projection }: ProjectionRunner,
  targets: readonly ConsumerPosition[],
): ConsumerPosition[] {
  return targets.filter(({ topic }) => projection.topics.includes(topic));
}
