import type { EventOf } from '@unionfold/contracts';
import {
  type CommandContext,
  type CommandHandler,
  type CommandSession,
  type ConsumerDefinition,
  type DecodedEvent,
  eventsTopic,
  isRefusal,
  type ProjectionRunner,
  type RecordedEvent,
  TransientError,
} from '@unionfold/eventsourcing';
import { unionDecider } from '../union/decider.ts';
import { deepest } from '../union/upper-unions.ts';
import { resourceDecider } from './decider.ts';
import type { OfferDocument } from './offers-projection.ts';

/** Name of the consumer group; unique over all services, because they share the log. */
const name = 'resource-succession';
/** Resources looked at together. */
const pageSize = 64;
/** How long the list may take to show an offer before the partition rests; milliseconds. */
const patienceMs = 2_000;

type Trigger = EventOf<'UnionDissolved' | 'ResourceOffered' | 'ResourceHandedOver'>;

/** What the succession works with. */
export interface ResourceSuccessionEnvironment {
  readonly commands: Pick<CommandHandler, 'execute' | 'read'>;
  readonly offers: Pick<ProjectionRunner, 'get' | 'find' | 'waitFor' | 'rebuilding' | 'rebuilt'>;
}

/**
 * What a dissolved union offered passes to its successor (共享资源移交). The dissolution and the offers come in any
 * order. An offer's own event is handled only when the list shows it, and then asks whether its owner still lives: so
 * either the dissolution finds it in the list, or it finds the owner dissolved.
 */
export function resourceSuccession({
  commands,
  offers,
}: ResourceSuccessionEnvironment): ConsumerDefinition {
  const shown = async (resourceId: string, { partition, position, version }: RecordedEvent) => {
    if (offers.rebuilding() !== undefined) throw new TransientError('the list is being rebuilt');
    await offers.rebuilt();
    const topic = eventsTopic('organizations');
    if (await offers.waitFor([{ topic, partition, position }], patienceMs)) return;
    // Another process may write the list of this partition, and is not heard here: then the document counts.
    const listed = (await offers.get('offers', resourceId)) as OfferDocument | undefined;
    if ((listed?.version ?? 0) >= version) return;
    const { state } = await commands.read(resourceDecider, resourceId);
    if (state.status === 'offered') throw new TransientError('the list does not show the offer');
  };

  return {
    name,
    topics: [eventsTopic('organizations')],
    onPoison: 'park',
    apply: async ({ event, recorded }: DecodedEvent) => {
      const change = event as Trigger;
      const origin = originOf(recorded);
      switch (change.type) {
        case 'UnionDissolved': {
          const { unionId } = change.data;
          for (let after: readonly string[] | undefined; ; ) {
            const page = await offers.find('offers', {
              where: { ownerUnionId: unionId },
              limit: pageSize,
              ...(after === undefined ? {} : { after }),
            });
            for (const { id } of page) await passOn(commands, id, origin);
            const last = page.at(-1);
            if (last === undefined || page.length < pageSize) return;
            after = [last.id];
          }
        }
        case 'ResourceOffered':
        case 'ResourceHandedOver': {
          const { resourceId } = change.data;
          await shown(resourceId, recorded);
          await passOn(commands, resourceId, origin);
          return;
        }
        default:
      }
    },
  };
}

/** Every step may be repeated: a resource whose owner lives is left alone. */
async function passOn(
  commands: Pick<CommandHandler, 'execute' | 'read'>,
  resourceId: string,
  origin: CommandContext,
): Promise<void> {
  const { state } = await commands.read(resourceDecider, resourceId);
  const owner = await commands.read(unionDecider, state.ownerUnionId);
  if (state.status !== 'offered' || owner.state.status !== 'dissolved') return;
  // No idempotency key: the decision is a function of where things stand, and a repeat must decide anew.
  const outcome = await commands.execute(origin, async (session) => {
    const resource = await session.load(resourceDecider, resourceId);
    const toUnionId = await heirOf(session, resource.state.ownerUnionId);
    const reason = 'union-dissolved';
    return (
      resource.decide({ type: 'HandOverResource', resourceId, toUnionId, reason }) ?? resourceId
    );
  });
  if (!isRefusal(outcome)) return;
  if (outcome.refused === 'concurrent-change') throw new TransientError(outcome.refused);
  throw new Error(`${resourceId}: ${outcome.refused}`);
}

/** The union, or, when it was dissolved, the live one that followed it. */
async function heirOf(session: CommandSession, unionId: string): Promise<string> {
  let id = unionId;
  for (let steps = 0; steps < deepest; steps++) {
    const { state } = await session.load(unionDecider, id);
    if (state.status !== 'dissolved' || state.successorId === '') return id;
    id = state.successorId;
  }
  return id;
}

function originOf({ id, metadata }: RecordedEvent): CommandContext {
  const { correlationId, traceparent } = metadata;
  return {
    actor: `system:${name}`,
    correlationId,
    causationId: id,
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}
