import type { EventOf } from '@unionfold/contracts';
import {
  type CommandContext,
  type CommandHandler,
  type CommandSession,
  type ConsumerDefinition,
  type DecodedEvent,
  eventsTopic,
  expectCarriedOut,
  type ProjectionRunner,
  type RecordedEvent,
  reactionTo,
  TransientError,
} from '@unionfold/eventsourcing';
import { unionDecider } from '../union/decider.ts';
import { deepest } from '../union/hierarchy.ts';
import { resourceDecider } from './decider.ts';
import type { OfferDocument } from './offers-projection.ts';
import type { HandOverReason, ResourceState } from './resource.ts';

/** Name of the consumer group; unique over all services, because they share the log. */
const name = 'resource-succession';
/** Resources looked at together. */
const pageSize = 64;
/** How long the list may take to show an offer before the partition rests; milliseconds. */
const patienceMs = 2_000;

type Trigger = EventOf<
  'UnionDissolved' | 'UnionRestored' | 'ResourceOffered' | 'ResourceHandedOver'
>;

type Commands = Pick<CommandHandler, 'execute' | 'read'>;

/** What the succession works with. */
export interface ResourceSuccessionEnvironment {
  readonly commands: Commands;
  readonly offers: Pick<ProjectionRunner, 'get' | 'find' | 'waitFor' | 'rebuilding' | 'rebuilt'>;
}

/**
 * What a dissolved union offered passes to its successor, and back to it should it be restored (共享资源移交). The
 * changes of unions and those of resources come in any order. A resource's own event is handled only when the list shows
 * it, and then asks how the unions stand: so either the union's event finds the resource in the list, or the resource's
 * event finds the union dissolved or restored.
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

  const eachOffer = async (
    where: Readonly<Record<string, string>>,
    work: (resourceId: string) => Promise<void>,
  ) => {
    for (let after: readonly string[] | undefined; ; ) {
      const page = await offers.find('offers', {
        where,
        limit: pageSize,
        ...(after === undefined ? {} : { after }),
      });
      for (const { id } of page) await work(id);
      const last = page.at(-1);
      if (last === undefined || page.length < pageSize) return;
      after = [last.id];
    }
  };

  return {
    name,
    topics: [eventsTopic('organizations')],
    onPoison: 'park',
    apply: async ({ event, recorded }: DecodedEvent) => {
      const change = event as Trigger;
      const origin = reactionTo(recorded, name);
      switch (change.type) {
        case 'UnionDissolved':
          await eachOffer({ ownerUnionId: change.data.unionId }, (id) =>
            passOn(commands, id, origin),
          );
          return;
        case 'UnionRestored':
          await eachOffer({ formerOwnerId: change.data.unionId }, (id) =>
            giveBack(commands, id, origin),
          );
          return;
        case 'ResourceOffered':
        case 'ResourceHandedOver': {
          const { resourceId } = change.data;
          await shown(resourceId, recorded);
          await passOn(commands, resourceId, origin);
          await giveBack(commands, resourceId, origin);
          return;
        }
        default:
      }
    },
  };
}

/** To the successor, from an owner that was dissolved. Every step may be repeated: what is where it belongs is left alone. */
async function passOn(commands: Commands, resourceId: string, origin: CommandContext) {
  const { state } = await commands.read(resourceDecider, resourceId);
  const owner = await commands.read(unionDecider, state.ownerUnionId);
  if (state.status !== 'offered' || owner.state.status !== 'dissolved') return;
  await handOver(commands, resourceId, origin, async (session, { ownerUnionId }) => ({
    toUnionId: await heirOf(session, ownerUnionId),
    reason: 'union-dissolved',
  }));
}

/** To the union that it came from, where that lives again. */
async function giveBack(commands: Commands, resourceId: string, origin: CommandContext) {
  const { state } = await commands.read(resourceDecider, resourceId);
  if (state.status !== 'offered' || state.formerOwnerId === '') return;
  const former = await commands.read(unionDecider, state.formerOwnerId);
  if (former.state.status !== 'active') return;
  await handOver(commands, resourceId, origin, async (session, { ownerUnionId, formerOwnerId }) => {
    const isBack =
      formerOwnerId !== '' &&
      (await session.load(unionDecider, formerOwnerId)).state.status === 'active';
    return { toUnionId: isBack ? formerOwnerId : ownerUnionId, reason: 'union-restored' };
  });
}

async function handOver(
  commands: Commands,
  resourceId: string,
  origin: CommandContext,
  to: (
    session: CommandSession,
    state: ResourceState,
  ) => Promise<{ readonly toUnionId: string; readonly reason: HandOverReason }>,
): Promise<void> {
  // No idempotency key: the decision is a function of where things stand, and a repeat must decide anew.
  const outcome = await commands.execute(origin, async (session) => {
    const resource = await session.load(resourceDecider, resourceId);
    const target = await to(session, resource.state);
    return resource.decide({ type: 'HandOverResource', resourceId, ...target }) ?? resourceId;
  });
  expectCarriedOut(outcome, resourceId);
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
