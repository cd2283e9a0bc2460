import type { ConsumeOptions, LogBatch, RecordedEvent } from '@unionfold/eventsourcing';
import { expect, vi } from 'vitest';

export const patience = { timeout: 40_000, interval: 20 };

/**
 * A consumer's durable side, shared by its members: effects and checkpoint change together, and only from the position
 * that the member believes in, as in a real store.
 */
export class BedConsumer {
  readonly errors: unknown[] = [];
  /** Which member asked for which partition's checkpoint, in order. */
  readonly asked: { readonly member: string; readonly partition: number }[] = [];
  readonly #applied = new Map<number, RecordedEvent[]>();
  readonly #checkpoints = new Map<number, { readonly position: number; readonly cursor: string }>();

  /** @param work before effects and checkpoint are kept */
  member(
    name: string,
    options: Pick<ConsumeOptions, 'group' | 'topics'> & Partial<ConsumeOptions>,
    work: (batch: LogBatch) => Promise<void> = async () => undefined,
  ): ConsumeOptions {
    const believed = new Map<number, number>();
    return {
      maxBatch: 50,
      startAfter: async (_, partition) => {
        this.asked.push({ member: name, partition });
        const checkpoint = this.#checkpoints.get(partition);
        believed.set(partition, checkpoint?.position ?? 0);
        return checkpoint;
      },
      handle: async (batch) => {
        const { partition, position, cursor } = batch;
        await work(batch);
        const before = believed.get(partition);
        if (before !== (this.#checkpoints.get(partition)?.position ?? 0)) {
          throw new Error('another member has moved the checkpoint');
        }
        const applied = this.#applied.get(partition) ?? [];
        applied.push(...batch.events.filter((event) => event.position > (before ?? 0)));
        this.#applied.set(partition, applied);
        this.#checkpoints.set(partition, { position, cursor });
        believed.set(partition, position);
      },
      onError: (error) => this.errors.push(error),
      ...options,
    };
  }

  applied(partition: number): readonly RecordedEvent[] {
    return this.#applied.get(partition) ?? [];
  }

  positions(partition: number): readonly number[] {
    return this.applied(partition).map(({ position }) => position);
  }

  /** Waits until every partition is handled up to there. */
  async reached(heads: readonly number[]): Promise<void> {
    await vi.waitFor(() => {
      const reached = heads.map((_, partition) => this.#checkpoints.get(partition)?.position ?? 0);
      expect(reached).toEqual(heads);
    }, patience);
  }
}

/** 1 to `head`. */
export function upTo(head: number): number[] {
  return Array.from({ length: head }, (_, index) => index + 1);
}
