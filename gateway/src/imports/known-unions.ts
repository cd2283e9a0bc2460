import type { ReadModel } from '@unionfold/eventsourcing';
import type { Scope } from '../jurisdiction/jurisdiction.ts';
import {
  pathIds,
  type RecordDocument,
  type UnionDocument,
} from '../read-models/federation/documents.ts';
import { unionTypes } from '../unions/answers.ts';
import type { KnownUnion, KnownUnions } from './plan.ts';
import type { FaultyRow, TableUnion } from './union-row.ts';

const pageSize = 1_000;

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
  const all = [...ids];
  for (let from = 0; from < all.length; from += pageSize) {
    const page = all.slice(from, from + pageSize);
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
