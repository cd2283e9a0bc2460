import type { EventOf } from '@unionfold/contracts';
import type { RecordedEvent } from '@unionfold/eventsourcing';
import { type AddressedNotice, toUnion } from './addressing.ts';
import type { Lookups } from './lookups.ts';

/** The events of unions that concern somebody, or tell who will be concerned. */
export type UnionChange = EventOf<
  'UnionEstablished' | 'UnionApproved' | 'UnionRenamed' | 'UnionMoved' | 'UnionDissolved'
>;

/**
 * The upper union is asked for its approval only where one is still to be given: not for an establishment that was
 * approved by the same command. The approval, if there is one, is the next event of the same stream and was appended
 * together with it; it need not come in the same batch, so it is looked for in the batch (which spares thousands of
 * questions when a tree is loaded) and otherwise asked of the owning service, which has both or none.
 * @param approvedInBatch ids of unions whose approval is known to follow
 */
export async function onEstablished(
  { data }: EventOf<'UnionEstablished'>,
  recorded: RecordedEvent,
  lookups: Lookups,
  approvedInBatch: ReadonlySet<string>,
): Promise<AddressedNotice[]> {
  const { unionId, name: unionName, territorialParentId: parentId, synthetic } = data;
  const establishedBy = commandOf(recorded);
  lookups.rememberUnion({ id: unionId, name: unionName, parentId, synthetic, establishedBy });
  if (synthetic || parentId === '' || approvedInBatch.has(unionId)) return [];
  if (!(await lookups.awaitsApproval(unionId))) return [];
  return [
    toUnion(parentId, {
      template: 'union-awaits-approval',
      aboutType: 'union',
      aboutId: unionId,
      params: { unionId, unionName },
    }),
  ];
}

/** The union is told of the approval it waited for: made-up unions wait for nothing, nor do those approved at once. */
export async function onApproved(
  { data }: EventOf<'UnionApproved'>,
  recorded: RecordedEvent,
  lookups: Lookups,
): Promise<AddressedNotice[]> {
  const { unionId, approvedByUnionId, approvalDocument } = data;
  const union = await established(unionId, lookups);
  if (union.synthetic || union.establishedBy === commandOf(recorded)) return [];
  const approvedByUnionName = await lookups.nameOf(approvedByUnionId);
  return [
    toUnion(unionId, {
      template: 'union-approved',
      aboutType: 'union',
      aboutId: unionId,
      params: {
        unionId,
        unionName: union.name,
        approvedByUnionId,
        approvedByUnionName,
        approvalDocument,
      },
    }),
  ];
}

/** Nobody is told of a new name, but later notices use it. */
export async function onRenamed(
  { data }: EventOf<'UnionRenamed'>,
  lookups: Lookups,
): Promise<AddressedNotice[]> {
  lookups.rememberUnion({ ...(await established(data.unionId, lookups)), name: data.name });
  return [];
}

/** The union itself, the upper union it left and the one it joined. */
export async function onMoved(
  { data }: EventOf<'UnionMoved'>,
  lookups: Lookups,
): Promise<AddressedNotice[]> {
  const { unionId, fromParentId, toParentId } = data;
  const union = await established(unionId, lookups);
  lookups.rememberUnion({ ...union, parentId: toParentId });
  const about = {
    aboutType: 'union',
    aboutId: unionId,
    params: {
      unionId,
      unionName: union.name,
      fromUnionId: fromParentId,
      fromUnionName: await lookups.nameOf(fromParentId),
      toUnionId: toParentId,
      toUnionName: await lookups.nameOf(toParentId),
    },
  } as const;
  return [
    toUnion(unionId, { template: 'union-moved', ...about }),
    toUnion(fromParentId, { template: 'subordinate-left', ...about }),
    toUnion(toParentId, { template: 'subordinate-joined', ...about }),
  ];
}

/** The successor. */
export async function onDissolved(
  { data }: EventOf<'UnionDissolved'>,
  lookups: Lookups,
): Promise<AddressedNotice[]> {
  const { unionId, successorId } = data;
  const { name: unionName } = await established(unionId, lookups);
  return [
    toUnion(successorId, {
      template: 'union-taken-over',
      aboutType: 'union',
      aboutId: unionId,
      params: { unionId, unionName },
    }),
  ];
}

/** Tells one command from another: all events of one have its moment and its request. */
function commandOf({ metadata }: RecordedEvent): string {
  return `${metadata.correlationId} ${metadata.occurredAt}`;
}

async function established(unionId: string, lookups: Lookups) {
  const union = await lookups.knownUnion(unionId);
  // The establishment is the first event of the same stream.
  if (union === undefined) throw new Error(`union ${unionId} was never established`);
  return union;
}
