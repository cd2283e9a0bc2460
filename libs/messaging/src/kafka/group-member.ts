import { setTimeout as sleep } from 'node:timers/promises';
import type { ConsumeOptions, LogConsumer } from '@unionfold/eventsourcing';
import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import { BackOff, type BackOffOptions } from '../back-off.ts';
import { partitionAssigner } from './partition-assigner.ts';
import { PartitionSlot } from './partition-slot.ts';

export interface GroupMemberSettings {
  readonly kafka: Kafka;
  /** Of topics and groups, empty but where installations share a cluster. */
  readonly prefix: string;
  readonly backOff: BackOffOptions;
  /** Which of these topics (with prefix) there are. */
  readonly existing: (topics: readonly string[]) => Promise<readonly string[]>;
}

/** How long the group waits for a member that is not heard of. Milliseconds. */
const sessionMs = 15_000;
const heartbeatMs = 2_000;
/** How long the others wait for a member that ends its batch. Milliseconds. */
const rebalanceMs = 60_000;
/** Longest that a fetch waits for records. Milliseconds. */
const fetchWaitMs = 300;
/** How often topics that are not there are looked for. Milliseconds. */
const topicLookMs = 500;
/** Without a sign of life of the client for so long, it is replaced. Milliseconds. */
const silenceMs = 45_000;
/** How often the group is told offsets. Milliseconds. */
const noteMs = 2_000;
/** Partitions handled side by side. */
const concurrency = 16;

/**
 * A member of a Kafka consumer group, by kafkajs. What is known to go wrong in that client is met here:
 *
 * - It handles no two batches of a partition at once and ends them before it rejoins, as long as heartbeats go on: they
 *   are sent while a batch is handled, so that a long one is not thrown out of the group.
 * - After a rebalance it reads from the group's offset. Here every assignment asks the consumer's checkpoint.
 * - It stops consuming, or crashes, in some rebalances. A crash, or silence, replaces the client.
 * - Two members may believe in one partition for a moment. Checkpoints and tenures in the consumer's store decide.
 */
export class GroupMember implements LogConsumer {
  readonly #options: ConsumeOptions;
  readonly #settings: GroupMemberSettings;
  readonly #stopping = new AbortController();
  readonly #ended: Promise<void>;
  readonly #slots = new Map<string, PartitionSlot>();
  readonly #backOffs = new WeakMap<PartitionSlot, BackOff>();
  /** What the member had when the group was last shared: where that can be, it is to have it again. */
  #before: readonly { readonly topic: string; readonly partition: number }[] = [];
  /** Resolves when nothing of the slots that were lost runs any more. */
  #lost: Promise<unknown> = Promise.resolve();
  /** Offsets to be told to the group, by topic (with prefix) and partition. */
  readonly #offsets = new Map<string, { topic: string; partition: number; offset: string }>();

  constructor(options: ConsumeOptions, settings: GroupMemberSettings) {
    this.#options = options;
    this.#settings = settings;
    this.#ended = this.#run();
  }

  assignments(): readonly { readonly topic: string; readonly partition: number }[] {
    return [...this.#slots.values()].map(({ topic, partition }) => ({ topic, partition }));
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#ended;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    const backOff = new BackOff(this.#settings.backOff);
    while (!signal.aborted) {
      try {
        const wanted = this.#options.topics.map((topic) => this.#settings.prefix + topic);
        const topics = await this.#settings.existing(wanted);
        if (topics.length === 0) {
          await sleep(topicLookMs, undefined, { signal }).catch(() => undefined);
          continue;
        }
        await this.#consume(topics, wanted, () => backOff.reset());
      } catch (error) {
        if (signal.aborted) return;
        this.#options.onError(error);
        await backOff.pause(signal);
      }
    }
  }

  /** Consumes until the client fails, a missing topic appears, or the member stops. */
  async #consume(
    topics: readonly string[],
    wanted: readonly string[],
    isWell: () => void,
  ): Promise<void> {
    const { group, exclusive = false } = this.#options;
    const { kafka, prefix } = this.#settings;
    const consumer = kafka.consumer({
      groupId: prefix + group,
      sessionTimeout: sessionMs,
      heartbeatInterval: heartbeatMs,
      rebalanceTimeout: rebalanceMs,
      maxWaitTimeInMs: fetchWaitMs,
      allowAutoTopicCreation: false,
      partitionAssigners: [partitionAssigner(exclusive, () => this.#before)],
      // A client that has crashed is replaced as a whole.
      retry: { retries: 5, restartOnFailure: async () => false },
    });
    const over = new AbortController();
    const { signal } = over;
    let lastSign = performance.now();
    const sign = () => {
      lastSign = performance.now();
    };
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      sign();
      isWell();
      this.#assign(payload.memberAssignment, consumer);
    });
    consumer.on(consumer.events.REBALANCING, () => this.#loseAll());
    consumer.on(consumer.events.CRASH, ({ payload }) => over.abort(payload.error));
    consumer.on(consumer.events.FETCH, sign);
    consumer.on(consumer.events.HEARTBEAT, sign);
    const watching = [
      this.#untilAppears(wanted, topics, signal).then(() => over.abort()),
      this.#untilSilent(() => lastSign, signal).then((isSilent) => {
        if (isSilent) over.abort(new Error(`the client of group ${group} is silent`));
      }),
    ];
    const noting = setInterval(() => void this.#noteOffsets(consumer), noteMs);
    const stop = () => over.abort();
    this.#stopping.signal.addEventListener('abort', stop, { once: true });
    if (this.#stopping.signal.aborted) over.abort();
    try {
      await consumer.connect();
      await consumer.subscribe({ topics: [...topics], fromBeginning: true });
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: concurrency,
        eachBatch: (payload) => this.#eachBatch(payload),
      });
      await aborted(signal);
      const reason: unknown = signal.reason;
      const isPlanned = reason instanceof DOMException;
      if (!isPlanned) throw reason;
    } finally {
      over.abort();
      this.#stopping.signal.removeEventListener('abort', stop);
      clearInterval(noting);
      this.#loseAll();
      await this.#lost;
      await this.#noteOffsets(consumer);
      await consumer.disconnect().catch(() => undefined);
      await Promise.all(watching);
    }
  }

  /** Keeps the group's offsets near the checkpoints, for tools that show lag. Nothing rests on them. */
  async #noteOffsets(consumer: Consumer): Promise<void> {
    const offsets = [...this.#offsets.values()];
    this.#offsets.clear();
    if (offsets.length > 0) await consumer.commitOffsets(offsets).catch(() => undefined);
  }

  async #eachBatch(payload: EachBatchPayload): Promise<void> {
    const { batch, resolveOffset, heartbeat, pause } = payload;
    const slot = this.#slots.get(`${this.#plain(batch.topic)}/${batch.partition}`);
    if (slot === undefined) return;
    // Signs of life while a batch takes its time. That the group is being shared anew is seen by the client itself.
    const beating = setInterval(() => {
      heartbeat().catch(() => undefined);
    }, heartbeatMs);
    try {
      await slot.take(batch.messages, resolveOffset);
    } catch (error) {
      this.#options.onError(error);
      void this.#resumeLater(slot, pause());
    } finally {
      clearInterval(beating);
    }
  }

  /** After a failure the partition rests while the others go on; then the checkpoint is asked for again. */
  async #resumeLater(slot: PartitionSlot, resume: () => void): Promise<void> {
    const backOff = this.#backOffs.get(slot) ?? new BackOff(this.#settings.backOff);
    this.#backOffs.set(slot, backOff);
    for (;;) {
      await backOff.pause(this.#stopping.signal);
      if (this.#stopping.signal.aborted || !this.#isOwn(slot)) return;
      try {
        await slot.place();
        resume();
        return;
      } catch (error) {
        this.#options.onError(error);
      }
    }
  }

  #assign(assignment: Record<string, number[]>, consumer: Consumer): void {
    this.#loseAll();
    const before: { topic: string; partition: number }[] = [];
    for (const [topic, partitions] of Object.entries(assignment)) {
      for (const partition of partitions) {
        const plain = this.#plain(topic);
        const slot = new PartitionSlot(plain, partition, this.#options, {
          after: this.#lost,
          seek: (offset) => consumer.seek({ topic, partition, offset }),
          noteOffset: (offset) => {
            this.#offsets.set(`${topic}/${partition}`, { topic, partition, offset });
          },
        });
        this.#slots.set(`${plain}/${partition}`, slot);
        before.push({ topic, partition });
        // Also where no batch comes: the group's offset may be ahead of the checkpoint.
        void this.#placeUntilDone(slot);
      }
    }
    this.#before = before;
  }

  async #placeUntilDone(slot: PartitionSlot): Promise<void> {
    const backOff = new BackOff(this.#settings.backOff);
    while (this.#isOwn(slot) && !this.#stopping.signal.aborted) {
      try {
        await slot.place();
        return;
      } catch (error) {
        this.#options.onError(error);
        await backOff.pause(this.#stopping.signal);
      }
    }
  }

  #isOwn(slot: PartitionSlot): boolean {
    return this.#slots.get(`${slot.topic}/${slot.partition}`) === slot;
  }

  #loseAll(): void {
    const slots = [...this.#slots.values()];
    for (const slot of slots) slot.lose();
    this.#slots.clear();
    this.#lost = Promise.all([this.#lost, ...slots.map((slot) => slot.idle())]);
  }

  #plain(topic: string): string {
    return topic.slice(this.#settings.prefix.length);
  }

  async #untilAppears(
    wanted: readonly string[],
    topics: readonly string[],
    signal: AbortSignal,
  ): Promise<void> {
    while (!signal.aborted && topics.length < wanted.length) {
      await sleep(topicLookMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      const existing = await this.#settings.existing(wanted).catch(() => topics);
      if (existing.length > topics.length) return;
    }
    await aborted(signal);
  }

  async #untilSilent(lastSign: () => number, signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      await sleep(silenceMs / 3, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return false;
      if (performance.now() - lastSign() > silenceMs) return true;
    }
    return false;
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
