import { partitionOf, type RecordedEvent } from './event.ts';
import {
  type AppendResult,
  type CommandReceipt,
  DuplicateReceiptError,
  type EventStore,
  type Snapshot,
  type StoredReceipt,
  type StoreSubscription,
  type StreamAppend,
  VersionConflictError,
} from './event-store.ts';

/** The event store port in memory, without subscriptions. Every call takes a turn of the event loop, as a real one does. */
export class MemoryEventStore implements EventStore {
  readonly partitions: number;
  readonly events: RecordedEvent[][];
  readonly snapshots = new Map<string, Snapshot>();
  readonly receipts = new Map<string, StoredReceipt>();
  /** How often streams were read, and from which version. */
  readonly reads: { readonly stream: string; readonly fromVersion: number }[] = [];
  /** Called at the beginning of every append; may throw, or append itself. */
  beforeAppend: (appends: readonly StreamAppend[]) => Promise<void> = async () => undefined;
  /** Called at the end of every append that was written; may throw: the answer is then lost. */
  afterAppend: () => Promise<void> = async () => undefined;

  constructor(partitions = 1) {
    this.partitions = partitions;
    this.events = Array.from({ length: partitions }, () => []);
  }

  async append(appends: readonly StreamAppend[], receipt?: CommandReceipt): Promise<AppendResult> {
    await tick();
    await this.beforeAppend(appends);
    if (new Set(appends.map(({ stream }) => stream)).size < appends.length) {
      throw new RangeError('the same stream stands twice in one append');
    }
    const known = receipt && this.receipts.get(receipt.key);
    if (known !== undefined) throw new DuplicateReceiptError(known);
    for (const { stream, expectedVersion } of appends) {
      const actual = this.stream(stream).length;
      if (expectedVersion !== 'any' && expectedVersion !== actual) {
        throw new VersionConflictError(stream, expectedVersion, actual);
      }
    }
    const appended = appends.flatMap(({ stream, events }) => {
      const partition = partitionOf(stream, this.partitions);
      const log = this.events[partition] ?? [];
      return events.map((event) => {
        const version = this.stream(stream).length + 1;
        const position = log.length + 1;
        const recordedAt = event.metadata.occurredAt;
        log.push({ ...event, stream, version, partition, position, recordedAt });
        return { stream, version, partition, position };
      });
    });
    if (receipt !== undefined) this.receipts.set(receipt.key, { ...receipt, appended });
    await this.afterAppend();
    return appended;
  }

  /** All events of a stream. */
  stream(stream: string): RecordedEvent[] {
    return this.events.flat().filter((event) => event.stream === stream);
  }

  async readStream(stream: string, fromVersion = 1): Promise<readonly RecordedEvent[]> {
    this.reads.push({ stream, fromVersion });
    await tick();
    return this.stream(stream).slice(fromVersion - 1);
  }

  async readPartition(
    partition: number,
    afterPosition: number,
    limit: number,
  ): Promise<readonly RecordedEvent[]> {
    await tick();
    return (this.events[partition] ?? []).slice(afterPosition, afterPosition + limit);
  }

  async heads(): Promise<readonly number[]> {
    return this.events.map((log) => log.length);
  }

  subscribe(): StoreSubscription {
    throw new Error('these tests follow no store');
  }

  async findReceipt(key: string): Promise<StoredReceipt | undefined> {
    await tick();
    return this.receipts.get(key);
  }

  async loadSnapshot(stream: string): Promise<Snapshot | undefined> {
    await tick();
    return this.snapshots.get(stream);
  }

  async saveSnapshot(snapshot: Snapshot): Promise<void> {
    this.snapshots.set(snapshot.stream, JSON.parse(JSON.stringify(snapshot)));
  }

  async close(): Promise<void> {}
}

async function tick(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
