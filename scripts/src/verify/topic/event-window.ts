import type { PartitionEvents, StoredEvent } from './topic-records.ts';

const pageSize = 1_000;

/** The events of one partition from the first on, a page at a time, with a look ahead. */
export class EventWindow {
  readonly #events: PartitionEvents;
  #page: readonly StoredEvent[] = [];
  /** Index in the page of the next event. */
  #next = 0;
  #read = 0;

  constructor(events: PartitionEvents) {
    this.#events = events;
  }

  /** Looks at an event without going there. */
  async at(position: number): Promise<StoredEvent | undefined> {
    if (this.#next === this.#page.length) await this.#turn();
    const last = this.#page.at(-1);
    if (last === undefined) return undefined;
    if (position > last.position) return (await this.#events.at([position])).get(position);
    for (let index = this.#next; index < this.#page.length; index++) {
      const event = this.#page[index];
      if (event !== undefined && event.position >= position) {
        return event.position === position ? event : undefined;
      }
    }
    return undefined;
  }

  /** Goes to a position and past it; gives what stands before it. */
  async *upTo(position: number): AsyncGenerator<StoredEvent> {
    for (;;) {
      const event = this.#page[this.#next];
      if (event === undefined) {
        if (!(await this.#turn())) return;
        continue;
      }
      if (event.position > position) return;
      this.#next += 1;
      if (event.position === position) return;
      yield event;
    }
  }

  async #turn(): Promise<boolean> {
    const page = await this.#events.after(this.#read, pageSize);
    if (page.length === 0) return false;
    this.#page = page;
    this.#next = 0;
    this.#read = page.at(-1)?.position ?? this.#read;
    return true;
  }
}
