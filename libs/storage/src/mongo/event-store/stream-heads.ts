import { partitionOf } from '@unionfold/eventsourcing';

/**
 * Last versions of streams that this process has met, true as of the counters it knows: whatever another process
 * appends moves the counter of the stream's partition, and then the partition is forgotten here. The oldest are
 * forgotten first.
 */
export class StreamHeads {
  readonly #partitions: readonly Map<string, number>[];
  readonly #each: number;

  /** @param limit streams remembered, over all partitions */
  constructor(partitions: number, limit: number) {
    this.#partitions = Array.from({ length: partitions }, () => new Map());
    this.#each = Math.max(1, Math.ceil(limit / partitions));
  }

  get(stream: string): number | undefined {
    return this.#of(stream).get(stream);
  }

  set(stream: string, version: number): void {
    const heads = this.#of(stream);
    heads.delete(stream);
    heads.set(stream, version);
    if (heads.size <= this.#each) return;
    const [oldest] = heads.keys();
    if (oldest !== undefined) heads.delete(oldest);
  }

  forget(stream: string): void {
    this.#of(stream).delete(stream);
  }

  forgetPartition(partition: number): void {
    this.#partitions[partition]?.clear();
  }

  #of(stream: string): Map<string, number> {
    return this.#partitions[partitionOf(stream, this.#partitions.length)] ?? new Map();
  }
}
