import { randomBytes } from 'node:crypto';
import { type EventOf, UnionType } from '@unionfold/contracts';
import { eventsTopic, type StreamAppend, streamOf } from '@unionfold/eventsourcing';
import { organizationsModule } from '@unionfold/organizations';
import { MasterKey } from '@unionfold/privacy';
import {
  createLogger,
  openDistributedPlatform,
  ProtoEventCodec,
  ServiceDirectory,
  startService,
} from '@unionfold/service-kit';
import kafkajs, { type Kafka } from 'kafkajs';
import { type Db, MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { addressesFromEnvironment } from '../infra/addresses.ts';
import { Installation } from './installation.ts';
import { type Report, UncheckedError } from './report.ts';
import { type VerifyOptions, verify } from './verify.ts';

const partitions = 2;
const unions = 60;
const topic = eventsTopic('organizations');
const prefix = `verify_${randomBytes(4).toString('hex')}`;
const installation = new Installation(prefix);
/** Ids of one partition lie in one stretch. */
const stretch = 2 ** 44;

const addresses = addressesFromEnvironment(process.env);
if (addresses === undefined) {
  throw new Error(
    'MONGODB_URI, KAFKA_BROKERS and REDIS_URL are not set: run npm run test:distributed',
  );
}
const { mongodbUri, kafkaBrokers } = addresses;

let mongo: MongoClient;
let organizations: Db;
let kafka: Kafka;

/** Read models and reactions of the service. */
const consumers = 9;

const options: VerifyOptions = {
  mongodbUri,
  kafkaBrokers,
  prefix,
  settled: true,
  only: ['organizations'],
  graceMs: 0,
};

/** Kinds of what was found, with what was found first. */
function found(report: Report): Record<string, string> {
  return Object.fromEntries(
    report.checks.flatMap(({ findings }) =>
      findings.map(({ kind, examples }) => [kind, examples[0] ?? '']),
    ),
  );
}

/** An installation in which one service has worked and is at rest. */
async function makeInstallation(): Promise<void> {
  const logger = createLogger('silent');
  const masterKey = MasterKey.generate();
  const settings = { prefix, partitions, replication: 1, masterKey, logger, redisUrl: undefined };
  const platform = await openDistributedPlatform({ ...settings, mongodbUri, kafkaBrokers });
  const directory = new ServiceDirectory();
  const service = await startService(organizationsModule, { platform, directory, logger });
  try {
    const { events: store } = await platform.storage('organizations');
    // Reactions that follow the members as well begin when there is a topic of theirs.
    await platform.storage('members');
    const codec = new ProtoEventCodec(platform.keys);
    await Promise.all(
      Array.from({ length: unions }, async (_, index) => {
        const appends = await establish(codec, index);
        const receipt = { key: `command ${index}`, fingerprint: 'f', result: {} };
        await store.append(appends, receipt);
      }),
    );
    const stream = streamOf('union', 'u3');
    await store.saveSnapshot({ stream, version: 2, schema: 1, state: {} });
    const heads = await store.heads();
    // Those of the service that was opened first come first.
    const relayed = () =>
      platform
        .relayStates()
        .slice(0, partitions)
        .map(({ position }) => position);
    await vi.waitFor(() => expect(relayed()).toEqual(heads), { timeout: 30_000 });
    const published = (await platform.log.heads(topic)).map((position, partition) => ({
      topic,
      partition,
      position,
    }));
    const documents = await platform.documents('organizations');
    const names = [
      ...service.projections.map(({ projection }) => `${projection.name}_g1`),
      ...service.reactions.map(({ definition }) => definition.name),
    ];
    // A member that joins its group again forgets what it has not stored: only the store tells that it is at rest.
    await vi.waitFor(
      async () => {
        for (const name of names) {
          const stored = (await documents.checkpoints(name)).filter((one) => one.topic === topic);
          const positions = published.map(
            ({ partition }) => stored.find((one) => one.partition === partition)?.position ?? 0,
          );
          expect({ name, positions }).toEqual({
            name,
            positions: published.map(({ position }) => position),
          });
        }
      },
      { timeout: 30_000 },
    );
  } finally {
    await service.stop();
    directory.close();
    await platform.close();
  }
}

/** A union below another one: a public event of its own, and an internal one of the other. */
async function establish(codec: ProtoEventCodec, index: number): Promise<StreamAppend[]> {
  const unionId = `u${index}`;
  const established: EventOf<'UnionEstablished'>['data'] = {
    unionId,
    name: `union ${index}`,
    type: UnionType.UNION_TYPE_COUNTY,
    territorialParentId: 'u0',
    industryParentId: '',
    regionCode: '',
    creditCode: '',
    foundedOn: '',
    synthetic: false,
  };
  const [first, approved, admitted] = await codec.encode([
    { type: 'UnionEstablished', data: established },
    { type: 'UnionApproved', data: { unionId, approvedByUnionId: 'u0', approvalDocument: '1' } },
    { type: 'SubordinateAdmitted', data: { unionId: 'u0', subordinateId: unionId } },
  ]);
  const metadata = { actor: 'a', correlationId: 'c', occurredAt: '2025-06-01T00:00:00.000Z' };
  const events = (...encoded: (typeof first)[]) =>
    encoded.flatMap((event, nth) =>
      event === undefined ? [] : { ...event, id: `${unionId}-${event.type}-${nth}`, metadata },
    );
  return [
    { stream: streamOf('union', unionId), expectedVersion: 0, events: events(first, approved) },
    { stream: streamOf('subordinates', 'u0'), expectedVersion: 'any', events: events(admitted) },
  ];
}

beforeAll(async () => {
  mongo = await MongoClient.connect(mongodbUri);
  organizations = mongo.db(installation.database('organizations'));
  kafka = new kafkajs.Kafka({ brokers: [...kafkaBrokers], logLevel: kafkajs.logLevel.NOTHING });
  await makeInstallation();
});

afterAll(async () => {
  for (const owner of ['organizations', 'platform']) {
    await mongo.db(installation.database(owner)).dropDatabase();
  }
  await mongo.close();
  const admin = kafka.admin();
  await admin.connect();
  const topics = [installation.kafkaTopic(topic), installation.kafkaDeadLetters(topic)];
  await admin.deleteTopics({ topics });
  await admin.disconnect();
});

describe('npm run verify', () => {
  it('finds an installation whole in which nothing is wrong', async () => {
    const report = await verify(options);
    expect(found(report)).toEqual({});
    expect(report).toMatchObject({ verdict: 'whole', violations: 0, warnings: 0 });
    const checks = report.checks.filter(
      ({ check, subject }) => check !== 'drift' || subject.endsWith('/children'),
    );
    const counts = Object.fromEntries(checks.map(({ check, counts }) => [check, counts]));
    expect(counts).toEqual({
      'event-store': {
        partitions,
        events: 3 * unions,
        streams: unions + 1,
        receipts: unions,
        snapshots: 1,
      },
      topic: { partitions, records: 2 * unions, events: 2 * unions, redelivered: 0 },
      consumers: { consumers, checkpoints: consumers * partitions, deadLetters: 0, parked: 0 },
      drift: { events: 2 * unions, documents: unions },
    });
  });

  it('does not take what it does not find for whole', async () => {
    await expect(verify({ ...options, prefix: 'nobody' })).rejects.toThrow(UncheckedError);
    expect(
      await verify({ ...options, settled: false, only: ['organizations', 'members'] }),
    ).toMatchObject({
      verdict: 'unchecked',
    });
  });

  it('finds what was written into read models and what consumers have left', async () => {
    const documents = organizations.collection<{ _id: string }>('d_children_g1_unions');
    const [, two, three] = await documents.find().sort({ _id: 1 }).toArray();
    if (two === undefined || three === undefined) throw new Error('no documents');
    const checkpoints = organizations.collection<{ position: number }>('checkpoints');
    const [checkpoint] = await checkpoints.find({ partition: 0 }).toArray();
    const letters = organizations.collection<{ _id: string; doc: object }>('d_dead_letters');
    const recorded = { id: 'nothing', stream: 'union-x', partition: 0, position: 1 };
    const consumer = 'children_g1';
    await documents.updateOne({ _id: two._id }, { $set: { 'doc.parentId': 'u9' } });
    await documents.deleteOne({ _id: three._id });
    await documents.insertOne({ _id: 'zzz' });
    await checkpoints.updateOne({ partition: 1 }, { $inc: { position: 1_000 } });
    await organizations.collection('d_children_g7_unions').insertOne({ a: 1 });
    await letters.insertOne({
      _id: 'l',
      doc: { consumer, entry: { consumer, topic, parked: false, recorded } },
    });
    const here = found(await verify({ ...options, drift: false }));
    expect(here).toEqual({
      'checkpoint-ahead': expect.stringContaining(`${consumer} at ${topic}/1@`),
      'dead-letter': `${consumer} ${topic}/0@1, stream union-x`,
      'letter-orphan': `${consumer} ${topic}/0@1`,
      'letter-unpublished': `${consumer} ${topic}/0@1, stream union-x`,
      'orphan-generation': 'collection children_g7_unions',
    });
    await letters.deleteOne({ _id: 'l' });
    await checkpoints.updateOne({ partition: 1 }, { $inc: { position: -1_000 } });
    await organizations.collection('d_children_g7_unions').drop();
    expect(found(await verify(options))).toEqual({
      'drift-differs': `unions ${two._id}: parentId`,
      'drift-missing': `unions ${three._id}`,
      'drift-extra': 'unions zzz',
    });
    // Behind, it is not as a rebuild to where it stands makes it either: what comes again counts twice.
    await documents.replaceOne({ _id: two._id }, two);
    await documents.insertOne(three);
    await documents.deleteOne({ _id: 'zzz' });
    await checkpoints.updateOne({ partition: 0 }, { $set: { position: 1 } });
    expect(Object.keys(found(await verify(options)))).toEqual(['behind', 'drift-extra']);
    await checkpoints.updateOne(
      { partition: 0 },
      { $set: { position: checkpoint?.position ?? 0 } },
    );
    expect(found(await verify(options))).toEqual({});
  });

  it('finds what was written into the event store', async () => {
    const events = organizations.collection<{
      _id: { stream: string; version: number };
      place: number;
    }>('recorded_events');
    const counters = organizations.collection<{ _id: number; position: number }>('partitions');
    const snapshots = organizations.collection<{ _id: string; version: number }>('snapshots');
    const [first, , third] = await events
      .find({ place: { $lt: stretch } })
      .sort({ place: 1 })
      .toArray();
    if (first === undefined || third === undefined) throw new Error('no events');
    await events.deleteOne({ _id: third._id });
    const stray = { stream: 'elsewhere', version: 1 };
    await events.insertOne({ ...first, _id: stray, place: 9 * stretch + 1 });
    await counters.updateOne({ _id: 1 }, { $inc: { position: 5 } });
    await snapshots.insertOne({ _id: 's', version: 4 });
    const report = found(await verify({ ...options, drift: false }));
    expect(report).toMatchObject({
      'position-gap': 'partition 0, positions 3 to 3',
      'receipt-orphan': expect.stringContaining(`0@3, stream ${third._id.stream}`),
      'event-outside': `place ${9 * stretch + 1}`,
      'counter-wrong': expect.stringContaining('partition 1, counter '),
      'snapshot-ahead': 'stream s, snapshot 4, last version 0',
      unpublished: expect.stringContaining('partition 1: '),
    });
    await events.insertOne(third);
    await events.deleteOne({ _id: stray });
    await counters.updateOne({ _id: 1 }, { $inc: { position: -5 } });
    await snapshots.deleteOne({ _id: 's' });
    expect(found(await verify({ ...options, drift: false }))).toEqual({});
  });

  it('finds a relay that has noted what it did not do', async () => {
    const relays = mongo.db(installation.shared).collection<{ published: number }>('relay');
    await relays.updateOne({ topic, partition: 0 }, { $inc: { position: -1, published: -1 } });
    expect(Object.keys(found(await verify({ ...options, drift: false })))).toContain('unpublished');
    await relays.updateOne({ topic, partition: 0 }, { $inc: { position: 2, published: 2 } });
    expect(found(await verify({ ...options, drift: false }))).toMatchObject({
      'relay-ahead': expect.any(String),
      'published-wrong': expect.any(String),
    });
    await relays.updateOne({ topic, partition: 0 }, { $inc: { position: -1, published: -1 } });
  });

  it('finds what was written into the topic, and bears what was delivered again', async () => {
    const producer = kafka.producer({ allowAutoTopicCreation: false });
    await producer.connect();
    const kafkaTopic = installation.kafkaTopic(topic);
    const events = organizations.collection<
      {
        _id: { stream: string; version: number };
        place: number;
        data: string;
      } & Record<string, unknown>
    >('recorded_events');
    const again = await events.findOne({ place: { $lt: stretch }, type: /UnionEstablished$/ });
    if (again === null) throw new Error('no event');
    const headers: Record<string, string> = {
      'content-type': 'application/json',
      ce_specversion: '1.0',
      ce_id: String(again['id']),
      ce_source: '/unionfold/organizations',
      ce_type: String(again['type']),
      ce_subject: again._id.stream,
      ce_time: (again['recordedAt'] as Date).toISOString(),
      ce_streamversion: String(again._id.version),
      ce_position: String(again.place),
      ce_occurredat: '2025-06-01T00:00:00.000Z',
      ce_actor: 'a',
      ce_correlationid: 'c',
    };
    const record = { partition: 0, key: again._id.stream, value: again.data, headers };
    await producer.send({ topic: kafkaTopic, messages: [record] });
    const report = await verify({ ...options, drift: false });
    expect(found(report)).toEqual({});
    expect(report.checks.find(({ check }) => check === 'topic')?.counts).toMatchObject({
      redelivered: 1,
    });
    await producer.send({
      topic: kafkaTopic,
      messages: [
        { ...record, value: '{"name":"another"}' },
        { ...record, headers: { ...headers, ce_id: 'forged' } },
        { partition: 1, key: 'k', value: 'v' },
      ],
    });
    await producer.disconnect();
    expect(found(await verify({ ...options, drift: false }))).toEqual({
      'content-differs': expect.stringMatching(/: value$/),
      phantom: expect.stringContaining('id forged'),
      'foreign-record': expect.stringContaining('partition 1, offset '),
    });
  });
});
