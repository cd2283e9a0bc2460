import { randomUUID } from 'node:crypto';
import { setImmediate as macrotask } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type EventData, partitionOf, type RecordedEvent } from '../event.ts';
import {
  type ConsumeOptions,
  type EventLog,
  eventsTopic,
  type LogBatch,
  type LogConsumer,
  UnknownTopicError,
} from '../event-log.ts';
import type { EventStore } from '../event-store.ts';

type TopicOwner = Pick<EventStore, 'append' | 'readPartition' | 'heads'>;

/** What an adapter gives the suite. */
export interface EventLogHarness {
  /** Filters with {@link isPublicContractEvent}, and comes back after a failure within a second at first. */
  readonly log: EventLog;
  /**
   * Creates the store that owns a new topic and publishes to it. The topic may be consumed already.
   * @returns the store; what is appended to it reaches the log without more ado
   */
  createTopic(topic: string, partitions: number): Promise<TopicOwner>;
  /** Closes the log, then the stores. */
  close(): Promise<void>;
}

const publicType = 'unionfold.contract.v1.Noted';
const internalType = 'unionfold.contract.v1.InternallyNoted';

/** Which of the suite's events leave their service. */
export function isPublicContractEvent(type: string): boolean {
  return type === publicType;
}

/** What every adapter of the {@link EventLog} port must do. Declares tests, so call it in a spec file. */
export function eventLogContract(name: string, factory: () => Promise<EventLogHarness>): void {
  describe(`${name} as an event log`, () => {
    let harness: EventLogHarness;
    let log: EventLog;
    let topic: string;
    let group: string;
    const models: ReadModel[] = [];
    const consumers: LogConsumer[] = [];

    beforeAll(async () => {
      harness = await factory();
      log = harness.log;
    });
    afterAll(() => harness.close());
    beforeEach(() => {
      topic = eventsTopic(`contract-${randomUUID()}`);
      group = `contract-${randomUUID()}`;
    });
    afterEach(async () => {
      await Promise.all(consumers.splice(0).map((consumer) => consumer.stop()));
      expect(models.splice(0).flatMap((model) => model.violations)).toEqual([]);
    });

    const newModel = () => {
      const model = new ReadModel();
      models.push(model);
      return model;
    };
    const join = (
      model: ReadModel,
      options: Partial<ConsumeOptions> = {},
      work?: (batch: LogBatch) => Promise<void>,
    ) => {
      const consumer = log.consume(model.member({ group, topics: [topic], ...options }, work));
      consumers.push(consumer);
      return consumer;
    };
    const newTopic = async (partitions: number, name = topic) =>
      new ContractTopic(name, partitions, await harness.createTopic(name, partitions));

    it('delivers what was appended before and after the start, in order in every partition', async () => {
      const events = await newTopic(3);
      for (let note = 0; note < 30; note++) await events.note(note % 3, 3);
      const model = newModel();
      join(model, { maxBatch: 8 });
      await model.caughtUpWith(events);
      for (let note = 0; note < 30; note++) await events.note(note % 3, 1);
      await model.caughtUpWith(events);

      expect(model.applied(events)).toEqual(await events.published());
      expect(Math.max(...model.batches.map((batch) => batch.events.length))).toBeLessThanOrEqual(8);
    });

    it('delivers larger batches when behind', async () => {
      const events = await newTopic(1);
      for (let note = 0; note < 10; note++) await events.note(0, 50);
      const model = newModel();
      join(model, { maxBatch: 100 });
      await model.caughtUpWith(events);

      expect(model.applied(events)).toEqual(await events.published());
      expect(model.batches.length).toBeLessThan(50);
    });

    it('starts after the checkpoint that the consumer names', async () => {
      const events = await newTopic(2);
      await events.note(0, 5);
      await events.note(1, 5);
      const model = newModel();
      const first = join(model);
      await model.caughtUpWith(events);
      await first.stop();
      const before = model.batches.length;

      await events.note(0, 5);
      await events.note(1, 5);
      join(model);
      await model.caughtUpWith(events);
      const delivered = model.batches.slice(before).flatMap((batch) => batch.events);
      expect(Math.min(...delivered.map((event) => event.position))).toBe(6);
      expect(model.applied(events)).toEqual(await events.published());
    });

    it('loses nothing when the checkpoint lies inside a batch and its cursor is an older one', async () => {
      const events = await newTopic(1);
      await events.note(0, 4);
      const model = newModel();
      const first = join(model);
      await model.caughtUpWith(events);
      await first.stop();
      const cursor = model.checkpoint(topic, 0)?.cursor ?? '';
      await events.note(0, 6);

      const resumed = newModel();
      resumed.keepCheckpoint(topic, 0, { position: 7, cursor });
      join(resumed);
      await resumed.caughtUpWith(events);
      expect(resumed.positions(topic, 0)).toEqual([8, 9, 10]);
    });

    it('shares the partitions evenly between the members of a group', async () => {
      const events = await newTopic(4);
      const model = newModel();
      const seen = [new Set<number>(), new Set<number>()];
      const members = seen.map((partitions) =>
        join(model, {}, async (batch) => {
          partitions.add(batch.partition);
        }),
      );
      await vi.waitFor(
        () => expect(members.map((member) => member.assignments().length)).toEqual([2, 2]),
        patience,
      );
      const assigned = members.flatMap((member) => member.assignments());
      expect(assigned.map(({ partition }) => partition).sort()).toEqual([0, 1, 2, 3]);
      expect(assigned.every((assignment) => assignment.topic === topic)).toBe(true);

      for (let partition = 0; partition < 4; partition++) await events.note(partition, 5);
      await model.caughtUpWith(events);
      expect(seen.map((partitions) => partitions.size)).toEqual([2, 2]);
      expect(model.applied(events)).toEqual(await events.published());
    });

    it('gives every group everything', async () => {
      const events = await newTopic(2);
      const groups = [newModel(), newModel()];
      for (const [index, model] of groups.entries()) join(model, { group: `${group}-${index}` });
      for (let note = 0; note < 10; note++) await events.note(note % 2, 3);
      for (const model of groups) {
        await model.caughtUpWith(events);
        expect(model.applied(events)).toEqual(await events.published());
      }
    });

    it('gives one consumer several topics', async () => {
      const other = `${topic}-other`;
      const topics = [await newTopic(2), await newTopic(1, other)];
      const model = newModel();
      join(model, { topics: [topic, other] });
      for (const events of topics) await events.note(0, 3);
      for (const events of topics) {
        await model.caughtUpWith(events);
        expect(model.applied(events)).toEqual(await events.published());
      }
    });

    it('ends the batch under way before a member has left and another one takes over', async () => {
      const events = await newTopic(1);
      const model = newModel();
      const story: string[] = [];
      const began = Promise.withResolvers<void>();
      const goOn = Promise.withResolvers<void>();
      const leaving = join(model, {}, async () => {
        began.resolve();
        await goOn.promise;
        story.push('batch ended');
      });
      await events.note(0, 1);
      await began.promise;
      join(model, {
        startAfter: async (...partition) => {
          story.push('other member asked');
          return await model.startAfter(...partition);
        },
      });
      const left = leaving.stop().then(() => story.push('member had left'));
      await macrotask();
      await macrotask();
      goOn.resolve();
      await left;
      await events.note(0, 3);
      await model.caughtUpWith(events);

      expect(story[0]).toBe('batch ended');
      expect(story.slice(1).sort()).toEqual(['member had left', 'other member asked']);
      expect(leaving.assignments()).toEqual([]);
      expect(model.applied(events)).toEqual(await events.published());
    });

    it('loses nothing and handles nothing twice at once while members come and go', async () => {
      const events = await newTopic(4);
      const model = newModel();
      const joinSlowly = () =>
        join(model, { maxBatch: 5 }, async () => {
          for (let turn = 0; turn < 3; turn++) await macrotask();
        });
      const members = [joinSlowly()];
      for (let round = 0; round < 12; round++) {
        for (let partition = 0; partition < 4; partition++) await events.note(partition, 10);
        // Two come for each one that goes, so that partitions move while batches are under way.
        members.push(joinSlowly());
        if (round % 2 === 1) await members.shift()?.stop();
      }
      while (members.length > 1) await members.pop()?.stop();
      await events.note(0, 1);
      await model.caughtUpWith(events);
      expect(model.applied(events)).toEqual(await events.published());
    });

    it('counts nothing of a rejected batch and delivers again from the checkpoint', async () => {
      const events = await newTopic(1);
      await events.note(0, 10);
      const model = newModel();
      const rejection = new Error('the read model is locked');
      let tries = 0;
      join(model, { maxBatch: 4 }, async (batch) => {
        if (batch.events.some((event) => event.position === 6) && ++tries <= 2) throw rejection;
      });
      await model.caughtUpWith(events);
      expect(model.errors).toEqual([rejection, rejection]);
      expect(model.asked).toBeGreaterThanOrEqual(3);
      expect(model.applied(events)).toEqual(await events.published());
    });

    it('goes on from the part of a batch that was kept before the rejection', async () => {
      const events = await newTopic(1);
      await events.note(0, 10);
      const model = newModel();
      const rejection = new Error('stopped before the last event');
      join(model, {}, async (batch) => {
        if (model.errors.length > 0 || batch.position < 10) return;
        model.keepCheckpoint(topic, 0, { position: 9, cursor: '' });
        throw rejection;
      });
      await model.caughtUpWith(events);
      expect(model.errors).toEqual([rejection]);
      expect(model.positions(topic, 0)).toContain(10);
      expect(model.positions(topic, 0)).not.toContain(9);
    });

    it('goes on with the other partitions while one is rejected again and again', async () => {
      const events = await newTopic(2);
      const model = newModel();
      join(model, {}, async (batch) => {
        if (batch.partition === 0) throw new Error('poison');
      });
      await events.note(0, 1);
      await vi.waitFor(() => expect(model.errors.length).toBeGreaterThanOrEqual(2), patience);
      for (let note = 0; note < 5; note++) await events.note(1, 4);
      await model.reached(topic, 1, 20);
      const errors = model.errors.length;
      await vi.waitFor(() => expect(model.errors.length).toBeGreaterThan(errors), patience);
      expect(model.checkpoint(topic, 0)).toBeUndefined();
      expect(model.positions(topic, 1).length).toBe(20);
    });

    it('asks again when the checkpoint cannot be read', async () => {
      const events = await newTopic(1);
      await events.note(0, 3);
      const model = newModel();
      const failure = new Error('no answer');
      join(model, {
        startAfter: async (...partition) => {
          if (model.errors.length === 0) throw failure;
          return await model.startAfter(...partition);
        },
      });
      await model.caughtUpWith(events);
      expect(model.errors).toEqual([failure]);
    });

    it('leaves internal events out and moves the position past them', async () => {
      const events = await newTopic(2);
      await events.note(0, 2);
      await events.noteInternally(0, 3);
      await events.note(0, 1);
      await events.noteInternally(0, 2);
      await events.noteInternally(1, 25);
      const model = newModel();
      join(model, { maxBatch: 10 });
      await model.caughtUpWith(events);
      expect(model.positions(topic, 0)).toEqual([1, 2, 6]);
      expect(model.positions(topic, 1)).toEqual([]);

      await events.noteInternally(1, 1);
      await events.note(1, 1);
      await model.reached(topic, 1, 27);
      expect(model.positions(topic, 1)).toEqual([27]);
    });

    it('tells how far every partition is published, and a consumer gets there', async () => {
      const events = await newTopic(3);
      await vi.waitFor(async () => expect(await log.heads(topic)).toEqual([0, 0, 0]), patience);
      await events.note(0, 2);
      await events.noteInternally(0, 3);
      await events.noteInternally(2, 5);
      await events.note(2, 1);
      await vi.waitFor(async () => {
        const [first = 0, second, third] = await log.heads(topic);
        expect(first).toBeGreaterThanOrEqual(2);
        expect([second, third]).toEqual([0, 6]);
      }, patience);
      const heads = await log.heads(topic);
      const model = newModel();
      join(model);
      for (const [partition, head] of heads.entries()) await model.reached(topic, partition, head);
    });

    it('knows no topic that was never made', async () => {
      await expect(log.heads(`${topic}-nowhere`)).rejects.toThrow(UnknownTopicError);
    });

    it('gives an exclusive group to one member, and to the next one when it leaves', async () => {
      const other = `${topic}-other`;
      const topics = [await newTopic(3), await newTopic(2, other)];
      const model = newModel();
      const exclusive = { topics: [topic, other], exclusive: true };
      const members = [join(model, exclusive), join(model, exclusive), join(model, exclusive)];
      const shares = () => members.map((member) => member.assignments().length);
      const areSettled = (...wanted: number[]) =>
        vi.waitFor(() => expect(shares().toSorted()).toEqual(wanted), patience);
      await areSettled(0, 0, 5);
      for (const events of topics) {
        for (let partition = 0; partition < events.partitions; partition++) {
          await events.note(partition, 4);
        }
        await model.caughtUpWith(events);
      }
      const holder = members.find((member) => member.assignments().length > 0);
      members.splice(members.indexOf(holder as LogConsumer), 1);
      await holder?.stop();
      await areSettled(0, 5);
      for (const events of topics) {
        await events.note(0, 4);
        await model.caughtUpWith(events);
        expect(model.applied(events)).toEqual(await events.published());
      }
    });

    it('waits for a topic that does not exist yet', async () => {
      const later = `${topic}-later`;
      const early = await newTopic(1);
      const model = newModel();
      join(model, { topics: [later, topic] });
      await early.note(0, 2);
      await model.caughtUpWith(early);

      const late = await newTopic(2, later);
      await late.note(1, 3);
      await model.caughtUpWith(late);
      expect(model.applied(late)).toEqual(await late.published());
    });

    it('stops every consumer when it is closed, after the batch under way', async () => {
      const own = await factory();
      const events = new ContractTopic(topic, 1, await own.createTopic(topic, 1));
      const model = newModel();
      const began = Promise.withResolvers<void>();
      const goOn = Promise.withResolvers<void>();
      const consumer = own.log.consume(
        model.member({ group, topics: [topic] }, async () => {
          began.resolve();
          await goOn.promise;
        }),
      );
      await events.note(0, 1);
      await began.promise;
      const kept = own.log.close().then(() => model.positions(topic, 0));
      await macrotask();
      goOn.resolve();
      expect(await kept).toEqual([1]);
      expect(consumer.assignments()).toEqual([]);
      await own.close();
    });
  });
}

const patience = { timeout: 20_000, interval: 5 };

interface Checkpoint {
  readonly position: number;
  readonly cursor: string;
}

/** A topic and the store that owns it. */
class ContractTopic {
  readonly name: string;
  readonly partitions: number;
  readonly #store: TopicOwner;

  constructor(name: string, partitions: number, store: TopicOwner) {
    this.name = name;
    this.partitions = partitions;
    this.#store = store;
  }

  /** Appends public events to a stream of that partition. */
  async note(partition: number, count: number): Promise<void> {
    await this.#append(partition, count, publicType);
  }

  /** Appends internal events to a stream of that partition. */
  async noteInternally(partition: number, count: number): Promise<void> {
    await this.#append(partition, count, internalType);
  }

  heads(): Promise<readonly number[]> {
    return this.#store.heads();
  }

  /** The public events by partition, as the store has them. */
  async published(): Promise<readonly (readonly RecordedEvent[])[]> {
    const partitions: RecordedEvent[][] = [];
    for (const [partition, head] of (await this.heads()).entries()) {
      const events = await this.#store.readPartition(partition, 0, head + 1);
      partitions.push(events.filter((event) => isPublicContractEvent(event.type)));
    }
    return partitions;
  }

  async #append(partition: number, count: number, type: string): Promise<void> {
    const events = Array.from({ length: count }, (_, index) => contractEvent(type, index));
    const stream = streamOf(partition, this.partitions);
    await this.#store.append([{ stream, expectedVersion: 'any', events }]);
  }
}

function contractEvent(type: string, index: number): EventData {
  return {
    id: randomUUID(),
    type,
    data: { index },
    metadata: {
      actor: 'system:contract',
      correlationId: 'contract',
      occurredAt: '2025-05-01T00:00:00.000Z',
    },
  };
}

function streamOf(partition: number, partitions: number): string {
  for (let number = 0; ; number++) {
    const stream = `contract-${number}`;
    if (partitionOf(stream, partitions) === partition) return stream;
  }
}

/** A consumer's durable side: what it applied, and its checkpoints. Notes what the port forbids. */
class ReadModel {
  readonly batches: LogBatch[] = [];
  readonly errors: unknown[] = [];
  readonly violations: string[] = [];
  /** How often a checkpoint was asked for. */
  asked = 0;
  readonly #applied = new Map<string, RecordedEvent[]>();
  readonly #checkpoints = new Map<string, Checkpoint>();
  /** Where delivery stands since the checkpoint was last asked for. */
  readonly #delivered = new Map<string, number>();
  readonly #underWay = new Set<string>();

  /** A member whose effects and checkpoint are kept together once `work` has resolved. */
  member(
    options: Pick<ConsumeOptions, 'group' | 'topics'> & Partial<ConsumeOptions>,
    work: (batch: LogBatch) => Promise<void> = async () => {},
  ): ConsumeOptions {
    return {
      maxBatch: 100,
      startAfter: (...partition) => this.startAfter(...partition),
      handle: async (batch) => {
        const key = `${batch.topic}/${batch.partition}`;
        if (this.#underWay.has(key)) this.violations.push(`${key}: two batches at once`);
        this.#underWay.add(key);
        try {
          await macrotask();
          await work(batch);
          this.#keep(key, batch);
        } finally {
          this.#underWay.delete(key);
        }
      },
      onError: (error) => this.errors.push(error),
      ...options,
    };
  }

  async startAfter(topic: string, partition: number): Promise<Checkpoint | undefined> {
    this.asked++;
    const key = `${topic}/${partition}`;
    if (this.#underWay.has(key)) this.violations.push(`${key}: asked during a batch`);
    const checkpoint = this.#checkpoints.get(key);
    this.#delivered.set(key, checkpoint?.position ?? 0);
    return checkpoint;
  }

  checkpoint(topic: string, partition: number): Checkpoint | undefined {
    return this.#checkpoints.get(`${topic}/${partition}`);
  }

  keepCheckpoint(topic: string, partition: number, checkpoint: Checkpoint): void {
    this.#checkpoints.set(`${topic}/${partition}`, checkpoint);
  }

  /** What was applied, by partition. */
  applied(topic: ContractTopic): readonly (readonly RecordedEvent[])[] {
    return Array.from(
      { length: topic.partitions },
      (_, partition) => this.#applied.get(`${topic.name}/${partition}`) ?? [],
    );
  }

  positions(topic: string, partition: number): readonly number[] {
    return (this.#applied.get(`${topic}/${partition}`) ?? []).map((event) => event.position);
  }

  async reached(topic: string, partition: number, position: number): Promise<void> {
    await vi.waitFor(() => {
      const reached = this.checkpoint(topic, partition)?.position ?? 0;
      expect(reached, `checkpoint of partition ${partition}`).toBeGreaterThanOrEqual(position);
    }, patience);
  }

  /** With all that is public. */
  async caughtUpWith(topic: ContractTopic): Promise<void> {
    for (const [partition, events] of (await topic.published()).entries()) {
      await this.reached(topic.name, partition, events.at(-1)?.position ?? 0);
    }
  }

  /** Like an idempotent consumer: what the checkpoint covers has no effect again. */
  #keep(key: string, batch: LogBatch): void {
    this.batches.push(batch);
    let delivered = this.#delivered.get(key) ?? 0;
    const kept = this.#checkpoints.get(key)?.position ?? 0;
    const applied = this.#applied.get(key) ?? [];
    for (const event of batch.events) {
      if (event.position > kept && event.position <= delivered) {
        this.violations.push(`${key}: ${event.position} after ${delivered}`);
      }
      if (event.partition !== batch.partition) this.violations.push(`${key}: foreign event`);
      delivered = Math.max(delivered, event.position);
      if (event.position > kept) applied.push(event);
    }
    if (batch.position < delivered) this.violations.push(`${key}: ends before its last event`);
    this.#applied.set(key, applied);
    this.#delivered.set(key, batch.position);
    if (batch.position > kept) {
      this.#checkpoints.set(key, { position: batch.position, cursor: batch.cursor });
    }
  }
}
