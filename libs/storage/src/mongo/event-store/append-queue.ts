import type { AppendResult } from '@unionfold/eventsourcing';
import type { PreparedAppend } from '../../prepared-append.ts';

/** An append that waits for its transaction. */
export interface WaitingAppend {
  readonly append: PreparedAppend;
  readonly resolve: (result: AppendResult) => void;
  readonly reject: (error: unknown) => void;
}

/** How much shares a transaction. */
export interface BatchLimits {
  readonly appends: number;
  readonly events: number;
  /** Of events' data. */
  readonly bytes: number;
}

/** Partitions whose numbers leave the same remainder. More lanes than four bring nothing that can be measured. */
type Lane = 0 | 1 | 2 | 3;
const lanes: readonly Lane[] = [0, 1, 2, 3];

interface Entry {
  readonly unit: WaitingAppend;
  /** Undefined when it concerns several. */
  readonly lane: Lane | undefined;
}

/** So many appends are worth a transaction beside another one; fewer wait for its end, and share the next. */
const worthOwn = 128;

/**
 * Group commit: appends that arrive while a transaction runs share the next one. Few share one whatever their partitions.
 * When many wait, those of each lane go in a transaction of their own, so that some are prepared while the server writes
 * others; two with a partition in common would only collide on its counter. An append that concerns several lanes is
 * overtaken by none, and goes when nothing else runs.
 */
export class AppendQueue {
  readonly #limits: BatchLimits;
  readonly #commit: (batch: readonly WaitingAppend[]) => Promise<void>;
  /** In the order of arrival. */
  #waiting: Entry[] = [];
  /** Lanes on which a transaction runs. */
  readonly #busy = new Set<Lane>();
  #isDue = false;
  #drained: PromiseWithResolvers<void> | undefined;

  /** @param commit settles every append of a batch; never rejects */
  constructor(limits: BatchLimits, commit: (batch: readonly WaitingAppend[]) => Promise<void>) {
    this.#limits = limits;
    this.#commit = commit;
  }

  /** Resolves when it is durable. */
  submit(append: PreparedAppend): Promise<AppendResult> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ unit: { append, resolve, reject }, lane: laneOf(append) });
      this.#lookSoon();
    });
  }

  /** Resolves when all that waits is settled. */
  async drained(): Promise<void> {
    if (this.#isIdle()) return;
    this.#drained ??= Promise.withResolvers();
    await this.#drained.promise;
  }

  /** A turn of the event loop later, so that all that arrives in this one shares the transaction. */
  #lookSoon(): void {
    if (this.#isDue || this.#busy.size === lanes.length) return;
    this.#isDue = true;
    setImmediate(() => {
      this.#isDue = false;
      this.#look();
    });
  }

  #look(): void {
    if (this.#busy.size === 0) {
      const isMany = this.#waiting.length >= lanes.length * worthOwn;
      // The lane of the oldest, so that one with little to do is not passed over for good.
      const lane = isMany ? this.#waiting[0]?.lane : undefined;
      this.#start(lane === undefined ? lanes : [lane], 1);
    }
    if (this.#busy.size > 0) {
      for (const lane of lanes) if (!this.#busy.has(lane)) this.#start([lane], worthOwn);
    }
    if (!this.#isIdle()) return;
    this.#drained?.resolve();
    this.#drained = undefined;
  }

  /** Starts a transaction on these lanes if there are so many appends for it. */
  #start(own: readonly Lane[], least: number): void {
    const batch = this.#choose(own);
    if (batch.size < least) return;
    this.#waiting = this.#waiting.filter((entry) => !batch.has(entry));
    for (const lane of own) this.#busy.add(lane);
    void this.#commit([...batch].map(({ unit }) => unit)).then(() => {
      for (const lane of own) this.#busy.delete(lane);
      this.#lookSoon();
    });
  }

  #choose(own: readonly Lane[]): Set<Entry> {
    const chosen = new Set<Entry>();
    let events = 0;
    let bytes = 0;
    for (const entry of this.#waiting) {
      if (own.length < lanes.length) {
        if (entry.lane === undefined) break;
        if (!own.includes(entry.lane)) continue;
      }
      const isFull =
        chosen.size >= this.#limits.appends ||
        events >= this.#limits.events ||
        bytes >= this.#limits.bytes;
      if (isFull) break;
      chosen.add(entry);
      const { append } = entry.unit;
      events += append.eventCount;
      for (const { events: added } of append.streams) {
        for (const { data } of added) bytes += data.length;
      }
    }
    return chosen;
  }

  #isIdle(): boolean {
    return this.#busy.size === 0 && this.#waiting.length === 0;
  }
}

function laneOf({ streams }: PreparedAppend): Lane | undefined {
  const own = new Set(streams.map(({ partition }) => partition % lanes.length));
  const [lane = 0] = own;
  return own.size > 1 ? undefined : lanes[lane];
}
