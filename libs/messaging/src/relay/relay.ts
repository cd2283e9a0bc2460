import type { EventStore, RecordedEvent, RelayStore } from '@unionfold/eventsourcing';
import type { BackOffOptions } from '../back-off.ts';
import { PartitionRelay } from './partition-relay.ts';

/** Publishes events to a partition of a topic, in order; resolves when the log has acknowledged all of them. */
export type Publish = (
  topic: string,
  partition: number,
  events: readonly RecordedEvent[],
) => Promise<void>;

export interface RelayOptions {
  readonly topic: string;
  readonly store: Pick<EventStore, 'partitions' | 'subscribe' | 'heads'>;
  readonly relays: RelayStore;
  readonly publish: Publish;
  /** Whether events of this type (full name) leave their service. */
  readonly isPublic: (type: string) => boolean;
  /** Unique among all processes. */
  readonly holder: string;
  readonly onError: (error: unknown) => void;
  /** How long a partition stays with a holder that is not heard of, in milliseconds. Default 6,000. */
  readonly leaseMs?: number;
  /** Most events published at once. Default 2,000. */
  readonly maxBatch?: number;
  /**
   * The beat at which short stretches follow each other, all partitions at once, so that they are fewer. The first one
   * after a pause does not wait. Milliseconds. Default 0: as they come.
   */
  readonly paceMs?: number;
  readonly backOff?: BackOffOptions;
}

/** What a relay is doing about one partition. */
export interface RelayState {
  readonly partition: number;
  /** Whether this process publishes it. */
  readonly holds: boolean;
  /** Last position dealt with, while this process publishes it. */
  readonly position: number;
  /** Last position that was read from the store, while this process publishes it. */
  readonly read: number;
  /** Why it does not get on; absent when nothing is wrong. */
  readonly failure?: unknown;
}

/** How far a partition is published, by whichever process. */
export interface RelayProgress {
  readonly partition: number;
  /** Last position dealt with; behind `head` there is something to do. */
  readonly position: number;
  /** Position of the last public event that the log has acknowledged. */
  readonly published: number;
  /** Last position of the event store. */
  readonly head: number;
}

/**
 * Publishes what an event store holds, partition by partition. One process at a time has a partition, by a lease with
 * an epoch: whatever is free is taken, and given back at the end. It follows the store from its checkpoint, publishes,
 * and moves the checkpoint once the log has acknowledged. So everything is published at least once, and of every
 * position the first record stands in order. A holder that slept through the end of its lease may publish a stretch
 * again that its successor has published: consumers leave out positions they have had. It can not move the checkpoint,
 * nor go on after that.
 */
export class Relay {
  readonly #options: RelayOptions;
  readonly #partitions: readonly PartitionRelay[];

  constructor(options: RelayOptions) {
    this.#options = options;
    this.#partitions = Array.from(
      { length: options.store.partitions },
      (_, partition) => new PartitionRelay(partition, options),
    );
  }

  /** What this process does, one a partition. */
  states(): readonly RelayState[] {
    return this.#partitions.map((relay) => relay.state());
  }

  /** How far all processes together are, one a partition. */
  async progress(): Promise<readonly RelayProgress[]> {
    const { relays, store, topic } = this.#options;
    const dealtWith = new Map(
      (await relays.published(topic)).map((progress) => [progress.partition, progress]),
    );
    // Asked afterwards, so that nothing is ahead of it.
    const heads = await store.heads();
    return heads.map((head, partition) => {
      const { position = 0, published = 0 } = dealtWith.get(partition) ?? {};
      return { partition, position, published, head };
    });
  }

  /** Ends after the stretch under way and gives the partitions to others. */
  async stop(): Promise<void> {
    await Promise.all(this.#partitions.map((relay) => relay.stop()));
  }
}
