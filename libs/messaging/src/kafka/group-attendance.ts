import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ConsumeOptions } from '@unionfold/eventsourcing';
import type { Consumer, EachBatchPayload } from 'kafkajs';
import { BackOff } from '../back-off.ts';
import type { GroupMemberSettings, Place } from './group-member.ts';
import { joiningAfter } from './joining-after.ts';
import { partitionAssigner } from './partition-assigner.ts';
import { PartitionSlot } from './partition-slot.ts';

/** How long the group waits for a member that is not heard of. Milliseconds. */
const sessionMs = 8_000;
const heartbeatMs = 2_000;
/** How long the others wait for a member that ends its batch. Milliseconds. */
const rebalanceMs = 60_000;
/** Longest that a fetch waits for records. Milliseconds. */
const fetchWaitMs = 300;
/** Records fetched at once, compressed: of one partition, and of all. A larger batch comes alone. Bytes. */
const fetchBytes = { partition: 2 ** 19, all: 2 ** 22 };
/** Without a sign of life of the client for so long, it is replaced: longer than a rebalance lasts. Milliseconds. */
const silenceMs = 90_000;
/** How often partitions are looked at that wait for records although there are some. Milliseconds. */
const stuckMs = 15_000;
/** So many fetches between two looks should have brought a record that is there. */
const fetchesEnough = 3;
/** How often the group is told offsets. Milliseconds. */
const noteMs = 2_000;
/** How long the client has to say good-bye. Milliseconds. */
const farewellMs = 5_000;

/** A client does not do what it is there for. */
class ClientStuckError extends Error {
  override readonly name = 'ClientStuckError';
}

/**
 * The time that one kafkajs client spends in a group. What is known to go wrong in that client is met here:
 *
 * - It fetches nothing while anything of the fetch before is handled, so that one slow partition holds up all. Here it
 *   only puts what it has fetched into the partitions' slots, and a partition with much in hand is paused.
 * - It would rejoin while batches are in hand. Here joining waits until what was lost has come to its end, and the
 *   group hears of the member meanwhile.
 * - After a rebalance it reads from the group's offset. Here every assignment asks the consumer's checkpoint.
 * - It stops consuming, or crashes, in some rebalances. A crash, silence, or a partition that is not given records
 *   although there are some ends the attendance; the member begins another one.
 * - Two members may believe in one partition for a moment. Checkpoints and tenures in the consumer's store decide.
 */
export class GroupAttendance {
  readonly #options: ConsumeOptions;
  readonly #settings: GroupMemberSettings;
  readonly #consumer: Consumer;
  readonly #onAssigned: (places: readonly Place[]) => void;
  readonly #over = new AbortController();
  readonly #slots = new Map<string, PartitionSlot>();
  /** Resolves when nothing of the slots that were lost runs any more. */
  #lost: Promise<unknown> = Promise.resolve();
  /** Offsets to be told to the group, by topic (with prefix) and partition. */
  readonly #offsets = new Map<string, { topic: string; partition: number; offset: string }>();
  #heartbeat: () => Promise<void> = async () => undefined;
  #lastSign = performance.now();
  #fetches = 0;

  /**
   * @param held the partitions that the member had last: where that can be, it is to have them again
   * @param onAssigned is told those it has now
   */
  constructor(
    options: ConsumeOptions,
    settings: GroupMemberSettings,
    held: () => readonly Place[],
    onAssigned: (places: readonly Place[]) => void,
  ) {
    this.#options = options;
    this.#settings = settings;
    this.#onAssigned = onAssigned;
    const { group, exclusive = false } = options;
    const { kafka, prefix } = settings;
    const assigner = partitionAssigner(exclusive, held);
    this.#consumer = kafka.consumer({
      groupId: prefix + group,
      sessionTimeout: sessionMs,
      heartbeatInterval: heartbeatMs,
      rebalanceTimeout: rebalanceMs,
      maxWaitTimeInMs: fetchWaitMs,
      maxBytesPerPartition: fetchBytes.partition,
      maxBytes: fetchBytes.all,
      allowAutoTopicCreation: false,
      partitionAssigners: [joiningAfter(() => this.#untilLostAreIdle(), assigner)],
      // A client that has crashed is replaced as a whole.
      retry: { retries: 5, restartOnFailure: async () => false },
    });
    const sign = () => {
      this.#lastSign = performance.now();
    };
    const { events } = this.#consumer;
    this.#consumer.on(events.GROUP_JOIN, ({ payload }) => {
      sign();
      this.#assign(payload.memberAssignment);
    });
    this.#consumer.on(events.REBALANCING, () => {
      sign();
      this.#loseAll();
    });
    this.#consumer.on(events.CRASH, ({ payload }) => this.end(payload.error));
    this.#consumer.on(events.FETCH, () => {
      sign();
      this.#fetches++;
    });
    this.#consumer.on(events.HEARTBEAT, sign);
  }

  assignments(): readonly Place[] {
    return [...this.#slots.values()].map(({ topic, partition }) => ({ topic, partition }));
  }

  /** Ends it, with a failure or as planned. */
  end(failure?: unknown): void {
    if (failure === undefined) this.#over.abort();
    else this.#over.abort(failure);
  }

  /**
   * Consumes until {@link end}; nothing of it runs any more when this resolves.
   * @param topics with prefix; all of them exist
   * @throws what the client failed with
   */
  async attend(topics: readonly string[]): Promise<void> {
    const { signal } = this.#over;
    const consumer = this.#consumer;
    const noting = setInterval(() => void this.#noteOffsets(), noteMs);
    const watching = this.#watch().catch((error: unknown) => this.end(error));
    try {
      await consumer.connect();
      await consumer.subscribe({ topics: [...topics], fromBeginning: true });
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: true,
        eachBatch: async (payload) => this.#take(payload),
      });
      if (!signal.aborted) await once(signal, 'abort');
      const reason: unknown = signal.reason;
      const isPlanned = reason instanceof DOMException;
      if (!isPlanned) throw reason;
    } finally {
      this.end();
      clearInterval(noting);
      this.#loseAll();
      await this.#untilLostAreIdle();
      await watching;
      // A client that fails may not come to an end: it is left alone, and what it still fetches is not looked at.
      await withinMs(
        farewellMs,
        this.#noteOffsets().then(() => consumer.disconnect()),
      );
    }
  }

  /** Keeps the group's offsets near the checkpoints, for tools that show lag. Nothing rests on them. */
  async #noteOffsets(): Promise<void> {
    const offsets = [...this.#offsets.values()];
    this.#offsets.clear();
    if (offsets.length > 0) await this.#consumer.commitOffsets(offsets).catch(() => undefined);
  }

  #take({ batch, heartbeat }: EachBatchPayload): void {
    this.#heartbeat = heartbeat;
    this.#slots.get(`${this.#plain(batch.topic)}/${batch.partition}`)?.offer(batch.messages);
  }

  #assign(assignment: Record<string, number[]>): void {
    this.#loseAll();
    if (this.#over.signal.aborted) return;
    const places: Place[] = [];
    for (const [topic, partitions] of Object.entries(assignment)) {
      for (const partition of partitions) {
        const slot = this.#slot(topic, partition);
        this.#slots.set(`${slot.topic}/${partition}`, slot);
        places.push({ topic, partition });
      }
    }
    this.#onAssigned(places);
  }

  #slot(topic: string, partition: number): PartitionSlot {
    const consumer = this.#consumer;
    const backOff = new BackOff(this.#settings.backOff);
    const slot = new PartitionSlot(this.#plain(topic), partition, this.#options, {
      after: this.#lost,
      extent: () => this.#settings.extent(topic, partition),
      seek: (offset) => consumer.seek({ topic, partition, offset }),
      setPaused: (isPaused) => {
        const where = [{ topic, partitions: [partition] }];
        if (isPaused) consumer.pause(where);
        else consumer.resume(where);
      },
      noteOffset: (offset) => {
        this.#offsets.set(`${topic}/${partition}`, { topic, partition, offset });
      },
      // The partition rests while the others go on; then the checkpoint is asked for again.
      onFailure: (error) => {
        this.#options.onError(error);
        void this.#place(slot, backOff, true);
      },
      onHandled: () => backOff.reset(),
    });
    void this.#place(slot, backOff);
    return slot;
  }

  async #place(slot: PartitionSlot, backOff: BackOff, rests = false): Promise<void> {
    if (rests) await backOff.pause(slot.lost);
    while (!slot.lost.aborted) {
      try {
        await slot.place();
        return;
      } catch (error) {
        this.#options.onError(error);
        await backOff.pause(slot.lost);
      }
    }
  }

  /** Resolves at the end, or rejects when the client does not do what it is there for. */
  async #watch(): Promise<void> {
    const { signal } = this.#over;
    const { group } = this.#options;
    let looked = new Map<PartitionSlot, { readonly offset: bigint; readonly fetches: number }>();
    while (!signal.aborted) {
      await sleep(stuckMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      if (performance.now() - this.#lastSign > silenceMs) {
        throw new ClientStuckError(`the client of group ${group} is silent`);
      }
      const waiting: typeof looked = new Map();
      for (const slot of this.#slots.values()) {
        const offset = slot.waitsFor;
        if (offset === undefined || !(await this.#has(slot, offset))) continue;
        // A record may have come this very moment, and a client that joins again does not fetch.
        const before = looked.get(slot);
        if (before?.offset === offset && this.#fetches - before.fetches >= fetchesEnough) {
          throw new ClientStuckError(`group ${group} is not given ${slot.topic}/${slot.partition}`);
        }
        waiting.set(slot, before?.offset === offset ? before : { offset, fetches: this.#fetches });
      }
      looked = waiting;
    }
  }

  /** Whether the partition has the record, and the slot still waits for it. */
  async #has({ topic, partition }: PartitionSlot, offset: bigint): Promise<boolean> {
    const { extent, prefix } = this.#settings;
    const there = await extent(prefix + topic, partition).catch(() => undefined);
    const slot = this.#slots.get(`${topic}/${partition}`);
    return there !== undefined && offset < there.high && slot?.waitsFor === offset;
  }

  #loseAll(): void {
    const slots = [...this.#slots.values()];
    for (const slot of slots) slot.lose();
    this.#slots.clear();
    this.#lost = Promise.all([this.#lost, ...slots.map((slot) => slot.idle())]);
  }

  /** The group hears of the member while it waits: also when that says no more than that the group is being shared. */
  async #untilLostAreIdle(): Promise<void> {
    const beating = setInterval(() => void this.#heartbeat().catch(() => undefined), heartbeatMs);
    try {
      await this.#lost;
    } finally {
      clearInterval(beating);
    }
  }

  #plain(topic: string): string {
    return topic.slice(this.#settings.prefix.length);
  }
}

/** Waits for the work no longer than that, whatever becomes of it. */
async function withinMs(milliseconds: number, work: Promise<unknown>): Promise<void> {
  const done = new AbortController();
  const settled = work.catch(() => undefined).finally(() => done.abort());
  const time = sleep(milliseconds, undefined, { signal: done.signal }).catch(() => undefined);
  await Promise.race([settled, time]);
}
