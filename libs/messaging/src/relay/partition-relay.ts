import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RelayLease } from '@unionfold/eventsourcing';
import { BackOff } from '../back-off.ts';
import { LeaseLostError, PublishedStretches } from './published-stretches.ts';
import type { RelayOptions, RelayState } from './relay.ts';

/**
 * More is published than the event store holds: it was restored from an older copy, or is another one. Nothing is
 * published, because consumers would take new events for old ones. The cure is a new topic and rebuilt consumers.
 */
export class RelayAheadOfStoreError extends Error {
  override readonly name = 'RelayAheadOfStoreError';

  constructor(
    readonly topic: string,
    readonly partition: number,
    readonly position: number,
    readonly head: number,
  ) {
    super(`${topic}/${partition} is published up to ${position}, its store ends at ${head}`);
  }
}

/** Publishes one partition whenever nobody else does. */
export class PartitionRelay {
  readonly #partition: number;
  readonly #options: RelayOptions;
  readonly #leaseMs: number;
  readonly #stopping = new AbortController();
  readonly #ended: Promise<void>;
  #held: PublishedStretches | undefined;
  #failure: unknown;

  constructor(partition: number, options: RelayOptions) {
    this.#partition = partition;
    this.#options = options;
    this.#leaseMs = options.leaseMs ?? 6_000;
    this.#ended = this.#run();
  }

  state(): RelayState {
    const failure = this.#failure === undefined ? {} : { failure: this.#failure };
    return {
      partition: this.#partition,
      holds: this.#held !== undefined,
      position: this.#held?.position ?? 0,
      read: this.#held?.read ?? 0,
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
        if (lease !== undefined) {
          await this.#hold(lease, () => backOff.reset());
          continue;
        }
        // Whoever has it answers for it.
        this.#failure = undefined;
        await sleep(this.#leaseMs / 3, undefined, { signal }).catch(() => undefined);
      } catch (error) {
        if (error instanceof LeaseLostError) continue;
        this.#failure = error;
        onError(error);
        await backOff.pause(signal);
      }
    }
  }

  /** Publishes under a lease until it is lost, something fails or the relay stops. */
  async #hold(lease: RelayLease, isWell: () => void): Promise<void> {
    const { relays, store } = this.#options;
    const over = new AbortController();
    const ended = AbortSignal.any([over.signal, this.#stopping.signal]);
    const well = () => {
      this.#failure = undefined;
      isWell();
    };
    const stretches = new PublishedStretches(lease, this.#options, ended, {
      onProgress: well,
      onFailure: (error) => over.abort(error),
    });
    this.#held = stretches;
    const renewing = this.#renew(lease, ended, () => {
      if (stretches.isIdle) well();
    }).catch((error: unknown) => over.abort(error));
    try {
      await this.#expectBehindStore(lease);
      const following = store.subscribe({
        partition: this.#partition,
        afterPosition: lease.position,
        maxBatch: this.#options.maxBatch ?? 2_000,
        handle: (events) => stretches.take(events),
        onError: (error) => over.abort(error),
      });
      if (!ended.aborted) await once(ended, 'abort');
      await following.stop();
      if (over.signal.aborted) throw over.signal.reason;
    } finally {
      this.#held = undefined;
      over.abort();
      await stretches.settled();
      await renewing;
      // At the end of a lease that is lost this does nothing.
      await relays.release(lease).catch(() => undefined);
    }
  }

  async #expectBehindStore({ topic, partition, position }: RelayLease): Promise<void> {
    const head = (await this.#options.store.heads())[partition] ?? 0;
    if (position > head) throw new RelayAheadOfStoreError(topic, partition, position, head);
  }

  async #renew(lease: RelayLease, signal: AbortSignal, onRenewed: () => void): Promise<void> {
    const { relays, onError } = this.#options;
    let heldUntil = performance.now() + this.#leaseMs;
    while (!signal.aborted) {
      await sleep(this.#leaseMs / 3, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      const asked = performance.now();
      let isRenewed: boolean;
      try {
        isRenewed = await relays.renew(lease, this.#leaseMs);
      } catch (error) {
        onError(error);
        if (performance.now() > heldUntil) throw new LeaseLostError();
        continue;
      }
      if (!isRenewed) throw new LeaseLostError();
      heldUntil = asked + this.#leaseMs;
      onRenewed();
    }
  }
}
