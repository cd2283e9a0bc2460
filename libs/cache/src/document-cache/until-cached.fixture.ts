import { setTimeout as delay } from 'node:timers/promises';
import type { DocumentStore } from '@unionfold/eventsourcing';
import type { ObservedStore } from './observed-store.fixture.ts';

/** Resolves when a document is served from the cache. Leaves no collection behind. */
export async function untilCached(cached: DocumentStore, observed: ObservedStore): Promise<void> {
  const probe = 'probe_of_the_cache';
  await cached.define([{ name: probe, indexes: [] }]);
  for (;;) {
    const before = observed.reads;
    await cached.get(probe, 'nothing');
    if (observed.reads === before) break;
    await delay(10);
  }
  await cached.drop([probe]);
}
