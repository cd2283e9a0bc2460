import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ConsumeOptions } from '@unionfold/eventsourcing';
import type { Consumer, EachBatchPayload } from 'kafkajs';
import { BackOff } from '../back-off.ts';
import type { GroupMemberSettings, Place } from './group-member.ts';
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
/** How often the group is told offsets. Milliseconds. */
const noteMs = 2_000;
/** How long the client has to say good-bye. Milliseconds. */
const farewellMs = 5_000;
/** Partitions handled side by side. */
const concurrency = 16;

/** A client does not do what it is there for. */
class ClientStuckError extends Error {
  override readonly name = 'ClientStuckError';
}

/**
 * The time that one kafkajs client spends in a group. What is known to go wrong in that client is met here:
 *
 * - It handles no two batches of a partition at once, and ends them before it rejoins, as long as the group hears of
 *   it: heartbeats are sent while a batch is handled, so that a long one is not thrown out. One that fails cuts the
 *   records in hand short, so that the others do not wait for all of them.
 * - After a rebalance it reads from the group's offset. Here every assignment asks the consumer's checkpoint.
 * - It stops consuming, or crashes, in some rebalances. A crash, silence, or a partition that waits although there are
 *   records ends the attendance; the member begins another one.
 * - Two members may believe in one partition for a moment. Checkpoints and tenures in the consumer's store decide.
 */
export class GroupAttendance {
  readonly #options: ConsumeOptions;
  readonly #settings: GroupMemberSettings;
  readonly #consumer: Consumer;
  readonly #onAssigned: (places: readonly Place[]) => void;
  readonly #over = new AbortController();
  readonly #slots = new Map<string, PartitionSlot>();
  readonly #resting = new Map<PartitionSlot, BackOff>();
  /** Resolves when nothing of the slots that were lost runs any more. */
  #lost: Promise<unknown> = Promise.resolve();
  /** Offsets to be told to the group, by topic (with prefix) and partition. */
  readonly #offsets = new Map<string, { topic: string; partition: number; offset: string }>();
  #lastSign = performance.now();

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
    this.#consumer = kafka.consumer({
      groupId: prefix + group,
      sessionTimeout: sessionMs,
      heartbeatInterval: heartbeatMs,
      rebalanceTimeout: rebalanceMs,
      maxWaitTimeInMs: fetchWaitMs,
      maxBytesPerPartition: fetchBytes.partition,
      maxBytes: fetchBytes.all,
      allowAutoTopicCreation: false,
      partitionAssigners: [partitionAssigner(exclusive, held)],
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
    this.#consumer.on(events.FETCH, sign);
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
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: concurrency,
        eachBatch: (payload) => this.#eachBatch(payload),
      });
      if (!signal.aborted) await once(signal, 'abort');
      const reason: unknown = signal.reason;
      const isPlanned = reason instanceof DOMException;
      if (!isPlanned) throw reason;
    } finally {
      this.end();
      clearInterval(noting);
      this.#loseAll();
      await this.#lost;
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

  async #eachBatch({ batch, resolveOffset, heartbeat, pause }: EachBatchPayload): Promise<void> {
    const slot = this.#slots.get(`${this.#plain(batch.topic)}/${batch.partition}`);
    if (slot === undefined || this.#over.signal.aborted) return;
    // Signs of life while a batch takes its time. That the group is being shared anew is seen by the client itself.
    const beating = setInterval(() => {
      heartbeat().catch(() => slot.cutShort());
    }, heartbeatMs);
    try {
      await slot.take(batch.messages, resolveOffset);
      this.#resting.get(slot)?.reset();
    } catch (error) {
      this.#options.onError(error);
      void this.#placeLater(slot, pause());
    } finally {
      clearInterval(beating);
    }
  }

  /** After a failure the partition rests while the others go on; then the checkpoint is asked for again. */
  async #placeLater(slot: PartitionSlot, resume: () => void): Promise<void> {
    const backOff = this.#resting.get(slot) ?? new BackOff(this.#settings.backOff);
    this.#resting.set(slot, backOff);
    await this.#placeUntilDone(slot, backOff, true);
    // Also when it is lost: kafkajs would keep it paused for the slot that comes after it.
    resume();
  }

  #assign(assignment: Record<string, number[]>): void {
    this.#loseAll();
    if (this.#over.signal.aborted) return;
    const places: Place[] = [];
    for (const [topic, partitions] of Object.entries(assignment)) {
      for (const partition of partitions) {
        const plain = this.#plain(topic);
        const slot = new PartitionSlot(plain, partition, this.#options, {
          after: this.#lost,
          extent: () => this.#settings.extent(topic, partition),
          seek: (offset) => this.#consumer.seek({ topic, partition, offset }),
          noteOffset: (offset) => {
            this.#offsets.set(`${topic}/${partition}`, { topic, partition, offset });
          },
        });
        this.#slots.set(`${plain}/${partition}`, slot);
        places.push({ topic, partition });
        // Also where no batch comes: the group's offset may be ahead of the checkpoint.
        void this.#placeUntilDone(slot, new BackOff(this.#settings.backOff));
      }
    }
    this.#onAssigned(places);
  }

  async #placeUntilDone(slot: PartitionSlot, backOff: BackOff, rests = false): Promise<void> {
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
    let waitedFor = new Map<PartitionSlot, bigint>();
    while (!signal.aborted) {
      await sleep(stuckMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      if (performance.now() - this.#lastSign > silenceMs) {
        throw new ClientStuckError(`the client of group ${group} is silent`);
      }
      const waiting = new Map<PartitionSlot, bigint>();
      for (const slot of this.#slots.values()) {
        const offset = slot.waitsFor;
        // Only those that were there at the look before, too: a record may have come this very moment.
        if (offset === undefined || !(await this.#has(slot, offset))) continue;
        if (waitedFor.get(slot) === offset) {
          throw new ClientStuckError(`group ${group} is not given ${slot.topic}/${slot.partition}`);
        }
        waiting.set(slot, offset);
      }
      waitedFor = waiting;
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
    this.#resting.clear();
    this.#lost = Promise.all([this.#lost, ...slots.map((slot) => slot.idle())]);
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
