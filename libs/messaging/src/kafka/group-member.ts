import { setTimeout as sleep } from 'node:timers/promises';
import type { ConsumeOptions, LogConsumer } from '@unionfold/eventsourcing';
import type { Kafka } from 'kafkajs';
import { BackOff, type BackOffOptions } from '../back-off.ts';
import { GroupAttendance } from './group-attendance.ts';
import type { Extent } from './partition-slot.ts';

export interface GroupMemberSettings {
  readonly kafka: Kafka;
  /** Of topics and groups, empty but where installations share a cluster. */
  readonly prefix: string;
  readonly backOff: BackOffOptions;
  /** Which of these topics (with prefix) there are. */
  readonly existing: (topics: readonly string[]) => Promise<readonly string[]>;
  /** Which records a partition of a topic (with prefix) has. */
  readonly extent: (topic: string, partition: number) => Promise<Extent>;
}

export interface Place {
  readonly topic: string;
  readonly partition: number;
}

/** How often topics that are not there are looked for. Milliseconds. */
const topicLookMs = 500;
/** A client that has lasted so long was well: the next failure is a new one. Milliseconds. */
const wellMs = 30_000;
/** Longest pause before a client that failed is replaced. Milliseconds. */
const longestPauseMs = 5_000;

/** A member of a Kafka consumer group: one client after the other, whatever happens to them. */
export class GroupMember implements LogConsumer {
  readonly #options: ConsumeOptions;
  readonly #settings: GroupMemberSettings;
  readonly #stopping = new AbortController();
  readonly #ended: Promise<void>;
  #attendance: GroupAttendance | undefined;
  /** What the member had when the group was last shared (with prefix). */
  #before: readonly Place[] = [];

  constructor(options: ConsumeOptions, settings: GroupMemberSettings) {
    this.#options = options;
    this.#settings = settings;
    this.#ended = this.#run();
  }

  assignments(): readonly Place[] {
    return this.#attendance?.assignments() ?? [];
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#ended;
  }

  async #run(): Promise<void> {
    const { backOff, prefix, existing } = this.#settings;
    const { signal } = this.#stopping;
    const wanted = this.#options.topics.map((topic) => prefix + topic);
    const capMs = Math.min(longestPauseMs, backOff.capMs ?? longestPauseMs);
    const pauses = new BackOff({ ...backOff, capMs });
    while (!signal.aborted) {
      const began = performance.now();
      try {
        const topics = await existing(wanted);
        if (topics.length > 0) await this.#attend(topics, wanted);
        else await sleep(topicLookMs, undefined, { signal }).catch(() => undefined);
      } catch (error) {
        if (signal.aborted) return;
        this.#options.onError(error);
        if (performance.now() - began > wellMs) pauses.reset();
        await pauses.pause(signal);
      }
    }
  }

  /** Consumes until the client fails, a missing topic appears, or the member stops. */
  async #attend(topics: readonly string[], wanted: readonly string[]): Promise<void> {
    const attendance = new GroupAttendance(
      this.#options,
      this.#settings,
      () => this.#before,
      (places) => {
        this.#before = places;
      },
    );
    this.#attendance = attendance;
    const over = new AbortController();
    const appearing = this.#untilMore(topics, wanted, over.signal).then(() => attendance.end());
    const stop = () => attendance.end();
    this.#stopping.signal.addEventListener('abort', stop, { once: true });
    if (this.#stopping.signal.aborted) attendance.end();
    try {
      await attendance.attend(topics);
    } finally {
      this.#stopping.signal.removeEventListener('abort', stop);
      over.abort();
      await appearing;
      this.#attendance = undefined;
    }
  }

  /** Resolves when there are more of the topics, or when it is over. */
  async #untilMore(
    topics: readonly string[],
    wanted: readonly string[],
    signal: AbortSignal,
  ): Promise<void> {
    for (let there = topics; !signal.aborted && there.length === topics.length; ) {
      const pauseMs = topics.length < wanted.length ? topicLookMs : 2 ** 30;
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      there = await this.#settings.existing(wanted).catch(() => topics);
    }
  }
}
