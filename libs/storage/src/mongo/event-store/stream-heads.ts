import { partitionOf } from '@unionfold/eventsourcing';

interface Head {
  readonly partition: number;
  readonly version: number;
  /** How often the partition had been forgotten when the version was learnt. */
  readonly epoch: number;
}

/**
 * Last versions of streams that this process has met, true as of the counters it knows: whatever another process
 * appends moves the counter of the stream's partition, and then the partition is forgotten here. The oldest are
 * forgotten first.
 */
export class StreamHeads {
  readonly #heads = new Map<string, Head>();
  readonly #epochs: number[];
  readonly #limit: number;

  /** @param limit streams remembered, over all partitions */
  constructor(partitions: number, limit: number) {
    this.#epochs = new Array(partitions).fill(0);
    this.#limit = limit;
  }

  get(stream: string): number | undefined {
    const head = this.#heads.get(stream);
    return head !== undefined && head.epoch === this.#epochs[head.partition]
      ? head.version
      : undefined;
  }

  set(stream: string, version: number): void {
    const partition =
      this.#heads.get(stream)?.partition ?? partitionOf(stream, this.#epochs.length);
    const epoch = this.#epochs[partition] ?? 0;
    this.#heads.delete(stream);
    this.#heads.set(stream, { partition, version, epoch });
    if (this.#heads.size <= this.#limit) return;
    const [oldest] = this.#heads.keys();
    if (oldest !== undefined) this.#heads.delete(oldest);
  }

  forget(stream: string): void {
    this.#heads.delete(stream);
  }

  forgetPartition(partition: number): void {
    this.#epochs[partition] = (this.#epochs[partition] ?? 0) + 1;
  }
}
