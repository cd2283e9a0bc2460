import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ConsumerPosition, eventsTopic } from '@unionfold/eventsourcing';
import { connectKafka } from '@unionfold/messaging';
import { MasterKey } from '@unionfold/privacy';
import { MongoConnection, patiently } from '@unionfold/storage';
import { createLogger } from '../logger.ts';
import { openDistributedPlatform } from '../platform/distributed.ts';
import { openEmbeddedPlatform } from '../platform/embedded.ts';
import type { Platform } from '../platform/platform.ts';

/** How often publishing is looked at. Milliseconds. */
const lookMs = 10;

/** Where a test's platform keeps what it keeps: its folder names it in both profiles. */
export interface TestPlatformOptions {
  readonly dataDir: string;
  readonly partitions: number;
}

/**
 * The platform of a test: embedded, or, with UNIONFOLD_TEST_PROFILE=distributed, on the servers of MONGODB_URI,
 * KAFKA_BROKERS and REDIS_URL. Opened again with the same folder, it has what was there.
 */
export async function openTestPlatform({
  dataDir,
  partitions,
}: TestPlatformOptions): Promise<Platform> {
  if (!isDistributed()) return await openEmbeddedPlatform({ dataDir, partitions });
  return await openDistributedPlatform({
    mongodbUri: setting('MONGODB_URI'),
    kafkaBrokers: brokers(),
    redisUrl: setting('REDIS_URL'),
    prefix: prefixOf(dataDir),
    partitions,
    replication: 1,
    masterKey: new MasterKey(digest(dataDir)),
    logger: createLogger('silent'),
  });
}

/** Removes databases and topics of a test's platform that is closed; its folder is the test's own to remove. */
export async function removeTestPlatform(dataDir: string): Promise<void> {
  if (!isDistributed()) return;
  const connection = await MongoConnection.open({ uri: setting('MONGODB_URI') });
  try {
    // Another test may have the primary step down meanwhile.
    await patiently(connection, async () => {
      const { databases } = await connection.client.db().admin().listDatabases({ nameOnly: true });
      const own = databases.filter(({ name }) => name.startsWith(`${prefixOf(dataDir)}_`));
      for (const { name } of own) await connection.client.db(name).dropDatabase();
    });
  } finally {
    await connection.close();
  }
  const admin = connectKafka(brokers(), () => undefined).admin();
  await admin.connect();
  try {
    const own = (await admin.listTopics()).filter((name) => name.startsWith(prefixOf(dataDir)));
    if (own.length > 0) await admin.deleteTopics({ topics: own });
  } finally {
    await admin.disconnect();
  }
}

/** The last positions of a service's events that followers can reach: all that is appended now is published. */
export async function publishedHeads(
  platform: Platform,
  service: string,
): Promise<ConsumerPosition[]> {
  const topic = eventsTopic(service);
  if (platform.publishing === undefined) {
    const heads = await platform.log.heads(topic);
    return heads.map((position, partition) => ({ topic, partition, position }));
  }
  const { events } = await platform.storage(service);
  const heads = await events.heads();
  for (;;) {
    const progress = await platform.publishing(service);
    if (progress.every(({ partition, position }) => position >= (heads[partition] ?? 0))) {
      return progress.map(({ partition, published }) => ({
        topic,
        partition,
        position: published,
      }));
    }
    await sleep(lookMs);
  }
}

function isDistributed(): boolean {
  return process.env['UNIONFOLD_TEST_PROFILE'] === 'distributed';
}

function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: run npm run test:distributed`);
  return value;
}

function brokers(): string[] {
  return setting('KAFKA_BROKERS').split(',');
}

function prefixOf(dataDir: string): string {
  return `test${digest(dataDir).toString('hex', 0, 6)}`;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
