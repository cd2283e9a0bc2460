import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { federations, synthetic } from '@unionfold/codes';
import { type EventName, type EventOf, Gender, UnionType } from '@unionfold/contracts';
import {
  type ConsumerPosition,
  type DocumentChange,
  type DocumentStore,
  type EventStore,
  eventsTopic,
  ProjectionRunner,
  streamOf,
} from '@unionfold/eventsourcing';
import { federationProjection } from '@unionfold/gateway';
import { openEmbeddedPlatform, type Platform, ProtoEventCodec } from '@unionfold/service-kit';
import { SqliteDocumentStore } from '@unionfold/storage';
import { forEachConcurrently } from '../seed/concurrency.ts';
import type { Bench, Figures } from './figures.ts';
import { inFolder } from './folder.ts';

const people = 120_000;

/**
 * Rebuilding the federation read model, the largest there is, beside the same document writes without the projection.
 * The log holds the real federations and 120,000 members enrolled in their counties, some of whom moved.
 */
export const projection: Bench = ({ tell }) =>
  inFolder(async (folder) => {
    const file = (name: string) => join(folder, `${name}.db`);
    return await rebuildBeside(
      {
        platform: await openEmbeddedPlatform({ dataDir: join(folder, 'data') }),
        documents: (name) => SqliteDocumentStore.open({ file: file(name) }),
      },
      tell,
    );
  });

/** A profile to rebuild a read model on. */
export interface RebuildEngine {
  readonly platform: Platform;
  /** Opens a document store of its own, by name. */
  readonly documents: (name: string) => Promise<DocumentStore>;
}

/** Rebuilds, then repeats the same writes alone. */
export async function rebuildBeside(
  { platform, documents }: RebuildEngine,
  tell: (line: string) => void,
): Promise<Figures> {
  const codec = new ProtoEventCodec(platform.keys);
  const organizations = await platform.storage('organizations');
  const members = await platform.storage('members');
  await platform.storage('welfare');
  tell('writing the log');
  const written =
    (await write(organizations.events, codec, unionEvents())) +
    (await write(members.events, codec, memberEvents()));

  const recording = new RecordingDocumentStore(await documents('documents'));
  const runner = new ProjectionRunner(federationProjection, {
    log: platform.log,
    documents: recording,
    codec,
    clock: () => new Date(),
    onError: (consumer, error) => tell(`${consumer}: ${String(error)}`),
  });
  tell(`building the read model from ${written} events`);
  await runner.start();
  const targets: ConsumerPosition[] = [];
  for (const [name, { events }] of Object.entries({ organizations, members })) {
    for (const [partition, position] of (await events.heads()).entries()) {
      targets.push({ topic: eventsTopic(name), partition, position });
    }
  }
  await runner.waitFor(targets, 600_000);
  tell('rebuilding');
  recording.changes.length = 0;
  const began = performance.now();
  await runner.rebuild();
  await runner.rebuilt();
  const rebuild = written / ((performance.now() - began) / 1_000);
  await runner.stop();
  await recording.close();

  tell('the same writes alone');
  const raw = written / (await replay(await documents('raw'), recording));
  await platform.close();
  return { events: written, rebuild, raw, rebuild_of_raw: rebuild / raw };
}

type BenchEvent = EventOf<EventName> & { readonly stream: string };

function* unionEvents(): Generator<BenchEvent> {
  for (const union of federations()) {
    const stream = streamOf('union', union.id);
    const territorialParentId = union.parentId ?? '';
    yield {
      stream,
      type: 'UnionEstablished',
      data: {
        unionId: union.id,
        name: union.name,
        type: UnionType[`UNION_TYPE_${union.type}`],
        territorialParentId,
        industryParentId: '',
        regionCode: union.regionCode,
        creditCode: '',
        foundedOn: '',
        synthetic: false,
      },
    };
    yield {
      stream,
      type: 'UnionApproved',
      data: { unionId: union.id, approvedByUnionId: territorialParentId, approvalDocument: '1' },
    };
  }
}

function* memberEvents(): Generator<BenchEvent> {
  const counties = federations().filter(({ type }) => type === 'COUNTY');
  const source = synthetic(3);
  for (let index = 0; index < people; index++) {
    const memberId = `m${index}`;
    const stream = streamOf('member', memberId);
    const person = source.person(index);
    const unionId = counties[index % counties.length]?.id ?? 'cn';
    yield {
      stream,
      type: 'MemberEnrolled',
      data: {
        memberId,
        unionId,
        name: person.name,
        citizenNumber: person.citizenNumber,
        citizenNumberIndex: `index-${index}`,
        mobile: person.mobile,
        gender: person.gender === 'male' ? Gender.GENDER_MALE : Gender.GENDER_FEMALE,
        birthDate: person.birthDate,
        joinedOn: person.hiredOn,
        synthetic: true,
      },
    };
    if (index % 10 === 0) {
      const toUnionId = counties[(index + 1) % counties.length]?.id ?? 'cn';
      yield {
        stream,
        type: 'MemberTransferred',
        data: { memberId, fromUnionId: unionId, toUnionId, reason: '' },
      };
    }
  }
}

async function write(
  store: EventStore,
  codec: ProtoEventCodec,
  events: Generator<BenchEvent>,
): Promise<number> {
  const metadata = { actor: 'bench', correlationId: 'bench', occurredAt: new Date().toISOString() };
  let written = 0;
  for (let batch = take(events, 2_000); batch.length > 0; batch = take(events, 2_000)) {
    const encoded = await codec.encode(batch);
    const streams = Map.groupBy(
      encoded.map((event, index) => ({ event, stream: batch[index]?.stream ?? '' })),
      ({ stream }) => stream,
    );
    await forEachConcurrently(streams, 500, async ([stream, entries]) => {
      await store.append([
        {
          stream,
          expectedVersion: 'any',
          events: entries.map(({ event }) => ({ id: randomUUID(), ...event, metadata })),
        },
      ]);
    });
    written += batch.length;
  }
  return written;
}

function take<T>(source: Generator<T>, count: number): T[] {
  const taken: T[] = [];
  while (taken.length < count) {
    const { value, done } = source.next();
    if (done) break;
    taken.push(value);
  }
  return taken;
}

/** Passes everything on, and keeps what was written in between. */
class RecordingDocumentStore implements DocumentStore {
  readonly changes: DocumentChange[] = [];
  readonly defined: Parameters<DocumentStore['define']>[0][number][] = [];
  readonly #store: DocumentStore;

  constructor(store: DocumentStore) {
    this.#store = store;
  }

  async define(collections: Parameters<DocumentStore['define']>[0]): Promise<void> {
    this.defined.push(...collections);
    await this.#store.define(collections);
  }
  async commit(change: DocumentChange): Promise<void> {
    await this.#store.commit(change);
    const { rewrites = [], puts = [], deletes = [] } = change;
    // Documents alone: the store that the writes are repeated on knows of no checkpoint, and nobody has taken it over.
    this.changes.push({ rewrites, puts, deletes });
  }
  drop: DocumentStore['drop'] = (names) => this.#store.drop(names);
  collections: DocumentStore['collections'] = () => this.#store.collections();
  get: DocumentStore['get'] = (collection, id) => this.#store.get(collection, id);
  getMany: DocumentStore['getMany'] = (collection, ids) => this.#store.getMany(collection, ids);
  find: DocumentStore['find'] = (collection, query) => this.#store.find(collection, query);
  count: DocumentStore['count'] = (collection, query) => this.#store.count(collection, query);
  takeOver: DocumentStore['takeOver'] = (consumer) => this.#store.takeOver(consumer);
  checkpoints: DocumentStore['checkpoints'] = (consumer) => this.#store.checkpoints(consumer);
  dropCheckpoints: DocumentStore['dropCheckpoints'] = (c) => this.#store.dropCheckpoints(c);
  close: DocumentStore['close'] = () => this.#store.close();
}

/** @returns seconds that the recorded changes take by themselves */
async function replay(store: DocumentStore, recording: RecordingDocumentStore): Promise<number> {
  await store.define(recording.defined);
  const began = performance.now();
  for (const change of recording.changes) await store.commit(change);
  const seconds = (performance.now() - began) / 1_000;
  await store.close();
  return seconds;
}
