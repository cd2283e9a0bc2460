import { setTimeout as sleep } from 'node:timers/promises';
import { type ConsumerPosition, type DocumentStore, eventsTopic } from '@unionfold/eventsourcing';
import type { DistributedSettings } from '@unionfold/service-kit';
import { MongoClient } from 'mongodb';
import { readModelShows } from './read-model-shows.ts';

const services = ['organizations', 'members', 'welfare', 'notifications'];
const lookMs = 100;
/** After a crash of everything, leases and sessions of the dead have to run out first. */
const patienceMs = 90_000;

/**
 * Waits until all that the event stores hold is published, and the gateway's read models show it.
 * @throws Error when that lasts too long
 */
export async function untilSettled(
  { mongodbUri, prefix }: Pick<DistributedSettings, 'mongodbUri' | 'prefix'>,
  documents: DocumentStore,
): Promise<void> {
  const client = await MongoClient.connect(mongodbUri);
  const until = performance.now() + patienceMs;
  try {
    for (;;) {
      const published = await publishedPositions(client, prefix);
      if (published !== undefined) {
        const left = until - performance.now();
        for (const projection of ['federation', 'inbox']) {
          if (!(await readModelShows(documents, projection)(published[projection] ?? [], left))) {
            throw new Error(`the read model ${projection} does not get on`);
          }
        }
        return;
      }
      if (performance.now() > until) throw new Error('events are not published');
      await sleep(lookMs);
    }
  } finally {
    await client.close();
  }
}

/** Last published position of every partition, for each read model's topics; undefined while something is not published. */
async function publishedPositions(
  client: MongoClient,
  prefix: string,
): Promise<Readonly<Record<string, readonly ConsumerPosition[]>> | undefined> {
  const relay = client.db(`${prefix}_platform`).collection<{
    _id: string;
    position: number;
    published: number;
  }>('relay');
  const positions: ConsumerPosition[] = [];
  for (const service of services) {
    const counters = client
      .db(`${prefix}_${service}`)
      .collection<{ _id: number; position: number }>('partitions');
    for (const { _id: partition, position } of await counters.find().toArray()) {
      const topic = eventsTopic(service);
      const record = await relay.findOne({ _id: `${topic}/${partition}` });
      if (record === null || record.position < position) return undefined;
      positions.push({ topic, partition, position: record.published });
    }
  }
  const isOf = (names: readonly string[]) =>
    positions.filter(({ topic }) => names.some((name) => topic === eventsTopic(name)));
  return {
    federation: isOf(['organizations', 'members', 'welfare']),
    inbox: isOf(['notifications']),
  };
}
