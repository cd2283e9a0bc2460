import { UnionType } from '@unionfold/contracts';
import type { ReadModel } from '@unionfold/eventsourcing';
import { refused } from '../http/refused.ts';
import type { Scope } from '../jurisdiction/jurisdiction.ts';
import {
  pathIds,
  type ResourceDocument,
  type UnionDocument,
} from '../read-models/federation/documents.ts';
import { levelReach } from '../read-models/federation/resources.ts';

/**
 * The reaches in which a union stands: everywhere, below each union of its path, and on its level of each. What it
 * offers itself reaches it on every level.
 */
export function reachesOf({ path, id, type }: UnionDocument): string[] {
  const line = pathIds(path);
  const levels = line.map((upper) => levelReach(upper, type));
  const own = Object.values(UnionType).map((level) => levelReach(id, level));
  return [...new Set(['*', ...line, ...levels, ...own])];
}

/** The reaches in which the caller's union stands; none while the directory does not know it. */
export async function reachesOfCaller(federation: ReadModel, scope: Scope): Promise<string[]> {
  const union = (await federation.get('unions', scope.unionId)) as UnionDocument | undefined;
  return union === undefined || union.status === 'unknown' ? [] : reachesOf(union);
}

/** A resource that reaches the caller's union, or that the union or one below it offers. */
export async function visibleResource(
  federation: ReadModel,
  scope: Scope,
  resourceId: string,
): Promise<ResourceDocument | undefined> {
  const found = (await federation.get('resources', resourceId)) as ResourceDocument | undefined;
  if (found === undefined || !found.offered) return undefined;
  const isVisible =
    scope.covers(found.path) || (await reachesOfCaller(federation, scope)).includes(found.reach);
  return isVisible ? found : undefined;
}

/**
 * A resource that the caller's union or one below it owns, offered or not.
 * @throws Refused `resource-not-owned` when the caller only sees it, `resource-unknown` when not even that
 */
export async function ownedResource(
  federation: ReadModel,
  scope: Scope,
  resourceId: string,
): Promise<ResourceDocument> {
  const found = (await federation.get('resources', resourceId)) as ResourceDocument | undefined;
  if (found !== undefined && scope.covers(found.path)) return found;
  const isSeen = (await visibleResource(federation, scope, resourceId)) !== undefined;
  throw refused(isSeen ? 'resource-not-owned' : 'resource-unknown', { field: 'resourceId' });
}
