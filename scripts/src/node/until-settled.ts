import { setTimeout as sleep } from 'node:timers/promises';
import { type ConsumerPosition, type DocumentStore, eventsTopic } from '@unionfold/eventsourcing';
import { type DistributedSettings, serviceNames } from '@unionfold/service-kit';
import { MongoClient } from 'mongodb';
import { readModelShows } from './read-model-shows.ts';

/** The gateway's read models, with the services whose topics they follow. */
const readModels = {
  federation: ['organizations', 'members', 'welfare'],
  inbox: ['notifications'],
} as const;

type CheckpointRecord = ConsumerPosition & { readonly consumer: string };

const lookMs = 100;
/** After a crash of everything, leases and sessions of the dead have to run out first. */
const patienceMs = 90_000;

/**
 * Waits until all that the event stores hold is published, the gateway's read models show it, and every consumer of every
 * service has handled it.
 * @throws Error when that lasts too long
 */
export async function untilSettled(
  { mongodbUri, prefix }: Pick<DistributedSettings, 'mongodbUri' | 'prefix'>,
  documents: DocumentStore,
): Promise<void> {
  const client = await MongoClient.connect(mongodbUri);
  const until = performance.now() + patienceMs;
  try {
    for (let waitsFor: string | undefined = ''; waitsFor !== undefined; ) {
      waitsFor = await unsettled(client, prefix, documents);
      if (waitsFor !== undefined && performance.now() > until) throw new Error(waitsFor);
      if (waitsFor !== undefined) await sleep(lookMs);
    }
  } finally {
    await client.close();
  }
}

/** What is not settled yet. */
async function unsettled(
  client: MongoClient,
  prefix: string,
  documents: DocumentStore,
): Promise<string | undefined> {
  const published = await publishedPositions(client, prefix);
  if (published === undefined) return 'events are not published';
  for (const [projection, services] of Object.entries(readModels)) {
    const topics = services.map(eventsTopic);
    const targets = published.filter(({ topic }) => topics.includes(topic));
    if (!(await readModelShows(documents, projection)(targets, 0))) {
      return `the read model ${projection} is behind`;
    }
  }
  const heads = new Map(published.map((p) => [`${p.topic}/${p.partition}`, p.position]));
  for (const service of serviceNames) {
    const checkpoints = client
      .db(`${prefix}_${service}`)
      .collection<CheckpointRecord>('checkpoints');
    // Tenures stand beside them.
    const stored = await checkpoints.find({ position: { $exists: true } }).toArray();
    for (const { consumer, topic, partition, position } of stored) {
      if (position < (heads.get(`${topic}/${partition}`) ?? 0)) return `${consumer} is behind`;
    }
  }
  return undefined;
}

/** Last published position of every partition; undefined while something is not published. */
async function publishedPositions(
  client: MongoClient,
  prefix: string,
): Promise<readonly ConsumerPosition[] | undefined> {
  const relay = client.db(`${prefix}_platform`).collection<{
    _id: string;
    position: number;
    published: number;
  }>('relay');
  const positions: ConsumerPosition[] = [];
  for (const service of serviceNames) {
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
  return positions;
}
