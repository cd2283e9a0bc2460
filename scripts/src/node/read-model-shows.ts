import { setTimeout as sleep } from 'node:timers/promises';
import type { ConsumerPosition, DocumentStore } from '@unionfold/eventsourcing';

/** How often the checkpoints are looked at. Milliseconds. */
const lookMs = 50;

/** Whether a projection that other processes run shows all of some positions, by its checkpoints. */
export function readModelShows(documents: DocumentStore, projection: string) {
  return async (targets: readonly ConsumerPosition[], timeoutMs: number): Promise<boolean> => {
    const until = performance.now() + timeoutMs;
    for (;;) {
      const record = await documents.get('projection_generations', projection);
      const checkpoints = await documents.checkpoints(`${projection}_g${record?.['live']}`);
      const reached = new Map(checkpoints.map((c) => [`${c.topic}/${c.partition}`, c.position]));
      const isShown = targets.every(
        ({ topic, partition, position }) => (reached.get(`${topic}/${partition}`) ?? 0) >= position,
      );
      if (isShown) return true;
      if (performance.now() > until) return false;
      await sleep(lookMs);
    }
  };
}
