import { searchTerms } from '@unionfold/codes';
import { refreshCovers } from './employers.ts';
import type { EventHandlers } from './projection.ts';
import { refreshReach } from './resources.ts';

/** The directory of unions (工会名录). */
export const unionHandlers: EventHandlers = {
  UnionEstablished: async (union, { documents, tree }, { version }) => {
    await tree.place(union.unionId, union.territorialParentId);
    documents.put('unions', {
      ...(await tree.union(union.unionId)),
      status: 'pending',
      name: union.name,
      type: union.type,
      industryParentId: union.industryParentId,
      regionCode: union.regionCode,
      creditCode: union.creditCode,
      foundedOn: union.foundedOn,
      synthetic: union.synthetic,
      version,
      terms: terms(union.name, union.unionId, union.creditCode),
    });
    await refreshReach(documents, tree, union.unionId);
  },
  UnionApproved: async ({ unionId }, { documents, tree }, { version }) => {
    documents.put('unions', { ...(await tree.union(unionId)), status: 'active', version });
    await tree.add(unionId, { unions: 1 });
  },
  UnionRenamed: async ({ unionId, name }, { documents, tree }, { version }) => {
    const union = await tree.union(unionId);
    documents.put('unions', {
      ...union,
      name,
      version,
      terms: terms(name, unionId, union.creditCode),
    });
  },
  UnionMoved: async ({ unionId, toParentId }, { documents, tree }, { version }) => {
    await tree.place(unionId, toParentId);
    documents.put('unions', { ...(await tree.union(unionId)), version });
    await refreshReach(documents, tree, unionId);
  },
  UnionDissolved: async ({ unionId, successorId }, context, { version }) => {
    const { documents, tree } = context;
    const union = await tree.union(unionId);
    documents.put('unions', { ...union, status: 'dissolved', successorId, version });
    // A union that was never approved was never counted.
    if (union.status === 'active') await tree.add(unionId, { unions: -1 });
    await refreshCovers(context, unionId);
  },
};

function terms(name: string, unionId: string, creditCode: string): string[] {
  return [...searchTerms(name), unionId.toLowerCase(), creditCode.toLowerCase()].filter(
    (term) => term !== '',
  );
}
