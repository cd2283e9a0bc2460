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
  /** Tells the group's offset, for tools that show lag. */
  readonly noteOffset: (offset: string) => void;
}

interface Delivery {
  readonly events: readonly RecordedEvent[];
  readonly cursor: string;
}

/**
 * One partition that a member has, from its assignment to its loss. Where it reads from is told by the consumer's own
 * checkpoint, not by Kafka's group offset. One thing at a time: asking, or handling one batch.
 */
export class PartitionSlot {
  readonly topic: string;
  readonly partition: number;
  readonly #options: ConsumeOptions;
  readonly #control: SlotControl;
  readonly #source: string;
  /** The next offset wanted; undefined while the checkpoint has to be asked for. */
  #next: bigint | undefined;
  /** Position up to which events were handled. */
  #position = 0;
  readonly #loss = new AbortController();
  #cut = false;
  /** What runs or is about to. */
  #busy = 0;
  /** The offset that was last asked for because other records came. */
  #missed: bigint | undefined;
  #turn: Promise<unknown>;

  constructor(topic: string, partition: number, options: ConsumeOptions, control: SlotControl) {
    this.topic = topic;
    this.partition = partition;
    this.#options = options;
    this.#control = control;
    this.#source = sourceOf(topic);
    this.#turn = control.after;
  }

  /** It is another member's from now on: nothing more is handled. */
  lose(): void {
    this.#loss.abort();
  }

  /** Aborted when it is lost. */
  get lost(): AbortSignal {
    return this.#loss.signal;
  }

  /** Ends the records under way after the batch in hand; the others come again. */
  cutShort(): void {
    this.#cut = true;
  }

  /** The offset that it waits for; undefined while it does something. */
  get waitsFor(): bigint | undefined {
    return this.#busy > 0 || this.lost.aborted ? undefined : this.#next;
  }

  /** Resolves when nothing of it runs any more. */
  async idle(): Promise<void> {
    await this.#turn.catch(() => undefined);
  }

  /** Asks for the checkpoint unless that is known, and has the partition fetched from there. */
  async place(): Promise<void> {
    await this.#inTurn(async () => {
      if (this.#next === undefined && !this.lost.aborted) await this.#place();
    });
  }

  /**
   * Handles records that were fetched.
   * @param done is given the offset of each record that need not come again
   * @throws what the consumer's handler rejects with, or what asking for the checkpoint does; the slot asks again then
   */
  async take(records: readonly ConsumedRecord[], done: (offset: string) => void): Promise<void> {
    await this.#inTurn(async () => {
      const first = records[0]?.offset;
      const last = records.at(-1)?.offset;
      if (this.lost.aborted || first === undefined || last === undefined) return;
      this.#cut = false;
      try {
        if (this.#next === undefined) await this.#place();
        else if (BigInt(first) <= this.#next && this.#next <= BigInt(last)) {
          await this.#deliver(records, done);
        } else this.#seekAgain(this.#next);
      } catch (error) {
        this.#next = undefined;
        throw error;
      }
    });
  }

  async #place(): Promise<void> {
    const checkpoint = await this.#options.startAfter(this.topic, this.partition);
    this.#position = checkpoint?.position ?? 0;
    // A checkpoint inside the first batch has no cursor: what is done already is left out by its position.
    const cursor = checkpoint?.cursor ?? '';
    const next = cursor === '' ? 0n : BigInt(cursor) + 1n;
    await this.#expectToHave(next);
    this.#next = next;
    this.#missed = undefined;
    this.#control.seek(String(next));
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
  #seekAgain(next: bigint): void {
    if (this.#missed === next) {
      throw new RecordsMissingError(
        `${this.topic}/${this.partition} does not give the record at offset ${next}`,
      );
    }
    this.#missed = next;
    this.#control.seek(String(next));
  }

  async #deliver(
    records: readonly ConsumedRecord[],
    done: (offset: string) => void,
  ): Promise<void> {
    const wanted = records.filter(({ offset }) => BigInt(offset) >= (this.#next ?? 0n));
    for (const { events, cursor } of this.#batches(wanted)) {
      if (this.lost.aborted || this.#cut) return;
      const position = events.at(-1)?.position;
      if (position !== undefined) {
        const { topic, partition } = this;
        await this.#options.handle({ topic, partition, events, position, cursor });
        this.#position = position;
      }
      this.#next = BigInt(cursor) + 1n;
      done(cursor);
      this.#control.noteOffset(String(this.#next));
    }
  }

  /** New events, at most as many at once as the consumer takes; what was published again is left out. */
  *#batches(records: readonly ConsumedRecord[]): Generator<Delivery> {
    let events: RecordedEvent[] = [];
    let position = this.#position;
    let cursor: string | undefined;
    for (const record of records) {
      cursor = record.offset;
      const event = this.#decode(record);
      if (event === undefined || event.position <= position) continue;
      position = event.position;
      events.push(event);
      if (events.length < this.#options.maxBatch) continue;
      yield { events, cursor };
      events = [];
      cursor = undefined;
    }
    if (cursor !== undefined) yield { events, cursor };
  }

  /** What the owning service has not written was never appended: it is told, and passed over. */
  #decode(record: ConsumedRecord): RecordedEvent | undefined {
    try {
      return fromCloudEvent(record, this.partition, this.#source);
    } catch (error) {
      if (!(error instanceof ForeignRecordError)) throw error;
      this.#options.onError(error);
      return undefined;
    }
  }

  async #inTurn(work: () => Promise<void>): Promise<void> {
    this.#busy++;
    const mine = this.#turn.then(work, work).finally(() => {
      this.#busy--;
    });
    this.#turn = mine;
    await mine;
  }
}
