import type { ReadModel } from '@unionfold/eventsourcing';
import type { Static } from 'typebox';
import { type PageRequest, readPage } from '../http/page.ts';
import type { UnionDocument } from '../read-models/federation/documents.ts';
import { type ChildUnion, statistics, type UnionFacts } from './answers.ts';

/** Unions that are not dissolved, by region, each with the totals of its subtree. */
export async function pageOfUnions(
  federation: ReadModel,
  where: Readonly<Record<string, string>>,
  page: PageRequest,
  tell: (union: UnionDocument) => Static<typeof UnionFacts>,
): Promise<{ items: Static<typeof ChildUnion>[]; next?: string }> {
  const found = await readPage(
    federation,
    {
      collection: 'unions',
      where: { ...where, status: ['preparing', 'pending', 'active', 'suspended'] },
      orderBy: ['regionCode', 'id'],
    },
    page,
  );
  const totals = await federation.getMany(
    'statistics',
    found.items.map(({ id }) => id),
  );
  return {
    ...found,
    items: found.items.map((union) => ({
      ...tell(union as UnionDocument),
      statistics: statistics(totals.get(union.id)),
    })),
  };
}
