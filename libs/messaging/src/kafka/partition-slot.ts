import type { ConsumeOptions, RecordedEvent } from '@unionfold/eventsourcing';
import { type ConsumedRecord, ForeignRecordError, fromCloudEvent } from './cloud-event.ts';

/** Records that a consumer has not had are gone from the topic: its retention is too short. Nothing is passed over. */
export class RecordsMissingError extends Error {
  override readonly name = 'RecordsMissingError';
}

/** What a slot does to its consumer. */
export interface SlotControl {
  /** Nothing is done before this has resolved: what the partition's slot before still does. */
  readonly after: Promise<unknown>;
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
  /** The next offset wanted; undefined while the checkpoint has to be asked for. */
  #next: bigint | undefined;
  /** Position up to which events were handled. */
  #position = 0;
  #lost = false;
  /** The offset that was last asked for because other records came. */
  #missed: bigint | undefined;
  #turn: Promise<unknown>;

  constructor(topic: string, partition: number, options: ConsumeOptions, control: SlotControl) {
    this.topic = topic;
    this.partition = partition;
    this.#options = options;
    this.#control = control;
    this.#turn = control.after;
  }

  /** It is another member's from now on: nothing more is handled. */
  lose(): void {
    this.#lost = true;
  }

  /** Resolves when nothing of it runs any more. */
  async idle(): Promise<void> {
    await this.#turn.catch(() => undefined);
  }

  /** Asks for the checkpoint unless that is known, and has the partition fetched from there. */
  async place(): Promise<void> {
    await this.#inTurn(async () => {
      if (this.#next === undefined && !this.#lost) await this.#place();
    });
  }

  /**
   * Handles records that were fetched.
   * @param done is given the offset of each record that need not come again
   * @throws what the consumer's handler rejects with, or what asking for the checkpoint does; the slot asks again then
   */
  async take(records: readonly ConsumedRecord[], done: (offset: string) => void): Promise<void> {
    await this.#inTurn(async () => {
      const [first] = records;
      if (this.#lost || first === undefined) return;
      try {
        if (this.#next === undefined) {
          await this.#place();
          return;
        }
        if (BigInt(first.offset) > this.#next) {
          this.#seekAgain();
          return;
        }
        await this.#deliver(records, done);
      } catch (error) {
        this.#next = undefined;
        throw error;
      }
    });
  }

  async #place(): Promise<void> {
    const checkpoint = await this.#options.startAfter(this.topic, this.partition);
    this.#position = checkpoint?.position ?? 0;
    this.#next = checkpoint === undefined ? 0n : BigInt(checkpoint.cursor) + 1n;
    this.#control.seek(String(this.#next));
  }

  /** Records came that were fetched before the consumer was told where to read, or those wanted are no more. */
  #seekAgain(): void {
    const next = this.#next ?? 0n;
    if (this.#missed === next) {
      throw new RecordsMissingError(
        `${this.topic}/${this.partition} has no record at offset ${next} any more`,
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
      if (this.#lost) return;
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

  /** What is not an event of the owning service was never appended: it is told, and passed over. */
  #decode(record: ConsumedRecord): RecordedEvent | undefined {
    try {
      return fromCloudEvent(record, this.partition);
    } catch (error) {
      if (!(error instanceof ForeignRecordError)) throw error;
      this.#options.onError(error);
      return undefined;
    }
  }

  async #inTurn(work: () => Promise<void>): Promise<void> {
    const mine = this.#turn.then(work, work);
    this.#turn = mine;
    await mine;
  }
}
