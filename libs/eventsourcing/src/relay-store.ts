/** The right to publish one partition of one topic, and how far publishing is. */
export interface RelayLease {
  readonly topic: string;
  readonly partition: number;
  readonly holder: string;
  /** The fencing token: greater than that of every holder before. */
  readonly epoch: number;
  /** Last position of the event store that was dealt with: published and acknowledged, or internal. */
  readonly position: number;
}

/** How far a partition is published. */
export interface PublishedPosition {
  readonly partition: number;
  readonly position: number;
  /** Position of the last public event that the log has acknowledged; 0 when there is none. */
  readonly published: number;
}

/**
 * The relay store port: who publishes a partition, and its checkpoint, in one record, so that a holder whose time has
 * passed can move neither.
 *
 * Adapters hold: at most one holder of a partition at a time; time is the store's own; epochs only grow; a checkpoint
 * never goes back.
 */
export interface RelayStore {
  /** Takes a partition that is free, over, or held by the same holder; undefined when another one has it. */
  acquire(
    topic: string,
    partition: number,
    holder: string,
    ttlMs: number,
  ): Promise<RelayLease | undefined>;
  /** Holds it for `ttlMs` from now; false when it is over or another one's. */
  renew(lease: RelayLease, ttlMs: number): Promise<boolean>;
  /**
   * Notes what was dealt with; called after the log has acknowledged it. `published` is 0 where nothing was public.
   * @returns false when the epoch has passed: nothing was written
   */
  checkpoint(lease: RelayLease, position: number, published: number): Promise<boolean>;
  /** Gives it back; its record and epoch stay. */
  release(lease: RelayLease): Promise<void>;
  /** How far a topic is published, by partition; empty while nobody has ever held any of it. */
  published(topic: string): Promise<readonly PublishedPosition[]>;
}
