import type { ResourceKind } from '@unionfold/contracts';
import type { ReadModel } from '@unionfold/eventsourcing';
import Type, { type Static } from 'typebox';
import { reference, textEnum } from '../http/operation.ts';
import type { ResourceUseDocument } from '../read-models/federation/booking-documents.ts';
import type { ResourceDocument, UnionDocument } from '../read-models/federation/documents.ts';
import { ResourceUse, resourceAnswer, SharedResource, useAnswer } from './answers.ts';
import { reachesOf } from './visibility.ts';

/** How near, the nearest first, and how many digits of the region code it shares (GB/T 2260: 省2 地2 县2). */
const circles = [
  { near: 'county', digits: 6 },
  { near: 'city', digits: 4 },
  { near: 'province', digits: 2 },
] as const;

/** A resource of the same kind that could be used in place of a new one. */
export const NearbyResource = Type.Object(
  {
    resource: reference(SharedResource),
    near: textEnum(
      circles.map(({ near }) => near),
      '同县、同市、同省 | In the same county, city, province.',
    ),
    use: reference(ResourceUse),
  },
  { $id: 'NearbyResource' },
);

/** Resources shown at most. */
const most = 50;

/**
 * Who has the same kind near by, among what reaches a union (建前查重): of the same county first, then of the city, then
 * of the province.
 */
export async function nearbyResources(
  federation: ReadModel,
  union: UnionDocument,
  kind: ResourceKind,
  regionCode: string,
): Promise<Static<typeof NearbyResource>[]> {
  const reach = reachesOf(union);
  const found = new Map<string, { resource: ResourceDocument; near: (typeof circles)[number] }>();
  for (const near of circles) {
    const prefix = regionCode.slice(0, near.digits);
    // A code that ends with zeros names something larger: the county of a city is not known.
    if (prefix.length < near.digits || prefix.endsWith('00')) continue;
    const page = await federation.find('resources', {
      where: { offered: true, kind, reach },
      prefix: { regionCode: prefix },
      orderBy: ['regionCode', 'id'],
      limit: most,
    });
    for (const resource of page) {
      if (found.size === most) break;
      if (found.has(resource.id)) continue;
      found.set(resource.id, { resource: resource as ResourceDocument, near });
    }
  }
  const uses = await federation.getMany('resource_use', [...found.keys()]);
  return [...found.values()].map(({ resource, near }) => ({
    resource: resourceAnswer(resource),
    near: near.near,
    use: useAnswer(uses.get(resource.id) as ResourceUseDocument | undefined),
  }));
}
