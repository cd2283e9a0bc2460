import type { RecordedEvent } from '@unionfold/eventsourcing';
import { type EventDocument, partitionAt, placeOf, recordedEvent } from './event-documents.ts';

/** How much is kept of a partition. */
const most = { events: 1_000, characters: 2 ** 21 };

/** Events of one partition, without a gap. */
interface Run {
  readonly events: EventDocument[];
  characters: number;
}

/**
 * What this process has appended last, so that its own followers need not read it back. Of a partition, one run without
 * a gap: where another process has appended in between, a new one begins.
 */
export class RecentEvents {
  readonly #runs = new Map<number, Run>();

  /** @param events committed; those of a partition in the order of their positions */
  add(events: readonly EventDocument[]): void {
    for (const event of events) {
      const partition = partitionAt(event.place);
      let run = this.#runs.get(partition);
      const last = run?.events.at(-1);
      const isFull =
        run !== undefined &&
        (run.events.length >= most.events || run.characters >= most.characters);
      if (run === undefined || isFull || last?.place !== event.place - 1) {
        run = { events: [], characters: 0 };
        this.#runs.set(partition, run);
      }
      run.events.push(event);
      run.characters += event.data.length;
    }
  }

  /** The events that follow a position; undefined when the next one is not among what is kept. */
  after(partition: number, position: number, limit: number): readonly RecordedEvent[] | undefined {
    const events = this.#runs.get(partition)?.events ?? [];
    const [first] = events;
    const start = first === undefined ? -1 : placeOf(partition, position + 1) - first.place;
    if (start < 0 || start >= events.length) return undefined;
    return events.slice(start, start + limit).map(recordedEvent);
  }
}
