import { MongoClient, ReadConcern, ReadPreference } from 'mongodb';
import { checkConsumers, readConsumers, remainsOf } from './consumers/check-consumers.ts';
import { MongoConsumerRecords } from './consumers/mongo-consumer-records.ts';
import { readPublishedLetters } from './consumers/published-letters.ts';
import { type ConsumingOwner, consumingOwners } from './consumers/subjects.ts';
import { checkDrift } from './drift/check-drift.ts';
import { MongoLiveReadModels } from './drift/mongo-live-read-models.ts';
import type { TopicEvents } from './drift/replay.ts';
import { checkEventStore } from './event-store/check-event-store.ts';
import { MongoEventRecords } from './event-store/mongo-event-records.ts';
import { Installation, placeOf, services, topicOf } from './installation.ts';
import { type CheckReport, type Report, reportOf, UncheckedError } from './report.ts';
import { checkTopics, type TopicHeads, type TopicSubject } from './topic/check-topics.ts';
import { KafkaReader } from './topic/kafka-reader.ts';
import type { RelayRecord } from './topic/topic-records.ts';

/** What {@link verify} is told. */
export interface VerifyOptions {
  readonly mongodbUri: string;
  readonly kafkaBrokers: readonly string[];
  /** Of the installation. Default `unionfold`. */
  readonly prefix?: string;
  /** Nothing runs any more: everything must be published and handled. Default false. */
  readonly settled?: boolean;
  /** Whether read models are rebuilt and compared. Default true. */
  readonly drift?: boolean;
  /** Only these services, and the gateway if it is among them. Default: all. */
  readonly only?: readonly string[];
  /** Longest time without anything new from Kafka, in milliseconds. Default 60,000. */
  readonly patienceMs?: number;
  /** Longest time for the comparison of one read model, in milliseconds. Default 1,800,000. */
  readonly driftLimitMs?: number;
  /** How long remains of a replaced generation may take to go, when settled. Milliseconds. Default 30,000. */
  readonly graceMs?: number;
  /** Hears what is being done. */
  readonly tell?: (line: string) => void;
}

/** What all checks work with. */
interface Work {
  readonly options: VerifyOptions;
  readonly installation: Installation;
  readonly client: MongoClient;
  readonly kafka: KafkaReader;
  readonly stores: ReadonlyMap<string, MongoEventRecords>;
  readonly owners: readonly ConsumingOwner[];
  readonly settled: boolean;
  readonly tell: (line: string) => void;
}

/** How long to wait for a server, in milliseconds. */
const connectMs = 10_000;
/** What no majority has may be rolled back, and would then be taken for missing. */
const readConcern = new ReadConcern('majority');
const defaultPatienceMs = 60_000;
const defaultDriftLimitMs = 1_800_000;
const defaultGraceMs = 30_000;
/** Pause between two looks at remains that are to go, in milliseconds. */
const lookMs = 1_000;

/**
 * Checks an installation of the distributed profile from outside: reads MongoDB and Kafka with their drivers alone, and
 * changes nothing. It may run while the platform works; what it then cannot tell for sure is left to `settled`.
 * @throws UncheckedError when a server does not answer, or there is no such installation
 */
export async function verify(options: VerifyOptions): Promise<Report> {
  const started = performance.now();
  const { mongodbUri, kafkaBrokers, prefix = 'unionfold', settled = false } = options;
  const installation = new Installation(prefix);
  const tell = options.tell ?? (() => undefined);
  const client = await connectMongo(mongodbUri);
  try {
    const kafka = await KafkaReader.open(kafkaBrokers);
    try {
      const stores = await openStores(client, installation);
      const owners = consumingOwners();
      const work = { options, installation, client, kafka, stores, owners, settled, tell };
      const checks = await checkAll(work);
      return reportOf(checks, { prefix, settled, seconds: (performance.now() - started) / 1_000 });
    } finally {
      await kafka.close();
    }
  } finally {
    await client.close();
  }
}

async function checkAll(work: Work): Promise<CheckReport[]> {
  const { options, stores, owners, tell } = work;
  const isWanted = (name: string) => options.only?.includes(name) ?? true;
  const checks: CheckReport[] = [];
  const wanted = [...stores].filter(([service]) => isWanted(service));
  for (const [service, records] of wanted) {
    tell(`event store of ${service}`);
    checks.push(await checkEventStore(service, records));
  }
  for (const service of services) {
    if (!isWanted(service) || stores.has(service)) continue;
    const unchecked = 'there is no event store: the service has never been started';
    checks.push({ check: 'event-store', subject: service, counts: {}, findings: [], unchecked });
  }
  const consuming = owners.filter(({ name }) => isWanted(name));
  checks.push(
    ...(await checkPublishing(
      work,
      wanted.map(([service]) => service),
      consuming,
    )),
  );
  if (options.drift === false) return checks;
  for (const owner of consuming) checks.push(...(await checkReadModels(work, owner)));
  return checks;
}

/** The topics, and the consumers, whose checkpoints are compared with how far the topics go. */
async function checkPublishing(
  work: Work,
  wanted: readonly string[],
  consuming: readonly ConsumingOwner[],
): Promise<CheckReport[]> {
  const { options, installation, client, kafka, stores, settled, tell } = work;
  const patienceMs = options.patienceMs ?? defaultPatienceMs;
  // Each is read before what it must not be ahead of: checkpoints, then relays, then the topics.
  const states = [];
  for (const owner of consuming) {
    const records = new MongoConsumerRecords(client.db(installation.database(owner.name)));
    states.push({ owner, records, state: await readConsumers(records) });
  }
  const heads = new Map<string, readonly number[]>();
  for (const [service, records] of stores) {
    const counters = await records.counters();
    const partitions = Array.from({ length: records.partitions }, (_, index) => index);
    heads.set(
      service,
      partitions.map((partition) => counters.get(partition) ?? 0),
    );
  }
  const relays = await readRelays(work);
  const reached: TopicHeads = new Map();
  const subjects = [...stores].flatMap(([service, records]): TopicSubject[] =>
    wanted.includes(service)
      ? [
          {
            service,
            partitions: records.partitions,
            relays: relays.get(topicOf(service)) ?? new Map(),
            heads: heads.get(service) ?? [],
            events: (partition) => records.partition(partition),
          },
        ]
      : [],
  );
  tell('topics');
  const context = { installation, kafka, settled, patienceMs };
  const checks = await checkTopics(subjects, context, reached);
  const topics = services.map(topicOf);
  const publishedLetters = await readPublishedLetters(kafka, installation, topics, patienceMs);
  const ends = await kafka.stretches(topics.map((topic) => installation.kafkaTopic(topic)));
  const endOffsets = new Map(ends.map((end) => [placeOf(end.topic, end.partition), end.high]));
  const published = new Map(
    [...relays].flatMap(([topic, records]) =>
      [...records].map(([partition, record]) => {
        const place = placeOf(topic, partition);
        const endOffset = endOffsets.get(placeOf(installation.kafkaTopic(topic), partition));
        const furthest = reached.get(place);
        const head = {
          published: record.published,
          ...(furthest === undefined ? {} : { reached: furthest }),
          ...(endOffset === undefined ? {} : { endOffset }),
        };
        return [place, head] as const;
      }),
    ),
  );
  for (const { owner, records, state } of states) {
    tell(`consumers of ${owner.name}`);
    const subject = { ...owner, owner: owner.name };
    checks.push(
      await checkConsumers(
        subject,
        await withoutPassing(work, owner, records, state),
        records.deadLetters(),
        {
          published,
          publishedLetters,
          settled,
          eventIds: (topic, places) => idsOf(stores, topic, places),
        },
      ),
    );
  }
  return checks;
}

/** Remains that processes are about to clear are given the time for it, when everything is to be at rest. */
async function withoutPassing(
  { options, settled }: Work,
  owner: ConsumingOwner,
  records: MongoConsumerRecords,
  state: Awaited<ReturnType<typeof readConsumers>>,
): Promise<typeof state> {
  const until = performance.now() + (options.graceMs ?? defaultGraceMs);
  let current = state;
  while (settled && remainsOf(owner, current).length > 0 && performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, lookMs));
    current = await readConsumers(records);
  }
  return current;
}

async function checkReadModels(work: Work, owner: ConsumingOwner): Promise<CheckReport[]> {
  const { options, installation, client, stores, tell } = work;
  const live = new MongoLiveReadModels(client, client.db(installation.database(owner.name)));
  const topics: TopicEvents = new Map(
    [...stores].map(([service, records]) => [
      topicOf(service),
      Array.from({ length: records.partitions }, (_, partition) => records.partition(partition)),
    ]),
  );
  const limitMs = options.driftLimitMs ?? defaultDriftLimitMs;
  const checks: CheckReport[] = [];
  for (const projection of owner.projections) {
    tell(`rebuilding ${owner.name}/${projection.name}`);
    const { name, codec } = owner;
    checks.push(await checkDrift({ owner: name, projection, codec, topics, live, limitMs }));
  }
  return checks;
}

async function connectMongo(uri: string): Promise<MongoClient> {
  try {
    const client = new MongoClient(uri, {
      readPreference: ReadPreference.primary,
      retryReads: true,
      serverSelectionTimeoutMS: connectMs,
      appName: 'unionfold-verify',
    });
    return await client.connect();
  } catch (error) {
    throw new UncheckedError('MongoDB does not answer', { cause: error });
  }
}

async function openStores(
  client: MongoClient,
  installation: Installation,
): Promise<ReadonlyMap<string, MongoEventRecords>> {
  const stores = new Map<string, MongoEventRecords>();
  for (const service of services) {
    const database = client.db(installation.database(service), { readConcern });
    const records = await MongoEventRecords.open(database);
    if (records !== undefined) stores.set(service, records);
  }
  if (stores.size > 0) return stores;
  throw new UncheckedError(
    `no event stores of an installation with the prefix ${installation.prefix}: start it, or tell another one by --prefix`,
  );
}

/** What relays have dealt with, by topic and partition. */
async function readRelays({
  client,
  installation,
}: Work): Promise<ReadonlyMap<string, ReadonlyMap<number, RelayRecord>>> {
  const records = await client
    .db(installation.shared, { readConcern })
    .collection<RelayRecord & { topic: string; partition: number }>('relay')
    .find()
    .toArray();
  const relays = new Map<string, Map<number, RelayRecord>>();
  for (const { topic, partition, position, published } of records) {
    const own = relays.get(topic) ?? new Map<number, RelayRecord>();
    own.set(partition, { position, published });
    relays.set(topic, own);
  }
  return relays;
}

async function idsOf(
  stores: ReadonlyMap<string, MongoEventRecords>,
  topic: string,
  places: readonly { readonly partition: number; readonly position: number }[],
): Promise<ReadonlyMap<string, string> | undefined> {
  const records = [...stores].find(([service]) => topicOf(service) === topic)?.[1];
  if (records === undefined) return undefined;
  const ids = new Map<string, string>();
  for (const [partition, own] of Map.groupBy(places, (place) => place.partition)) {
    const found = await records.partition(partition).at(own.map(({ position }) => position));
    for (const [position, { id }] of found) ids.set(`${partition}@${position}`, id);
  }
  return ids;
}
