import type { PublishedPosition, RelayLease, RelayStore } from '@unionfold/eventsourcing';

interface RelayRecord {
  holder: string | undefined;
  epoch: number;
  expiresAt: number;
  position: number;
  published: number;
}

/** The relay store port in memory. */
export class MemoryRelayStore implements RelayStore {
  readonly #records = new Map<string, RelayRecord>();

  async acquire(
    topic: string,
    partition: number,
    holder: string,
    ttlMs: number,
  ): Promise<RelayLease | undefined> {
    const key = `${topic}/${partition}`;
    const nobody = { holder: undefined, epoch: 0, expiresAt: 0, position: 0, published: 0 };
    const record = this.#records.get(key) ?? nobody;
    this.#records.set(key, record);
    const isTaken = record.holder !== undefined && record.expiresAt >= performance.now();
    if (isTaken && record.holder !== holder) return undefined;
    record.holder = holder;
    record.epoch++;
    record.expiresAt = performance.now() + ttlMs;
    return { topic, partition, holder, epoch: record.epoch, position: record.position };
  }

  async renew(lease: RelayLease, ttlMs: number): Promise<boolean> {
    const record = this.#of(lease);
    if (record === undefined || record.expiresAt < performance.now()) return false;
    record.expiresAt = performance.now() + ttlMs;
    return true;
  }

  async checkpoint(lease: RelayLease, position: number, published: number): Promise<boolean> {
    const record = this.#of(lease);
    if (record === undefined || position < record.position) return false;
    record.position = position;
    record.published = Math.max(record.published, published);
    return true;
  }

  async release(lease: RelayLease): Promise<void> {
    const record = this.#of(lease);
    if (record !== undefined) record.holder = undefined;
  }

  async published(topic: string): Promise<readonly PublishedPosition[]> {
    return [...this.#records]
      .filter(([key]) => key.startsWith(`${topic}/`))
      .map(([key, { position, published }]) => ({
        partition: Number(key.slice(topic.length + 1)),
        position,
        published,
      }))
      .sort((a, b) => a.partition - b.partition);
  }

  #of({ topic, partition, holder, epoch }: RelayLease): RelayRecord | undefined {
    const record = this.#records.get(`${topic}/${partition}`);
    return record?.holder === holder && record.epoch === epoch ? record : undefined;
  }
}
