import { ResourceAudience } from '@unionfold/contracts';
import type { Document, UnitOfWork } from '@unionfold/eventsourcing';
import type { ResourceDocument } from './documents.ts';
import type { EventHandlers } from './projection.ts';
import type { UnionTree } from './tree.ts';

/** The resources of one union, so that they can be found when it moves. */
interface UnionResources extends Document {
  readonly resourceIds: readonly string[];
}

/** Resources that unions share with one another (共享资源). */
export const resourceHandlers: EventHandlers = {
  ResourceOffered: async (offer, { documents, tree }, { version }) => {
    const { ownerUnionId, resourceId } = offer;
    await tree.add(ownerUnionId, {});
    const { path, parentId } = await tree.union(ownerUnionId);
    documents.put('resources', {
      id: resourceId,
      ownerUnionId,
      path,
      kind: offer.kind,
      name: offer.name,
      description: offer.description,
      audience: offer.audience,
      offered: true,
      reach: reachOf(offer.audience, ownerUnionId, parentId),
      version,
    } satisfies ResourceDocument);
    const owned = (await documents.get('union_resources', ownerUnionId)) as
      | UnionResources
      | undefined;
    const resourceIds = [...(owned?.resourceIds ?? []), resourceId];
    documents.put('union_resources', { id: ownerUnionId, resourceIds });
  },
  ResourceWithdrawn: async ({ resourceId }, { documents }, { version }) => {
    const before = await documents.get('resources', resourceId);
    if (before !== undefined) documents.put('resources', { ...before, offered: false, version });
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
  const { parentId } = await tree.union(unionId);
  for (const id of owned.resourceIds) {
    const resource = (await documents.get('resources', id)) as ResourceDocument | undefined;
    if (resource === undefined) continue;
    const reach = reachOf(resource.audience, unionId, parentId);
    documents.put('resources', { ...resource, reach });
  }
}

function reachOf(audience: ResourceAudience, ownerUnionId: string, parentId: string): string {
  if (audience === ResourceAudience.RESOURCE_AUDIENCE_ALL) return '*';
  const neighbours = audience === ResourceAudience.RESOURCE_AUDIENCE_NEIGHBOURS;
  return neighbours && parentId !== '' ? parentId : ownerUnionId;
}
