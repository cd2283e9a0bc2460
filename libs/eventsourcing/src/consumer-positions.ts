import { setTimeout as sleep } from 'node:timers/promises';
import type { ConsumerPosition } from './consumer-definition.ts';
import type { Checkpoint, DocumentStore } from './document-store.ts';
import { Listeners } from './listeners.ts';

/** A position with the log's cursor after it. */
export type HeldPosition = ConsumerPosition & { readonly cursor: string };

/** Pause between two looks at the stored checkpoints while somebody waits for them. Milliseconds. */
const lookMs = 10;

/**
 * How far one consumer is: what this process has handled, and what it has seen of others that hold partitions of the
 * same group. Those write their checkpoints into the same store, and no call tells of it: as long as somebody waits for
 * a partition that is held elsewhere, the store is asked.
 */
export class ConsumerPositions {
  readonly #consumer: string;
  readonly #documents: DocumentStore;
  readonly #holds: (topic: string, partition: number) => boolean;
  /** What this process has handled. */
  readonly #held = new Map<string, HeldPosition>();
  /** The checkpoints, where they are not as far as what was handled. */
  readonly #behind = new Map<string, HeldPosition | undefined>();
  /** The furthest that was ever seen in the store. */
  readonly #seen = new Map<string, ConsumerPosition>();
  readonly #listeners = new Listeners();
  readonly #watches = new Set<readonly ConsumerPosition[]>();
  #looking: Promise<void> | undefined;
  #ended = false;

  /** @param holds whether this process has the partition */
  constructor(
    consumer: string,
    documents: DocumentStore,
    holds: (topic: string, partition: number) => boolean,
  ) {
    this.#consumer = consumer;
    this.#documents = documents;
    this.#holds = holds;
  }

  /** How far this process has handled a partition. */
  held(topic: string, partition: number): HeldPosition | undefined {
    return this.#held.get(key(topic, partition));
  }

  /** The checkpoint that this process writes against next. */
  stored(topic: string, partition: number): HeldPosition | undefined {
    const id = key(topic, partition);
    return this.#behind.has(id) ? this.#behind.get(id) : this.#held.get(id);
  }

  /** What is handled and not stored of the partitions that this process has. */
  unstored(): readonly HeldPosition[] {
    return [...this.#behind.keys()].flatMap((id) => {
      const held = this.#held.get(id);
      return held !== undefined && this.#holds(held.topic, held.partition) ? [held] : [];
    });
  }

  /** Whether anything is handled and not stored, whoever has its partition now. */
  get isBehind(): boolean {
    return this.#behind.size > 0;
  }

  /** @param isStored whether the checkpoint is there, too; otherwise it is written later */
  advance(position: HeldPosition, isStored = true): void {
    const id = key(position.topic, position.partition);
    if (isStored) this.#behind.delete(id);
    else if (!this.#behind.has(id)) this.#behind.set(id, this.#held.get(id));
    this.#held.set(id, position);
    this.#listeners.notify();
  }

  /** Takes over what the store holds. The caller sees to it that no batch is under way. */
  async load(): Promise<void> {
    const stored = new Map(
      (await this.#read()).map((one) => [key(one.topic, one.partition), one] as const),
    );
    for (const [id, before] of [...this.#behind]) {
      const now = stored.get(id);
      const isAhead = (this.#held.get(id)?.position ?? 0) > (now?.position ?? 0);
      // What this process has handled beyond it need not come again, and would not be sent again; that it has moved may
      // be a change of its own whose answer was lost.
      if (isAhead && (now?.position ?? 0) >= (before?.position ?? 0)) {
        this.#behind.set(id, now);
        stored.delete(id);
      } else this.#behind.delete(id);
    }
    for (const [id, { topic, partition, position, cursor }] of stored) {
      this.#held.set(id, { topic, partition, position, cursor });
    }
    // A commit whose answer was lost may have moved a checkpoint, and nothing comes after it that would tell.
    this.#listeners.notify();
  }

  /** Looks at what others have done; leaves alone what this process writes against. */
  async look(): Promise<void> {
    for (const { topic, partition, position } of await this.#read()) {
      const id = key(topic, partition);
      if (position > (this.#seen.get(id)?.position ?? 0)) {
        this.#seen.set(id, { topic, partition, position });
      }
    }
    this.#listeners.notify();
  }

  /** The positions handled, one a partition that has any. */
  all(): readonly ConsumerPosition[] {
    const all = new Map<string, ConsumerPosition>(this.#held);
    for (const [id, seen] of this.#seen) {
      if (seen.position > (all.get(id)?.position ?? 0)) all.set(id, seen);
    }
    return [...all.values()];
  }

  hasReached(targets: readonly ConsumerPosition[]): boolean {
    return targets.every(({ topic, partition, position }) => {
      const id = key(topic, partition);
      const held = this.#held.get(id)?.position ?? 0;
      return Math.max(held, this.#seen.get(id)?.position ?? 0) >= position;
    });
  }

  /** Has listeners told of what others do about these partitions, until the returned function is called. */
  watch(targets: readonly ConsumerPosition[]): () => void {
    this.#watches.add(targets);
    this.#looking ??= this.#lookOn().finally(() => {
      this.#looking = undefined;
    });
    return () => this.#watches.delete(targets);
  }

  /** Waits until all the positions are handled; false when the time is up, or at the end. */
  async waitFor(targets: readonly ConsumerPosition[], timeoutMs: number): Promise<boolean> {
    const outcome = () => (this.hasReached(targets) ? true : this.#ended ? false : undefined);
    const known = outcome();
    if (known !== undefined) return known;
    const unwatch = this.watch(targets);
    try {
      return await this.#listeners.waitFor(outcome, timeoutMs);
    } finally {
      unwatch();
    }
  }

  onProgress(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  /** Those who wait are told that it is over. */
  end(): void {
    this.#ended = true;
    this.#listeners.notify();
  }

  async #lookOn(): Promise<void> {
    while (!this.#ended && [...this.#watches].some((targets) => !this.#isOwn(targets))) {
      // A store that does not answer now may do so before the time of those who wait is up.
      await this.look().catch(() => undefined);
      await sleep(lookMs);
    }
  }

  /** Whether all of them are told of by this process's own batches. */
  #isOwn(targets: readonly ConsumerPosition[]): boolean {
    return targets.every(({ topic, partition }) => this.#holds(topic, partition));
  }

  #read(): Promise<readonly Checkpoint[]> {
    return this.#documents.checkpoints(this.#consumer);
  }
}

function key(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}
