import { setTimeout as sleep } from 'node:timers/promises';
import type { EventStore, RecordedEvent, RelayLease, RelayStore } from '@unionfold/eventsourcing';
import { BackOff, type BackOffOptions } from '../back-off.ts';

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
  /** How long a partition stays with a holder that is not heard of, in milliseconds. Default 10,000. */
  readonly leaseMs?: number;
  /** Most events published at once. Default 2,000. */
  readonly maxBatch?: number;
  readonly backOff?: BackOffOptions;
}

/** What a relay is doing about one partition. */
export interface RelayState {
  readonly partition: number;
  /** Whether this process publishes it. */
  readonly holds: boolean;
  /** Last position dealt with, while this process publishes it. */
  readonly position: number;
  /** Why it does not get on; absent when nothing is wrong. */
  readonly failure?: unknown;
}

/** Another process has the partition, or this one's time is over. */
class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';
}

/**
 * Publishes what an event store holds, partition by partition. One process at a time has a partition, by a lease with
 * an epoch; it follows the store from its checkpoint, publishes, waits for the acknowledgement, and only then moves the
 * checkpoint. So everything is published at least once and in order. A holder that slept through the end of its lease
 * may publish a stretch again that its successor has published: consumers leave out positions they have had. It can not
 * move the checkpoint, nor go on after that.
 */
export class Relay {
  readonly #partitions: readonly PartitionRelay[];

  constructor(options: RelayOptions) {
    this.#partitions = Array.from(
      { length: options.store.partitions },
      (_, partition) => new PartitionRelay(partition, options),
    );
  }

  states(): readonly RelayState[] {
    return this.#partitions.map((relay) => relay.state());
  }

  /** Ends after the stretch under way and gives the partitions to others. */
  async stop(): Promise<void> {
    await Promise.all(this.#partitions.map((relay) => relay.stop()));
  }
}

class PartitionRelay {
  readonly #partition: number;
  readonly #options: RelayOptions;
  readonly #leaseMs: number;
  readonly #stopping = new AbortController();
  readonly #ended: Promise<void>;
  #position = 0;
  #holds = false;
  #failure: unknown;

  constructor(partition: number, options: RelayOptions) {
    this.#partition = partition;
    this.#options = options;
    this.#leaseMs = options.leaseMs ?? 10_000;
    this.#ended = this.#run();
  }

  state(): RelayState {
    const failure = this.#failure === undefined ? {} : { failure: this.#failure };
    return {
      partition: this.#partition,
      holds: this.#holds,
      position: this.#position,
      ...failure,
    };
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#ended;
  }

  async #run(): Promise<void> {
    const { topic, relays, holder, onError } = this.#options;
    const { signal } = this.#stopping;
    const backOff = new BackOff(this.#options.backOff ?? { firstMs: 100, capMs: 10_000 });
    while (!signal.aborted) {
      try {
        const lease = await relays.acquire(topic, this.#partition, holder, this.#leaseMs);
        if (lease === undefined) {
          await sleep(this.#leaseMs / 3, undefined, { signal }).catch(() => undefined);
          continue;
        }
        await this.#hold(lease, () => backOff.reset());
      } catch (error) {
        if (error instanceof LeaseLostError) continue;
        this.#failure = error;
        onError(error);
        await backOff.pause(signal);
      }
    }
  }

  /** Publishes under a lease until it is lost, publishing fails or the relay stops. */
  async #hold(lease: RelayLease, isWell: () => void): Promise<void> {
    const { relays } = this.#options;
    const over = new AbortController();
    const ended = AbortSignal.any([over.signal, this.#stopping.signal]);
    this.#position = lease.position;
    this.#holds = true;
    const renewing = this.#renew(lease, ended).catch((error: unknown) => over.abort(error));
    let published = 0;
    const following = this.#options.store.subscribe({
      partition: this.#partition,
      afterPosition: lease.position,
      maxBatch: this.#options.maxBatch ?? 2_000,
      handle: async (events) => {
        if (ended.aborted) throw new LeaseLostError();
        published = Math.max(published, await this.#publish(events));
        const position = events.at(-1)?.position ?? this.#position;
        if (!(await relays.checkpoint(lease, position, published))) throw new LeaseLostError();
        this.#position = position;
        this.#failure = undefined;
        isWell();
      },
      onError: (error) => over.abort(error),
    });
    try {
      await aborted(ended);
      if (!this.#stopping.signal.aborted) throw over.signal.reason;
    } finally {
      this.#holds = false;
      over.abort();
      await following.stop();
      await renewing;
      // At the end of a lease that is lost this does nothing.
      await relays.release(lease).catch(() => undefined);
    }
  }

  /** @returns position of the last public event among them, 0 where there is none */
  async #publish(events: readonly RecordedEvent[]): Promise<number> {
    const { topic, publish, isPublic } = this.#options;
    const outgoing = events.filter(({ type }) => isPublic(type));
    if (outgoing.length > 0) await publish(topic, this.#partition, outgoing);
    return outgoing.at(-1)?.position ?? 0;
  }

  async #renew(lease: RelayLease, signal: AbortSignal): Promise<void> {
    const { relays, onError } = this.#options;
    let heldUntil = performance.now() + this.#leaseMs;
    while (!signal.aborted) {
      await sleep(this.#leaseMs / 3, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      try {
        const asked = performance.now();
        if (!(await relays.renew(lease, this.#leaseMs))) throw new LeaseLostError();
        heldUntil = asked + this.#leaseMs;
      } catch (error) {
        if (error instanceof LeaseLostError || performance.now() > heldUntil) {
          throw new LeaseLostError();
        }
        onError(error);
      }
    }
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
