import { type DocumentStore, StoreUnavailableError } from '@unionfold/eventsourcing';
import type { ObservedStore } from './observed-store.fixture.ts';

/** The collection that they use. */
export const COLLECTION = 'unions';

/** What {@link ReadersAndWriters} saw. */
export interface Observations {
  readonly reads: number;
  readonly commits: number;
  /** Reads that gave an older document than there was when they began, or halves of two changes. */
  readonly stale: readonly string[];
}

/**
 * Reads and writes pairs of documents all the time. A pair's documents always change together and hold the same
 * version, so that a torn read shows, too. Each writer has pairs of its own, so that versions only grow.
 */
export class ReadersAndWriters {
  readonly #observed: ObservedStore;
  readonly #random: () => number;
  readonly #running: Promise<void>[] = [];
  readonly #stale: string[] = [];
  #isOver = false;
  #reads = 0;
  #commits = 0;
  #pairs = 0;

  constructor(observed: ObservedStore, random: () => number) {
    this.#observed = observed;
    this.#random = random;
  }

  get commits(): number {
    return this.#commits;
  }

  get reads(): number {
    return this.#reads;
  }

  /** Writes `pairs` pairs of its own, some of them at once. */
  writer(store: DocumentStore, pairs: number): void {
    const first = this.#pairs;
    this.#pairs += pairs;
    const versions = new Array<number>(pairs).fill(0);
    this.#run(async () => {
      const chosen = versions.map((_, n) => n).filter(() => this.#random() < 0.15);
      const puts = chosen.flatMap((n) => {
        const version = (versions[n] ?? 0) + 1;
        versions[n] = version;
        return ['a', 'b'].map((half) => ({
          collection: COLLECTION,
          document: { id: `${half}${first + n}`, version },
        }));
      });
      try {
        await store.commit({ puts });
      } catch (error) {
        if (!(error instanceof StoreUnavailableError)) throw error;
        // As every writer must, lest its next change is overtaken by this one.
        await this.#observed.settle();
      }
      this.#commits += 1;
    });
  }

  /** Reads one document or a pair at a time. */
  reader(store: DocumentStore): void {
    this.#run(async () => {
      const pair = Math.floor(this.#random() * this.#pairs);
      const ids = [`a${pair}`, `b${pair}`] as const;
      const least = ids.map((id) => this.#observed.version(COLLECTION, id));
      this.#reads += 1;
      if (this.#random() < 0.5) {
        const document = await store.get(COLLECTION, ids[0]);
        this.#compare(ids[0], least[0], document?.['version']);
        return;
      }
      const documents = await store.getMany(COLLECTION, ids);
      const versions = ids.map((id) => documents.get(id)?.['version']);
      for (const [n, id] of ids.entries()) this.#compare(id, least[n], versions[n]);
      if (versions[0] !== versions[1]) this.#stale.push(`pair ${pair} is torn: ${versions}`);
    });
  }

  /** Ends them and tells what they saw. */
  async stop(): Promise<Observations> {
    this.#isOver = true;
    await Promise.all(this.#running);
    return { reads: this.#reads, commits: this.#commits, stale: this.#stale };
  }

  #run(step: () => Promise<void>): void {
    const running = async (): Promise<void> => {
      while (!this.#isOver) {
        await step();
        await new Promise(setImmediate);
      }
    };
    this.#running.push(running());
  }

  #compare(id: string, least: number | undefined, version: unknown): void {
    if (Number(version ?? 0) >= (least ?? 0)) return;
    this.#stale.push(`${id} is at ${least}, was read as ${version}`);
  }
}
