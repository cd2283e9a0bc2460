import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { registerZstd } from '@unionfold/messaging';
import { Redis } from 'ioredis';
import { type Consumer, Kafka, logLevel } from 'kafkajs';
import { MongoClient } from 'mongodb';
import type { ServerAddresses } from '../../infra/addresses.ts';

/** Longest wait for a topic to be read to its end. Milliseconds. */
const readMs = 60_000;

/** What an installation keeps in MongoDB, Kafka and Redis, found by the prefix of its names. */
export class StoredData {
  readonly #addresses: ServerAddresses;
  readonly #prefix: string;
  readonly #kafka: Kafka;

  constructor(addresses: ServerAddresses, prefix: string) {
    registerZstd();
    this.#addresses = addresses;
    this.#prefix = prefix;
    this.#kafka = new Kafka({ brokers: [...addresses.kafkaBrokers], logLevel: logLevel.NOTHING });
  }

  /** Writes all of it into files of a folder, as text: one a collection, one for all topics, one for the cache. */
  async dump(folder: string): Promise<readonly string[]> {
    return [
      ...(await this.#dumpDatabases(folder)),
      ...(await this.#dumpTopics(folder)),
      await this.#dumpCache(folder),
    ];
  }

  /** Removes all of it. */
  async drop(): Promise<void> {
    // First: receipts that are still cached would answer for events that are no more.
    await this.#withRedis(async (redis) => {
      for await (const keys of this.#cacheKeys(redis)) {
        if (keys.length > 0) await redis.unlink(...keys);
      }
    });
    await this.#withMongo(async (client) => {
      for (const name of await this.#databases(client)) await client.db(name).dropDatabase();
    });
    const admin = this.#kafka.admin();
    await admin.connect();
    const topics = await this.#topics();
    if (topics.length > 0) await admin.deleteTopics({ topics });
    const { groups } = await admin.listGroups();
    const own = groups
      .map(({ groupId }) => groupId)
      .filter((id) => id.startsWith(`${this.#prefix}-`));
    if (own.length > 0) await admin.deleteGroups(own).catch(() => undefined);
    await admin.disconnect();
  }

  async #dumpDatabases(folder: string): Promise<string[]> {
    return await this.#withMongo(async (client) => {
      const files: string[] = [];
      for (const name of await this.#databases(client)) {
        const database = client.db(name);
        for (const { name: collection } of await database.listCollections().toArray()) {
          const file = join(folder, `${name}.${collection}.jsonl`);
          const output = createWriteStream(file);
          for await (const document of database.collection(collection).find()) {
            output.write(`${JSON.stringify(document)}\n`);
          }
          output.end();
          await finished(output);
          files.push(file);
        }
      }
      return files;
    });
  }

  async #dumpTopics(folder: string): Promise<string[]> {
    const topics = await this.#topics();
    if (topics.length === 0) return [];
    const file = join(folder, 'topics.jsonl');
    const output = createWriteStream(file);
    const admin = this.#kafka.admin();
    await admin.connect();
    const open = new Set<string>();
    const ends = new Map<string, bigint>();
    for (const topic of topics) {
      for (const { partition, high, low } of await admin.fetchTopicOffsets(topic)) {
        if (BigInt(high) > BigInt(low)) open.add(`${topic}/${partition}`);
        ends.set(`${topic}/${partition}`, BigInt(high));
      }
    }
    await admin.disconnect();
    const groupId = `${this.#prefix}-dump-${Date.now()}`;
    const consumer = this.#kafka.consumer({ groupId, allowAutoTopicCreation: false });
    await consumer.connect();
    await consumer.subscribe({ topics, fromBeginning: true });
    await readToEnd(consumer, open, ends, (line) => output.write(`${line}\n`));
    await consumer.disconnect();
    output.end();
    await finished(output);
    return [file];
  }

  async #dumpCache(folder: string): Promise<string> {
    const file = join(folder, 'redis.dump');
    const output = createWriteStream(file);
    await this.#withRedis(async (redis) => {
      for await (const keys of this.#cacheKeys(redis)) {
        for (const key of keys) {
          // What is no text is read as Redis writes it to its own file.
          const value = (await redis.get(key).catch(() => redis.dumpBuffer(key))) ?? '';
          output.write(`${key} ${value.toString('latin1')}\n`);
        }
      }
    });
    output.end();
    await finished(output);
    return file;
  }

  #cacheKeys(redis: Redis): AsyncIterable<string[]> {
    return redis.scanStream({ match: `${this.#prefix}:*`, count: 1_000 });
  }

  async #withRedis<T>(work: (redis: Redis) => Promise<T>): Promise<T> {
    const redis = new Redis(this.#addresses.redisUrl, { lazyConnect: true });
    try {
      await redis.connect();
      return await work(redis);
    } finally {
      redis.disconnect();
    }
  }

  async #topics(): Promise<string[]> {
    const admin = this.#kafka.admin();
    await admin.connect();
    const topics = await admin.listTopics();
    await admin.disconnect();
    return topics.filter((topic) => topic.startsWith(`${this.#prefix}-`));
  }

  async #databases(client: MongoClient): Promise<string[]> {
    const { databases } = await client.db('admin').admin().listDatabases({ nameOnly: true });
    return databases.map(({ name }) => name).filter((name) => name.startsWith(`${this.#prefix}_`));
  }

  async #withMongo<T>(work: (client: MongoClient) => Promise<T>): Promise<T> {
    const client = await MongoClient.connect(this.#addresses.mongodbUri);
    try {
      return await work(client);
    } finally {
      await client.close();
    }
  }
}

async function readToEnd(
  consumer: Consumer,
  open: Set<string>,
  ends: ReadonlyMap<string, bigint>,
  tell: (line: string) => void,
): Promise<void> {
  const done = Promise.withResolvers<void>();
  if (open.size === 0) done.resolve();
  const timer = setTimeout(
    () => done.reject(new Error('the topics were not read in time')),
    readMs,
  );
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch }) => {
      for (const { key, value, headers, offset } of batch.messages) {
        const texts = Object.entries(headers ?? {}).map(([name, text]) => [name, String(text)]);
        tell(JSON.stringify({ key: String(key), value: String(value), headers: texts }));
        const place = `${batch.topic}/${batch.partition}`;
        if (BigInt(offset) + 1n >= (ends.get(place) ?? 0n)) open.delete(place);
      }
      if (open.size === 0) done.resolve();
    },
  });
  await done.promise.finally(() => clearTimeout(timer));
}
