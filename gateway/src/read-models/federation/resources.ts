import { ResourceAudience, type ResourceTerms, UnionType } from '@unionfold/contracts';
import type { Document, UnitOfWork } from '@unionfold/eventsourcing';
import { countOffer, resourcePathOf } from './bookings.ts';
import type { ResourceDocument, TermsDocument, UnionDocument } from './documents.ts';
import type { EventHandlers } from './projection.ts';
import type { UnionTree } from './tree.ts';

/** The resources of one union, so that they can be found when it moves. */
interface UnionResources extends Document {
  readonly resourceIds: readonly string[];
}

/** Resources that unions share with one another (共享资源). */
export const resourceHandlers: EventHandlers = {
  ResourceOffered: async (offer, context, { version }) => {
    const { documents, tree } = context;
    const { ownerUnionId, resourceId, kind, name, description, audience } = offer;
    await countOffer(context, ownerUnionId, kind, 1);
    const owner = await tree.union(ownerUnionId);
    const resource: ResourceDocument = {
      id: resourceId,
      ownerUnionId,
      path: owner.path,
      kind,
      name,
      description,
      audience,
      offered: true,
      ...termsOf(offer.terms),
      regionCode: '',
      reach: '',
      version,
    };
    documents.put('resources', { ...resource, ...placeOf(resource, owner) });
    await note(documents, ownerUnionId, (ids) => [...ids, resourceId]);
  },
  ResourceCorrected: async (correction, { documents, tree }, { version }) => {
    const { resourceId, name, description, audience, terms } = correction;
    const before = (await documents.get('resources', resourceId)) as ResourceDocument | undefined;
    if (before === undefined) return;
    const after = { ...before, name, description, audience, ...termsOf(terms), version };
    const owner = await tree.union(before.ownerUnionId);
    documents.put('resources', { ...after, ...placeOf(after, owner) });
  },
  ResourceHandedOver: async ({ resourceId, fromUnionId, toUnionId }, context, { version }) => {
    const { documents, tree } = context;
    const before = (await documents.get('resources', resourceId)) as ResourceDocument | undefined;
    if (before === undefined) return;
    await countOffer(context, fromUnionId, before.kind, -1);
    await countOffer(context, toUnionId, before.kind, 1);
    const owner = await tree.union(toUnionId);
    const after = { ...before, ownerUnionId: toUnionId, path: owner.path, version };
    documents.put('resources', { ...after, ...placeOf(after, owner) });
    documents.rewrite(
      'bookings',
      'resourcePath',
      resourcePathOf(before.path, resourceId),
      resourcePathOf(owner.path, resourceId),
    );
    await note(documents, fromUnionId, (ids) => ids.filter((id) => id !== resourceId));
    await note(documents, toUnionId, (ids) => [...ids, resourceId]);
  },
  ResourceWithdrawn: async ({ resourceId }, context, { version }) => {
    const { documents } = context;
    const before = (await documents.get('resources', resourceId)) as ResourceDocument | undefined;
    if (before === undefined) return;
    await countOffer(context, before.ownerUnionId, before.kind, -1);
    documents.put('resources', { ...before, offered: false, version });
  },
};

/** After a union was placed anew: what it offers its neighbours reaches the new ones. */
export async function refreshReach(
  documents: UnitOfWork,
  tree: UnionTree,
  unionId: string,
): Promise<void> {
  const owned = (await documents.get('union_resources', unionId)) as UnionResources | undefined;
  if (owned === undefined) return;
  const owner = await tree.union(unionId);
  for (const id of owned.resourceIds) {
    const resource = (await documents.get('resources', id)) as ResourceDocument | undefined;
    if (resource === undefined) continue;
    documents.put('resources', { ...resource, ...placeOf(resource, owner) });
  }
}

/** The reach that an offer to one level of a subtree has. */
export function levelReach(unionId: string, type: UnionType): string {
  return `${unionId}#${type}`;
}

/** Where a resource is and whom it reaches, by where its owner is. */
function placeOf(
  { audience, terms }: Pick<ResourceDocument, 'audience' | 'terms'>,
  owner: UnionDocument,
): Pick<ResourceDocument, 'reach' | 'regionCode'> {
  const own = terms?.regionCode ?? '';
  const level = terms?.levelUnionType ?? UnionType.UNION_TYPE_UNSPECIFIED;
  return {
    reach: reachOf(audience, owner, level),
    regionCode: own === '' ? owner.regionCode : own,
  };
}

function reachOf(
  audience: ResourceAudience,
  { id, parentId }: UnionDocument,
  level: UnionType,
): string {
  switch (audience) {
    case ResourceAudience.RESOURCE_AUDIENCE_ALL:
      return '*';
    case ResourceAudience.RESOURCE_AUDIENCE_NEIGHBOURS:
      return parentId === '' ? id : parentId;
    case ResourceAudience.RESOURCE_AUDIENCE_LEVEL:
      return levelReach(id, level);
    default:
      return id;
  }
}

function termsOf(terms: ResourceTerms | undefined): { terms?: TermsDocument } {
  if (terms?.eligibility === undefined) return {};
  const { calendar, eligibility, ...numbers } = terms;
  return {
    terms: {
      ...numbers,
      eligibility: { ...eligibility },
      ...(calendar === undefined
        ? {}
        : { calendar: { ...calendar, hours: calendar.hours.map((hours) => ({ ...hours })) } }),
    },
  };
}

async function note(
  documents: UnitOfWork,
  unionId: string,
  change: (resourceIds: readonly string[]) => readonly string[],
): Promise<void> {
  const owned = (await documents.get('union_resources', unionId)) as UnionResources | undefined;
  const resourceIds = change(owned?.resourceIds ?? []);
  documents.put('union_resources', { id: unionId, resourceIds });
}
