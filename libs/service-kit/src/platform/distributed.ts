import { randomUUID } from 'node:crypto';
import {
  DegradingCache,
  DegradingRateLimiter,
  MemoryRateLimiter,
  RedisCache,
  RedisConnection,
  RedisRateLimiter,
  withDocumentCache,
  withReceiptCache,
} from '@unionfold/cache';
import { type DocumentStore, type EventStore, eventsTopic } from '@unionfold/eventsourcing';
import {
  connectKafka,
  KafkaEventLog,
  KafkaPublisher,
  migrateTopics,
  Relay,
  type RelayState,
} from '@unionfold/messaging';
import { KeyRing } from '@unionfold/privacy';
import {
  AbandonedTransactions,
  MongoConnection,
  MongoDocumentStore,
  MongoEventStore,
  MongoKeyStore,
  MongoRelayStore,
} from '@unionfold/storage';
import type { DistributedSettings } from '../configuration/distributed-settings.ts';
import { allInOrder } from '../in-order.ts';
import type { Logger } from '../logger.ts';
import { isPublicEvent } from '../proto-event-codec.ts';
import { OpenedOnce } from './opened-once.ts';
import type { Platform, ServiceStorage } from './platform.ts';

/** How processes take notice of each other's decisions about read models. Milliseconds. */
const peers = { lookMs: 1_000, graceMs: 15_000 } as const;

/** Stretches of a topic, and changes of a consumer's documents, are spaced by so much: each costs a commit. */
const pace = { watchedMs: 40, unwatchedMs: 240 } as const;

/** So long does a relay's first stretch wait for those of other partitions, to share their request. Milliseconds. */
const lingerMs = 4;

/** Person keys held in memory, about 20 MB. */
const cachedKeys = 100_000;

/** Settings of the distributed profile that a platform needs. */
export type DistributedPlatformOptions = Pick<
  DistributedSettings,
  'mongodbUri' | 'kafkaBrokers' | 'redisUrl' | 'prefix' | 'partitions' | 'replication' | 'masterKey'
> & { readonly logger: Logger };

/** The distributed profile, with what only its operators ask for. */
export interface DistributedPlatform extends Platform {
  /** What this process publishes. */
  relayStates(): readonly RelayState[];
}

/**
 * Opens the distributed profile: MongoDB for stores and keys, Kafka between services, Redis for what may be lost. The
 * process that opens a service's event store makes its topics, and takes part in publishing them.
 * @throws StoreUnavailableError when MongoDB does not answer
 */
export async function openDistributedPlatform(
  options: DistributedPlatformOptions,
): Promise<DistributedPlatform> {
  const { prefix, partitions, replication, masterKey, logger } = options;
  const notice = (message: string, details: object) => logger.warn(details, message);
  const connection = await MongoConnection.open({ uri: options.mongodbUri });
  const abandoned = new AbandonedTransactions(connection, {
    onEnded: (count) => logger.warn({ count }, 'transactions of processes that are gone: ended'),
    onError: (error) => logger.warn({ err: error }, 'looking for abandoned transactions'),
  });
  const shared = `${prefix}_platform`;
  const topicPrefix = prefix === 'unionfold' ? '' : `${prefix}-`;
  const kafka = connectKafka(options.kafkaBrokers, (level, message) => {
    logger[level]({ kafka: message }, 'kafka');
  });
  const relays = new MongoRelayStore(connection, shared);
  const publisher = new KafkaPublisher(kafka, topicPrefix, lingerMs);
  const log = new KafkaEventLog({ kafka, relays, prefix: topicPrefix });
  const keys = new KeyRing({
    masterKey,
    store: new MongoKeyStore(connection, shared),
    cacheSize: cachedKeys,
  });
  const redis =
    options.redisUrl === undefined
      ? undefined
      : await RedisConnection.open(options.redisUrl, {
          keyPrefix: `${prefix}:`,
          onNotice: notice,
        });
  const rateLimiter =
    redis === undefined
      ? new MemoryRateLimiter()
      : new DegradingRateLimiter(new RedisRateLimiter(redis));
  const receipts = redis === undefined ? undefined : new DegradingCache(new RedisCache(redis));
  const holder = randomUUID();
  const running = new Map<string, Relay>();
  const opened: { close(): Promise<void> }[] = [];
  const eventStores = new OpenedOnce<EventStore>();
  const documentStores = new OpenedOnce<DocumentStore>();
  let closing: Promise<void> | undefined;

  const openDocuments = async (name: string, hot: readonly string[]): Promise<DocumentStore> => {
    const database = `${prefix}_${name}`;
    const documents = await MongoDocumentStore.open({ connection, database });
    opened.push(documents);
    if (redis === undefined || hot.length === 0) return documents;
    return withDocumentCache(documents, redis, {
      scope: database,
      collections: (collection) => hot.some((ending) => collection.endsWith(`_${ending}`)),
      onNotice: notice,
    });
  };
  const makeTopics = async (topic: string): Promise<void> => {
    // What fails here is thrown; that another process was faster is none.
    const quiet = connectKafka(options.kafkaBrokers, (_, message) => {
      logger.info({ kafka: message }, 'making topics');
    });
    const admin = quiet.admin();
    await admin.connect();
    try {
      await migrateTopics(admin, topic, { partitions, replication }, topicPrefix);
    } finally {
      await admin.disconnect();
    }
  };
  const openEvents = async (service: string): Promise<EventStore> => {
    const topic = eventsTopic(service);
    const events = await MongoEventStore.open({
      connection,
      database: `${prefix}_${service}`,
      partitions,
      onNotice: notice,
    });
    opened.push(events);
    await makeTopics(topic);
    running.set(
      service,
      new Relay({
        topic,
        store: events,
        relays,
        publish: (name, _, published) => publisher.publish(name, published),
        isPublic: isPublicEvent,
        holder,
        paceMs: pace.watchedMs,
        onError: (error) => logger.error({ err: error, topic }, 'relay'),
      }),
    );
    if (receipts === undefined) return events;
    return withReceiptCache(events, receipts, { scope: service });
  };
  const close = async (): Promise<void> => {
    const steps = [
      () => log.close(),
      ...[...running.values()].map((relay) => () => relay.stop()),
      () => publisher.close(),
      ...opened.toReversed().map((part) => () => part.close()),
      () => rateLimiter.close(),
      () => abandoned.stop(),
      async () => redis?.close(),
      () => connection.close(),
    ];
    await allInOrder(steps, 'not everything closed in order');
  };
  return {
    masterKey,
    keys,
    log,
    rateLimiter,
    peers,
    pace,
    storage: async (service): Promise<ServiceStorage> => ({
      events: await eventStores.get(service, () => openEvents(service)),
      documents: await documentStores.get(service, () => openDocuments(service, [])),
    }),
    documents: (name, hot = []) => documentStores.get(name, () => openDocuments(name, hot)),
    answers: () => connection.answers(),
    publishing: async (service) => {
      const progress = (await running.get(service)?.progress()) ?? [];
      return progress.map((one) => ({ ...one, topic: eventsTopic(service) }));
    },
    relayStates: () => [...running.values()].flatMap((relay) => relay.states()),
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}
