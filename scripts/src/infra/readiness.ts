import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { Kafka, logLevel } from 'kafkajs';
import { MongoClient, MongoServerError } from 'mongodb';
import type { ServerAddresses } from './addresses.ts';

/** A server did not answer in time; the message tells the last refusal. */
export class NotReadyError extends Error {
  override readonly name = 'NotReadyError';
}

/** How long between two looks at a server that does not answer yet. */
const pauseMs = 200;
const attemptMs = 3_000;

/** One look at a server: returns when it answers, throws what it refused with. */
type Attempt = () => Promise<void>;

async function untilItAnswers(
  what: string,
  attempt: Attempt,
  withinMs: number,
  signal?: AbortSignal,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    signal?.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > deadline) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new NotReadyError(`${what} does not answer after ${withinMs / 1000} s: ${reason}`);
      }
    }
    await delay(pauseMs, undefined, signal === undefined ? {} : { signal });
  }
}

export interface WaitOptions {
  /** Longest time to wait, in milliseconds. */
  readonly withinMs: number;
  /** Ends the wait early, with its reason. */
  readonly signal?: AbortSignal;
}

/**
 * Waits until the replica set behind a connection string has a primary that takes majority writes.
 * @throws NotReadyError
 */
export async function mongodbAnswers(uri: string, options: WaitOptions): Promise<void> {
  const attempt = async () => {
    const client = new MongoClient(uri, { serverSelectionTimeoutMS: attemptMs });
    try {
      // appendOplogNote writes to the oplog and nothing else: it proves a primary and its majority.
      await client.db('admin').command({
        appendOplogNote: 1,
        data: { asks: 'unionfold infra' },
        writeConcern: { w: 'majority', wtimeout: attemptMs },
      });
    } finally {
      await client.close();
    }
  };
  await untilItAnswers('MongoDB', attempt, options.withinMs, options.signal);
}

/**
 * Makes the server at a port the only member of replica set rs0, under the address 127.0.0.1:port. Does nothing where it
 * is that already; a member that was known under another port is renamed.
 */
export async function ensureReplicaSet(port: number, options: WaitOptions): Promise<void> {
  const host = `127.0.0.1:${port}`;
  const attempt = async () => {
    const client = new MongoClient(`mongodb://${host}/?directConnection=true`, {
      serverSelectionTimeoutMS: attemptMs,
    });
    try {
      const admin = client.db('admin');
      const members = [{ _id: 0, host }];
      try {
        const { config } = await admin.command({ replSetGetConfig: 1 });
        if (config.members[0].host === host) return;
        // The port was taken by others while it was down. A member that does not find itself cannot vote: force.
        const renamed = { ...config, version: config.version + 1, members };
        await admin.command({ replSetReconfig: renamed, force: true });
      } catch (error) {
        if (!(error instanceof MongoServerError) || error.codeName !== 'NotYetInitialized') {
          throw error;
        }
        await admin.command({ replSetInitiate: { _id: 'rs0', members } });
      }
    } finally {
      await client.close();
    }
  };
  await untilItAnswers('MongoDB', attempt, options.withinMs, options.signal);
}

/**
 * Waits until Kafka tells its metadata and its coordinator of consumer groups answers.
 * @throws NotReadyError
 */
export async function kafkaAnswers(
  brokers: readonly string[],
  options: WaitOptions,
): Promise<void> {
  const attempt = async () => {
    const kafka = new Kafka({
      clientId: 'unionfold-infra',
      brokers: [...brokers],
      connectionTimeout: attemptMs,
      requestTimeout: attemptMs,
      // The loop around is the retry; the driver's own would hide why.
      retry: { retries: 0 },
      logLevel: logLevel.NOTHING,
    });
    const admin = kafka.admin();
    try {
      await admin.connect();
      await admin.describeCluster();
      // The first question of a client has the broker create its topic of offsets: the coordinator is late then.
      await admin.fetchOffsets({ groupId: 'unionfold-infra', topics: [] });
    } finally {
      await admin.disconnect();
    }
  };
  await untilItAnswers('Kafka', attempt, options.withinMs, options.signal);
}

/**
 * Waits until Redis answers a ping, its data loaded.
 * @throws NotReadyError
 */
export async function redisAnswers(url: string, options: WaitOptions): Promise<void> {
  const attempt = async () => {
    const redis = new Redis(url, {
      lazyConnect: true,
      connectTimeout: attemptMs,
      maxRetriesPerRequest: 0,
      retryStrategy: () => null,
    });
    // Without a listener the driver prints what the rejected ping tells anyway.
    redis.on('error', () => undefined);
    try {
      await redis.connect();
      await redis.ping();
    } finally {
      redis.disconnect();
    }
  };
  await untilItAnswers('Redis', attempt, options.withinMs, options.signal);
}

/**
 * Waits until all three answer.
 * @throws NotReadyError naming the first that does not
 */
export async function allAnswer(addresses: ServerAddresses, options: WaitOptions): Promise<void> {
  await Promise.all([
    mongodbAnswers(addresses.mongodbUri, options),
    kafkaAnswers(addresses.kafkaBrokers, options),
    redisAnswers(addresses.redisUrl, options),
  ]);
}
