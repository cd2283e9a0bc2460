import type { Findings } from '../report.ts';
import { differencesOf } from './differences.ts';
import { EventWindow } from './event-window.ts';
import type { PartitionEvents, RelayRecord, StoredEvent, TopicRecord } from './topic-records.ts';

/** Repeated records are compared with their events so many at a time. */
const lookUpSize = 500;

/** What one partition of a topic is compared with. */
export interface TopicPartitionSubject {
  readonly partition: number;
  /** The service's `ce_source`. */
  readonly source: string;
  readonly events: PartitionEvents;
  readonly isPublic: (type: string) => boolean;
  readonly relay: RelayRecord;
  /** Whether the topic no longer has its first records. */
  readonly isCut: boolean;
  readonly findings: Findings;
}

/**
 * Compares one partition of a topic with the store's, record by record. Both are read once and side by side; what is
 * kept is what the topic has passed over so far, which is nothing where all is well.
 */
export class TopicPartitionCheck {
  /** Records whose event was there before. */
  redelivered = 0;
  /** Public events that were found. */
  found = 0;
  /** The furthest public position that the topic has. */
  reached = 0;
  readonly #subject: TopicPartitionSubject;
  readonly #window: EventWindow;
  /** Positions of public events that the topic has passed over. */
  readonly #skipped = new Set<number>();
  /** The last public event up to what the relay has dealt with. */
  #lastPublic = 0;
  /** Whether nothing can come any more that was passed over. */
  #ended = false;
  #again: { readonly position: number; readonly record: TopicRecord }[] = [];

  constructor(subject: TopicPartitionSubject) {
    this.#subject = subject;
    this.#window = new EventWindow(subject.events);
  }

  /** Takes records in the order of offsets. */
  async take(records: readonly TopicRecord[]): Promise<void> {
    for (const record of records) await this.#takeOne(record);
  }

  /** Takes it that the topic has nothing more. */
  async finish(): Promise<void> {
    await this.#lookAgain();
    const { relay, partition, findings, events } = this.#subject;
    this.#ended = true;
    for (const position of this.#skipped) this.#missing(position);
    await this.#passOver(Math.max(relay.position, this.reached) + 1);
    if (relay.position > 0 && !(await events.at([relay.position])).has(relay.position)) {
      const meaning = 'the relay has dealt with positions that the store does not have';
      findings.violation('relay-ahead', meaning, `${partition}@${relay.position}`);
    }
    if (relay.published === this.#lastPublic) return;
    findings.violation(
      'published-wrong',
      "the relay's record names another position than that of the last public event it has dealt with",
      `partition ${partition}: published ${relay.published}, last public ${this.#lastPublic}, position ${relay.position}`,
    );
  }

  async #takeOne(record: TopicRecord): Promise<void> {
    const { partition, findings } = this.#subject;
    const position = Number(record.headers['ce_position']);
    if (!Number.isSafeInteger(position) || position < 1) {
      const example = `partition ${partition}, offset ${record.offset}`;
      findings.violation('foreign-record', 'a record of the topic is no event', example);
    } else if (position <= this.reached) {
      this.#again.push({ position, record });
      if (this.#again.length >= lookUpSize) await this.#lookAgain();
    } else {
      const event = await this.#window.at(position);
      if (event === undefined || event.id !== record.headers['ce_id']) {
        this.#phantom(position, record);
        return;
      }
      await this.#passOver(position);
      this.#passed(event, false);
      this.reached = position;
      this.#compare(event, record);
    }
  }

  /** Notes what stands before a position and was not in the topic. */
  async #passOver(position: number): Promise<void> {
    for await (const event of this.#window.upTo(position)) this.#passed(event, true);
  }

  #passed(event: StoredEvent, isSkipped: boolean): void {
    const { isPublic, relay } = this.#subject;
    const { position } = event;
    if (!isPublic(event.type)) return;
    if (position <= relay.position) this.#lastPublic = position;
    if (!isSkipped) this.found += 1;
    else if (this.found === 0 && this.#subject.isCut) {
      const meaning =
        'the topic no longer has its first events: new read models cannot be built from it';
      this.#subject.findings.warning('expired', meaning, `${this.#subject.partition}@${position}`);
    } else if (this.#ended) this.#missing(position);
    else this.#skipped.add(position);
  }

  #missing(position: number): void {
    const meaning = 'an event that the relay has dealt with is not in the topic';
    const example = `${this.#subject.partition}@${position}`;
    this.#subject.findings.violation('missing-in-topic', meaning, example);
  }

  /** Records at or before the furthest position: redelivered, or out of order. */
  async #lookAgain(): Promise<void> {
    const again = this.#again;
    this.#again = [];
    if (again.length === 0) return;
    const { partition, findings, events } = this.#subject;
    const found = await events.at(again.map(({ position }) => position));
    for (const { position, record } of again) {
      const event = found.get(position);
      if (event === undefined || event.id !== record.headers['ce_id']) {
        this.#phantom(position, record);
        continue;
      }
      if (this.#skipped.delete(position)) {
        this.found += 1;
        findings.violation(
          'order',
          'an event came into the topic for the first time after a later one of its partition',
          `${partition}@${position}, offset ${record.offset}, stream ${event.stream}, version ${event.version}`,
        );
      } else this.redelivered += 1;
      this.#compare(event, record);
    }
  }

  #compare(event: StoredEvent, record: TopicRecord): void {
    const { partition, source, isPublic, findings } = this.#subject;
    const example = `${partition}@${event.position}, offset ${record.offset}`;
    if (!isPublic(event.type)) {
      findings.violation('internal-in-topic', 'an internal event was published', example);
    }
    const different = differencesOf(event, record, source);
    if (different.length === 0) return;
    const meaning = 'a record says something else than its event';
    findings.violation('content-differs', meaning, `${example}: ${different.join(', ')}`);
  }

  #phantom(position: number, record: TopicRecord): void {
    this.#subject.findings.violation(
      'phantom',
      'the topic has an event that the store does not have',
      `partition ${this.#subject.partition}, position ${position}, offset ${record.offset}, id ${record.headers['ce_id']}`,
    );
  }
}
