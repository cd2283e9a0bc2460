import { catalogue } from '@unionfold/contracts';
import {
  type DecodedEvent,
  type EventCodec,
  isUndecodable,
  type Projection,
  type RecordedEvent,
  UnitOfWork,
} from '@unionfold/eventsourcing';
import { placeOf } from '../installation.ts';
import type { Findings } from '../report.ts';
import type { PartitionEvents, StoredEvent } from '../topic/topic-records.ts';
import { eventKey } from './live-read-model.ts';
import type { ScratchStore } from './scratch-store.ts';

/** Events handled before the documents are written. */
const batchSize = 5_000;
/** Events read at once of each partition. */
const pageSize = 2_000;

/** The event stores of the topics that a projection reads; index = partition. */
export type TopicEvents = ReadonlyMap<string, readonly PartitionEvents[]>;

/** One event with its topic. */
interface Arrival {
  readonly topic: string;
  readonly recorded: RecordedEvent;
}

/**
 * Builds a projection's documents from the event stores alone, without log, relay, consumer and document store. Events
 * of different partitions come in the order in which they were recorded.
 */
export class Replay {
  /** Events handled. */
  handled = 0;
  readonly #projection: Projection;
  readonly #codec: EventCodec;
  readonly #scratch: ScratchStore;
  readonly #findings: Findings;
  readonly #lanes: readonly Lane[];
  /** What was left out so far, by {@link eventKey}. */
  readonly #leftOut = new Map<string, Arrival>();

  constructor(
    projection: Projection,
    codec: EventCodec,
    topics: TopicEvents,
    scratch: ScratchStore,
    findings: Findings,
  ) {
    this.#projection = projection;
    this.#codec = codec;
    this.#scratch = scratch;
    this.#findings = findings;
    this.#lanes = projection.topics.flatMap((topic) =>
      (topics.get(topic) ?? []).map((events, partition) => new Lane(topic, partition, events)),
    );
  }

  /** Whether it has gone past any of these positions. */
  isBeyond(positions: ReadonlyMap<string, number>): boolean {
    return this.#lanes.some(({ place, position }) => position > (positions.get(place) ?? 0));
  }

  /**
   * Goes on to these positions.
   * @param leftOut what the live read model has not handled; what is no longer among it is handled now
   * @param assertTime called between batches; throws when the time is up
   */
  async advance(
    positions: ReadonlyMap<string, number>,
    leftOut: ReadonlySet<string>,
    assertTime: () => void,
  ): Promise<void> {
    await this.#handleReplayed(leftOut);
    let batch: Arrival[] = [];
    for (;;) {
      const next = await this.#next(positions);
      if (next !== undefined && this.#isWanted(next, leftOut)) batch.push(next);
      if (batch.length >= batchSize || (next === undefined && batch.length > 0)) {
        assertTime();
        await this.#handle(batch);
        batch = [];
      }
      if (next === undefined) return;
    }
  }

  #isWanted(arrival: Arrival, leftOut: ReadonlySet<string>): boolean {
    const { topic, recorded } = arrival;
    if (catalogue.get(recorded.type)?.internal === true) return false;
    const key = eventKey(topic, recorded.partition, recorded.position);
    if (!leftOut.has(key)) return true;
    this.#leftOut.set(key, arrival);
    return false;
  }

  /** An operator has had them handled since; a stream's next events waited for that. */
  async #handleReplayed(leftOut: ReadonlySet<string>): Promise<void> {
    const replayed = [...this.#leftOut].filter(([key]) => !leftOut.has(key));
    for (const [key] of replayed) this.#leftOut.delete(key);
    await this.#handle(
      replayed
        .map(([, arrival]) => arrival)
        .sort((a, b) => a.recorded.position - b.recorded.position),
    );
  }

  /** The event that was recorded first among the next ones of all partitions. */
  async #next(positions: ReadonlyMap<string, number>): Promise<Arrival | undefined> {
    let first: { readonly lane: Lane; readonly event: StoredEvent } | undefined;
    for (const lane of this.#lanes) {
      const event = await lane.peek(positions.get(lane.place) ?? 0);
      if (event === undefined) continue;
      if (first === undefined || event.recordedAt < first.event.recordedAt) first = { lane, event };
    }
    if (first === undefined) return undefined;
    const { lane, event } = first;
    lane.pass(event);
    return { topic: lane.topic, recorded: { ...event, partition: lane.partition } };
  }

  async #handle(batch: readonly Arrival[]): Promise<void> {
    const events = await this.#codec.decode(
      batch.map(({ recorded }) => recorded),
      { openPersonal: false },
    );
    const documents = new UnitOfWork(this.#scratch);
    const decoded = events.filter((event): event is DecodedEvent => !isUndecodable(event));
    // Reading ahead is for speed alone; an event that it fails for fails by itself below.
    await this.#projection.prefetch?.(decoded, documents).catch(() => undefined);
    for (const [index, event] of events.entries()) {
      const problem = isUndecodable(event) ? 'cannot be read' : await this.#apply(event, documents);
      if (problem === undefined) continue;
      const { topic, recorded } = batch[index] ?? {};
      const meaning = 'the read model was built from an event that cannot be handled now';
      const example = `${topic}/${recorded?.partition}@${recorded?.position}: ${problem}`;
      this.#findings.violation('cannot-be-handled', meaning, example);
    }
    this.#scratch.write(documents.toChange([]));
    this.handled += events.length;
  }

  async #apply(event: DecodedEvent, documents: UnitOfWork): Promise<string | undefined> {
    try {
      await documents.attempt((part) => this.#projection.apply(event, part));
      return undefined;
    } catch (error) {
      // The message may tell something of a person.
      return error instanceof Error ? error.name : typeof error;
    }
  }
}

/** One partition of one topic, an event at a time. */
class Lane {
  readonly topic: string;
  readonly partition: number;
  readonly place: string;
  position = 0;
  readonly #events: PartitionEvents;
  #page: readonly StoredEvent[] = [];
  #next = 0;

  constructor(topic: string, partition: number, events: PartitionEvents) {
    this.topic = topic;
    this.partition = partition;
    this.place = placeOf(topic, partition);
    this.#events = events;
  }

  /** The next event up to a position. */
  async peek(target: number): Promise<StoredEvent | undefined> {
    if (this.position >= target) return undefined;
    if (this.#next === this.#page.length) {
      this.#page = await this.#events.after(this.position, pageSize);
      this.#next = 0;
    }
    const event = this.#page[this.#next];
    return event === undefined || event.position > target ? undefined : event;
  }

  pass(event: StoredEvent): void {
    this.position = event.position;
    this.#next += 1;
  }
}
