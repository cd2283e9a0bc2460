import type { ConsumeOptions, RecordedEvent } from '@unionfold/eventsourcing';
import {
  type ConsumedRecord,
  ForeignRecordError,
  fromCloudEvent,
  sourceOf,
} from './cloud-event.ts';

/**
 * The topic does not have the records that come after a consumer's checkpoint: its retention is too short, it was made
 * anew, or it lost its end. Nothing is passed over. The cure is to rebuild the consumer from what there is, knowing what
 * is missing.
 */
export class RecordsMissingError extends Error {
  override readonly name = 'RecordsMissingError';
}

/** Which records a partition has: from the offset `low` to the one before `high`. */
export interface Extent {
  readonly low: bigint;
  readonly high: bigint;
}

/** What a slot does to its consumer. */
export interface SlotControl {
  /** Nothing is done before this has resolved: what the partition's slot before still does. */
  readonly after: Promise<unknown>;
  /** Which records the partition has now. */
  readonly extent: () => Promise<Extent>;
  /** Has the partition fetched from an offset. */
  readonly seek: (offset: string) => void;
  /** Has nothing of the partition fetched, or goes on. */
  readonly setPaused: (isPaused: boolean) => void;
  /** Tells the group's offset, for tools that show lag. */
  readonly noteOffset: (offset: string) => void;
  /**
   * The handler, or reading, has failed: what was fetched is forgotten, and nothing more happens until the slot is placed
   * again.
   */
  readonly onFailure: (error: unknown) => void;
  /** A batch was handled. */
  readonly onHandled: () => void;
}

interface Delivery {
  readonly events: readonly RecordedEvent[];
  readonly cursor: string;
}

/** With so much waiting no more is fetched, until half of it is done: records, or more for larger batches, and bytes. */
const enough = { records: 4_000, batches: 2, bytes: 2 ** 24 };

/**
 * One partition that a member has, from its assignment to its loss. Where it reads from is told by the consumer's own
 * checkpoint, not by Kafka's group offset. What is fetched waits here while the batch before is handled, so that no
 * partition waits for another one.
 */
export class PartitionSlot {
  readonly topic: string;
  readonly partition: number;
  readonly #options: ConsumeOptions;
  readonly #control: SlotControl;
  readonly #source: string;
  /** Records that were fetched and not handled yet, in their order. */
  readonly #waiting: ConsumedRecord[] = [];
  #waitingBytes = 0;
  /** The next offset to be fetched; undefined while the checkpoint has to be asked for. */
  #wanted: bigint | undefined;
  /** Position up to which events were handled. */
  #position = 0;
  readonly #loss = new AbortController();
  /** The offset that was last asked for because other records came. */
  #missed: bigint | undefined;
  #isPaused = true;
  #isHandling = false;
  #work: Promise<unknown>;

  constructor(topic: string, partition: number, options: ConsumeOptions, control: SlotControl) {
    this.topic = topic;
    this.partition = partition;
    this.#options = options;
    this.#control = control;
    this.#source = sourceOf(topic);
    this.#work = control.after;
    control.setPaused(true);
  }

  /** It is another member's from now on: nothing more is handled after the batch in hand. */
  lose(): void {
    this.#loss.abort();
  }

  /** Aborted when it is lost. */
  get lost(): AbortSignal {
    return this.#loss.signal;
  }

  /** The offset that is to be fetched now; undefined when none is. */
  get waitsFor(): bigint | undefined {
    return this.#isPaused || this.lost.aborted ? undefined : this.#wanted;
  }

  /** Resolves when nothing of it runs any more. */
  async idle(): Promise<void> {
    await this.#work.catch(() => undefined);
  }

  /**
   * Asks for the checkpoint, and has the partition fetched from there.
   * @throws RecordsMissingError, or what asking rejects with
   */
  async place(): Promise<void> {
    const placing = this.#work.then(
      () => this.#place(),
      () => this.#place(),
    );
    this.#work = placing;
    await placing;
  }

  /** Takes records that were fetched; those that are not wanted now come again. */
  offer(records: readonly ConsumedRecord[]): void {
    const first = records[0]?.offset;
    const last = records.at(-1)?.offset;
    const wanted = this.#wanted;
    if (this.lost.aborted || wanted === undefined || first === undefined || last === undefined) {
      return;
    }
    if (BigInt(first) > wanted || wanted > BigInt(last)) {
      this.#seekAgain(wanted);
      return;
    }
    for (const record of records) {
      if (BigInt(record.offset) < wanted) continue;
      this.#waiting.push(record);
      this.#waitingBytes += sizeOf(record);
    }
    this.#wanted = BigInt(last) + 1n;
    if (this.#load >= 1) this.#setPaused(true);
    if (!this.#isHandling) this.#work = this.#handleWaiting();
  }

  async #place(): Promise<void> {
    if (this.lost.aborted) return;
    const checkpoint = await this.#options.startAfter(this.topic, this.partition);
    this.#position = checkpoint?.position ?? 0;
    // A checkpoint inside the first batch has no cursor: what is done already is left out by its position.
    const cursor = checkpoint?.cursor ?? '';
    const next = cursor === '' ? 0n : BigInt(cursor) + 1n;
    await this.#expectToHave(next);
    if (this.lost.aborted) return;
    this.#wanted = next;
    this.#missed = undefined;
    this.#control.seek(String(next));
    this.#setPaused(false);
  }

  async #expectToHave(next: bigint): Promise<void> {
    let { low, high } = await this.#control.extent();
    // The answer may be to a question that was asked before the checkpoint was read.
    if (next > high) ({ low, high } = await this.#control.extent());
    if (low <= next && next <= high) return;
    throw new RecordsMissingError(
      `${this.topic}/${this.partition} has records ${low} to ${high - 1n}, not ${next}`,
    );
  }

  /** Other records came than those wanted: fetched before the seek, or the wanted ones are no more. */
  #seekAgain(wanted: bigint): void {
    if (this.#missed === wanted) {
      const { topic, partition } = this;
      const message = `${topic}/${partition} does not give the record at offset ${wanted}`;
      this.#fail(new RecordsMissingError(message));
      return;
    }
    this.#missed = wanted;
    this.#control.seek(String(wanted));
  }

  async #handleWaiting(): Promise<void> {
    this.#isHandling = true;
    try {
      while (this.#waiting.length > 0 && !this.lost.aborted) {
        await this.#deliver(this.#nextDelivery());
        if (this.#load < 0.5) this.#setPaused(false);
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#isHandling = false;
    }
  }

  async #deliver({ events, cursor }: Delivery): Promise<void> {
    const position = events.at(-1)?.position;
    if (position !== undefined) {
      const { topic, partition } = this;
      await this.#options.handle({ topic, partition, events, position, cursor });
      this.#position = position;
      this.#control.onHandled();
    }
    this.#control.noteOffset(String(BigInt(cursor) + 1n));
  }

  /** New events, at most as many at once as the consumer takes; what was published again is left out. */
  #nextDelivery(): Delivery {
    const events: RecordedEvent[] = [];
    let position = this.#position;
    let cursor = '';
    let taken = 0;
    for (const record of this.#waiting) {
      if (events.length === this.#options.maxBatch) break;
      const event = this.#decodeAfter(events, record);
      if (event === 'unreadable') break;
      cursor = record.offset;
      taken++;
      this.#waitingBytes -= sizeOf(record);
      if (event === undefined || event.position <= position) continue;
      position = event.position;
      events.push(event);
    }
    this.#waiting.splice(0, taken);
    return { events, cursor };
  }

  /**
   * What the owning service has not written was never appended: it is told, and passed over. What nobody can read stops
   * the partition, but not before what comes before it is handled.
   */
  #decodeAfter(
    events: readonly RecordedEvent[],
    record: ConsumedRecord,
  ): RecordedEvent | 'unreadable' | undefined {
    try {
      return fromCloudEvent(record, this.partition, this.#source);
    } catch (error) {
      if (error instanceof ForeignRecordError) {
        this.#options.onError(error);
        return undefined;
      }
      if (events.length > 0) return 'unreadable';
      throw error;
    }
  }

  #fail(error: unknown): void {
    this.#wanted = undefined;
    this.#waiting.length = 0;
    this.#waitingBytes = 0;
    this.#setPaused(true);
    if (!this.lost.aborted) this.#control.onFailure(error);
  }

  #setPaused(isPaused: boolean): void {
    if (this.#isPaused === isPaused || this.lost.aborted) return;
    this.#isPaused = isPaused;
    this.#control.setPaused(isPaused);
  }

  /** What waits, in relation to what is enough. */
  get #load(): number {
    const records = Math.max(enough.records, enough.batches * this.#options.maxBatch);
    return Math.max(this.#waiting.length / records, this.#waitingBytes / enough.bytes);
  }
}

function sizeOf({ value }: ConsumedRecord): number {
  return value?.length ?? 0;
}
