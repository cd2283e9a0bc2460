import { searchTerms } from '@unionfold/codes';
import type { EventName } from '@unionfold/contracts';
import type { RecordedEvent } from '@unionfold/eventsourcing';
import type {
  StructureEntryDocument,
  UnionDocument,
  UnionHistoryDocument,
  UnionVersion,
} from './documents.ts';
import { refreshCovers } from './employers.ts';
import type { EventHandlers, FederationContext } from './projection.ts';
import { refreshRecord } from './records.ts';
import { refreshReach } from './resources.ts';

/** The directory of unions (工会名录), with what it was before and what has changed. */
export const unionHandlers: EventHandlers = {
  UnionPreparationBegun: async (union, context, recorded) => {
    const { unionId, name, territorialParentId: parentId, regionCode, synthetic } = union;
    const facts = {
      status: 'preparing',
      name,
      regionCode,
      synthetic,
      terms: terms(name, unionId, ''),
    } as const;
    await revise(unionId, facts, context, recorded, { parentId });
    await log('UnionPreparationBegun', unionId, context, recorded, { parentId });
  },
  UnionEstablished: async (union, context, recorded) => {
    const { unionId, name, creditCode, territorialParentId: parentId } = union;
    const facts = {
      status: 'pending',
      name,
      type: union.type,
      industryParentId: union.industryParentId,
      regionCode: union.regionCode,
      creditCode,
      foundedOn: union.foundedOn,
      synthetic: union.synthetic,
      terms: terms(name, unionId, creditCode),
    } as const;
    await revise(unionId, facts, context, recorded, { parentId });
    await refreshReach(context.documents, context.tree, unionId);
  },
  UnionApproved: async (approval, context, recorded) => {
    const { unionId, approvedByUnionId, approvalDocument } = approval;
    await revise(unionId, { status: 'active' }, context, recorded);
    await refreshRecord(unionId, context, { approvalDocument });
    await context.tree.add(unionId, { unions: 1 });
    // An establishment counts from its approval.
    await log('UnionApproved', unionId, context, recorded, { approvedByUnionId });
  },
  UnionRenamed: async ({ unionId, name }, context, recorded) => {
    const { name: formerName, creditCode } = await context.tree.union(unionId);
    const found = terms(name, unionId, creditCode);
    await revise(unionId, { name, terms: found }, context, recorded);
    await log('UnionRenamed', unionId, context, recorded, { formerName });
  },
  UnionMoved: async ({ unionId, fromParentId, toParentId: parentId }, context, recorded) => {
    await revise(unionId, {}, context, recorded, { parentId });
    await refreshRecord(unionId, context, { parentId });
    const facts = { fromParentId, parentId };
    await log('UnionMoved', unionId, context, recorded, facts);
    // Where it went away from, the move is told as well.
    if (fromParentId !== '') {
      await log('UnionMoved', unionId, context, recorded, facts, fromParentId);
    }
    await refreshReach(context.documents, context.tree, unionId);
  },
  UnionIndustryParentChanged: async ({ unionId, fromParentId, toParentId }, context, recorded) => {
    await revise(unionId, { industryParentId: toParentId }, context, recorded);
    await log('UnionIndustryParentChanged', unionId, context, recorded, {
      fromParentId,
      toParentId,
    });
  },
  UnionTypeChanged: async ({ unionId, fromType, toType }, context, recorded) => {
    await revise(unionId, { type: toType }, context, recorded);
    await refreshRecord(unionId, context);
    await log('UnionTypeChanged', unionId, context, recorded, { fromType, toType });
  },
  UnionSuspended: async ({ unionId }, context, recorded) => {
    await revise(unionId, { status: 'suspended' }, context, recorded);
    await log('UnionSuspended', unionId, context, recorded, {});
  },
  UnionResumed: async ({ unionId }, context, recorded) => {
    await revise(unionId, { status: 'active' }, context, recorded);
    await log('UnionResumed', unionId, context, recorded, {});
  },
  UnionSplit: async ({ unionId, parts }, context, recorded) => {
    await revise(unionId, {}, context, recorded);
    const partIds = parts.map((part) => part.unionId).join(' ');
    await log('UnionSplit', unionId, context, recorded, { partIds });
  },
  UnionDissolved: async ({ unionId, successorId, merged }, context, recorded) => {
    const { status } = await context.tree.union(unionId);
    await revise(unionId, { status: 'dissolved', successorId }, context, recorded);
    await refreshRecord(unionId, context);
    // A union that was never approved was never counted.
    if (status === 'active' || status === 'suspended') {
      await context.tree.add(unionId, { unions: -1 });
    }
    await refreshCovers(context, unionId);
    const how = merged === true ? { merged: 'true' } : {};
    await log('UnionDissolved', unionId, context, recorded, { successorId, ...how });
  },
  UnionRestored: async ({ unionId, successorId }, context, recorded) => {
    await revise(unionId, { status: 'active', successorId: '' }, context, recorded);
    await refreshRecord(unionId, context);
    await context.tree.add(unionId, { unions: 1 });
    await refreshCovers(context, unionId);
    await log('UnionRestored', unionId, context, recorded, { successorId });
  },
};

/** Changes a union's facts; what it was until the day before is kept. */
async function revise(
  unionId: string,
  facts: Partial<UnionDocument>,
  { documents, tree, day }: FederationContext,
  { version }: RecordedEvent,
  place?: { readonly parentId: string },
): Promise<void> {
  const before = await tree.union(unionId);
  if (before.since !== '' && before.since < day) {
    const history = (await documents.get('union_history', unionId)) as
      | UnionHistoryDocument
      | undefined;
    const versions = [...(history?.versions ?? []), { ...versionOf(before), until: day }];
    documents.put('union_history', { id: unionId, versions });
  }
  if (place !== undefined) await tree.place(unionId, place.parentId);
  const since = before.since > day ? before.since : day;
  documents.put('unions', { ...(await tree.union(unionId)), ...facts, since, version });
}

/** The facts of a union that are kept when it becomes otherwise. */
export function versionOf(union: UnionDocument): Omit<UnionVersion, 'until'> {
  const { name, type, status, parentId, industryParentId, regionCode } = union;
  const { creditCode, foundedOn, successorId, since } = union;
  return {
    name,
    type,
    status,
    parentId,
    industryParentId,
    regionCode,
    creditCode,
    foundedOn,
    successorId,
    since,
  };
}

/** An entry in the list of changes, at the union's place or at that of another one: it goes wherever that one goes. */
async function log(
  event: EventName,
  unionId: string,
  { documents, tree, day }: FederationContext,
  recorded: RecordedEvent,
  facts: Readonly<Record<string, string>>,
  atUnionId = unionId,
): Promise<void> {
  const { name } = await tree.union(unionId);
  await tree.add(atUnionId, {});
  documents.put('structure_log', {
    id: atUnionId === unionId ? recorded.id : `${recorded.id}@${atUnionId}`,
    unionId,
    path: (await tree.union(atUnionId)).path,
    day,
    event,
    name,
    facts,
  } satisfies StructureEntryDocument);
}

function terms(name: string, unionId: string, creditCode: string): string[] {
  return [...searchTerms(name), unionId.toLowerCase(), creditCode.toLowerCase()].filter(
    (term) => term !== '',
  );
}
