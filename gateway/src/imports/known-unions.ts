import { type ProblemCode, refuse } from '@unionfold/contracts/problems';
import type { ReadModel, Refusal } from '@unionfold/eventsourcing';
import type { Scope } from '../jurisdiction/jurisdiction.ts';
import {
  pathIds,
  type RecordDocument,
  type UnionDocument,
} from '../read-models/federation/documents.ts';
import { unionTypes } from '../unions/answers.ts';
import { inSlices } from './in-slices.ts';
import type { KnownUnion, KnownUnions, PlannedRow } from './plan.ts';
import type { FaultyRow, TableUnion } from './union-row.ts';

/** Looks up all unions that a table speaks of, as the directory shows them now. */
export async function lookUp(
  federation: ReadModel,
  scope: Scope,
  entries: readonly (TableUnion | FaultyRow)[],
): Promise<KnownUnions> {
  const ids = new Set<string>();
  for (const entry of entries) {
    ids.add(entry.id);
    if ('fault' in entry) continue;
    ids.add(entry.territorialParentId);
    ids.add(entry.industryParentId);
  }
  ids.delete('');
  const inside = new Map<string, KnownUnion>();
  const industries = new Set<string>();
  for await (const page of inSlices(ids)) {
    const unions = await federation.getMany('unions', page);
    const records = await federation.getMany('records', page);
    for (const [id, document] of unions) {
      const union = document as UnionDocument;
      if (union.status === 'unknown') continue;
      if (unionTypes.toWord(union.type) === 'industry') industries.add(id);
      if (!scope.covers(union.path)) continue;
      const { status, type, industryParentId } = union;
      const { approvalDocument = '' } = (records.get(id) as RecordDocument | undefined) ?? {};
      inside.set(id, { status, type, industryParentId, approvalDocument });
    }
  }
  const path = await scope.path();
  return {
    topId: scope.unionId,
    isWhole: path !== undefined && pathIds(path).length === 1,
    inside: (id) => inside.get(id),
    isIndustryUnion: (id) => industries.has(id),
  };
}

/**
 * An import takes minutes, and in the meantime unions move: which of these rows are about a union, or would put one
 * under a union, that lies outside the jurisdiction now. They are refused like what there never was.
 */
export async function lookAgain(
  federation: ReadModel,
  scope: Scope,
  rows: readonly PlannedRow[],
): Promise<ReadonlyMap<PlannedRow, Refusal<ProblemCode>>> {
  const ids = new Set(rows.flatMap(({ union }) => [union.id, union.territorialParentId]));
  ids.delete('');
  const unions = await federation.getMany('unions', [...ids]);
  const isOutside = (id: string) => {
    const union = unions.get(id) as UnionDocument | undefined;
    return union !== undefined && union.status !== 'unknown' && !scope.covers(union.path);
  };
  const outside = new Map<PlannedRow, Refusal<ProblemCode>>();
  for (const row of rows) {
    const { id, territorialParentId } = row.union;
    // A new union is the owner's to judge: that its id is taken outside is told as for any other id.
    if (!row.onlyNew && isOutside(id)) {
      outside.set(row, refuse('import-id-unavailable', { field: 'id' }));
    } else if (isOutside(territorialParentId)) {
      outside.set(row, refuse('parent-unknown', { field: 'territorialParentId' }));
    }
  }
  return outside;
}
