/** Where an event is. */
export interface EventPlace {
  readonly partition: number;
  readonly position: number;
}

/** What is looked at of every event. */
export interface EventRow {
  readonly position: number;
  readonly stream: string;
  readonly version: number;
  readonly id: string;
}

/** What a command's receipt says of the events that it led to: stretches of one stream. */
export interface ReceiptRow {
  readonly key: string;
  readonly appended: readonly (EventPlace & {
    readonly stream: string;
    readonly version: number;
    readonly events: number;
  })[];
}

/** An event store as it lies on disk, read without the store's own code. */
export interface EventRecords {
  readonly partitions: number;
  /** The last position given out, by partition. Undefined where the store keeps no counters. */
  counters(): Promise<ReadonlyMap<number, number> | undefined>;
  /** One partition in the order of positions. */
  events(partition: number): AsyncIterable<EventRow>;
  /** What lies outside all partitions. */
  strays(): AsyncIterable<string>;
  receipts(): AsyncIterable<ReceiptRow>;
  snapshots(): AsyncIterable<{ readonly stream: string; readonly version: number }>;
  /** The events at these places, by {@link keyOf}; places without one are left out. */
  at(
    places: readonly EventPlace[],
  ): Promise<ReadonlyMap<string, Pick<EventRow, 'stream' | 'version'>>>;
  /** The last version of streams; those without events are left out. */
  heads(streams: readonly string[]): Promise<ReadonlyMap<string, number>>;
}

export function keyOf({ partition, position }: EventPlace): string {
  return `${partition}@${position}`;
}
