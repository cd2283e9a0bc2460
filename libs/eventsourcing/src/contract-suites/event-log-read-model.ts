import { setImmediate as macrotask } from 'node:timers/promises';
import { expect, vi } from 'vitest';
import type { RecordedEvent } from '../event.ts';
import type { ConsumeOptions, LogBatch } from '../event-log.ts';
import type { ContractTopic } from './event-log-fixture.ts';

/** How long a condition is waited for. */
export const patience = { timeout: 20_000, interval: 5 };

interface Checkpoint {
  readonly position: number;
  readonly cursor: string;
}

/** A consumer's durable side: what it applied, and its checkpoints. Notes what the port forbids. */
export class ReadModel {
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
