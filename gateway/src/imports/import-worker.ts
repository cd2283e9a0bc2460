import { setTimeout as sleep } from 'node:timers/promises';
import {
  type ConsumerPosition,
  type DocumentStore,
  type EventLog,
  type PeerTimes,
  type ProjectionRunner,
  type Tenure,
  TenureEndedError,
} from '@unionfold/eventsourcing';
import type { CallOrigin, Logger } from '@unionfold/service-kit';
import type { Caller } from '../identity/caller.ts';
import type { Jurisdiction } from '../jurisdiction/jurisdiction.ts';
import type { Services } from '../services.ts';
import { carryOut } from './carry-out.ts';
import { consumerOf, type ImportDocument, importCollections } from './import-job.ts';
import { deleteOldImports } from './import-retention.ts';

/** What imports are carried out with. */
export interface ImportWorkerOptions {
  readonly documents: DocumentStore;
  readonly federation: ProjectionRunner;
  readonly log: EventLog;
  readonly services: Pick<Services, 'unionRows'>;
  readonly jurisdiction: Jurisdiction;
  readonly logger: Logger;
  readonly clock: () => Date;
  /** Set where other gateways use the same document store. */
  readonly peers?: PeerTimes;
  /** How often an import under way gives a sign of life, and how often those of others are looked at. Default 3,000. */
  readonly beatMs?: number;
  /** Without a sign of life for so long, an import is taken over. Milliseconds, default 20,000. */
  readonly silenceMs?: number;
}

/** Imports under way at a time in this process. */
const mostAtOnce = 2;
/** Imports that are looked through for ones without a sign of life. */
const mostOpen = 1_000;
const usualBeatMs = 3_000;
const usualSilenceMs = 20_000;
/** How often old imports are looked for. Milliseconds. */
const retentionMs = 3_600_000;
/** How long the directory is waited for before its failure to come is told. Milliseconds. */
const patienceMs = 10_000;
/** Pause before an import is tried again that something unforeseen has ended. Milliseconds. */
const restMs = 5_000;

/**
 * Carries out imports in the background, one gateway each. An import is held by the tenure of the document store: every
 * change proves it, so of two that believe to have the same import only the later one writes. Signs of life are counted
 * and never timed by their writer, so clocks that differ do no harm.
 *
 * What a crash leaves: an import that is `open`, with the results stored up to then. In a process that has the document
 * store for itself it goes on at the next start; with several, when it has been silent for a while.
 */
export class ImportWorker {
  readonly #options: ImportWorkerOptions;
  readonly #beatMs: number;
  readonly #silenceMs: number;
  readonly #stopping = new AbortController();
  readonly #waiting: string[] = [];
  readonly #running = new Map<string, Promise<void>>();
  /** The last sign of life of each open import, and since when it is the last by this process's own reckoning. */
  readonly #heard = new Map<string, { readonly beat: number; readonly since: number }>();
  #looking: Promise<void> = Promise.resolve();
  #retaining: Promise<void> = Promise.resolve();

  constructor(options: ImportWorkerOptions) {
    this.#options = options;
    this.#beatMs = options.beatMs ?? usualBeatMs;
    this.#silenceMs = options.silenceMs ?? usualSilenceMs;
  }

  /** Makes the collections; imports can be submitted from then on. */
  async open(): Promise<void> {
    await this.#options.documents.define(importCollections);
  }

  /** Takes up what was left; to be called when the services can be reached. */
  async start(): Promise<void> {
    this.#retaining = this.#repeatedly(retentionMs, 'old imports', () => this.#deleteOld());
    if (this.#options.peers === undefined) {
      for (const { id } of await this.#open()) this.submit(id);
    } else {
      this.#looking = this.#repeatedly(this.#beatMs, 'imports of others', () =>
        this.#takeUpSilent(),
      );
    }
  }

  /** Has an import carried out by this process, after those that it has already. */
  submit(importId: string): void {
    if (this.#running.has(importId) || this.#waiting.includes(importId)) return;
    this.#waiting.push(importId);
    this.#next();
  }

  /** Finishes the calls under way; what is left goes on at the next start. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#waiting.length = 0;
    await this.#looking;
    await this.#retaining;
    await Promise.all(this.#running.values());
  }

  #next(): void {
    while (this.#running.size < mostAtOnce && !this.#stopping.signal.aborted) {
      const importId = this.#waiting.shift();
      if (importId === undefined) return;
      const running = this.#run(importId).finally(() => {
        this.#running.delete(importId);
        this.#next();
      });
      this.#running.set(importId, running);
    }
  }

  async #run(importId: string): Promise<void> {
    const { logger } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        await this.#hold(importId);
        return;
      } catch (error) {
        if (signal.aborted || error instanceof TenureEndedError) return;
        logger.error({ err: error, importId }, 'import');
        await sleep(restMs, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  async #hold(importId: string): Promise<void> {
    const { documents, federation, services, jurisdiction, clock, logger } = this.#options;
    const tenure = await documents.takeOver(consumerOf(importId));
    const job = (await documents.get('imports', importId)) as ImportDocument | undefined;
    if (job === undefined || !job.open) return;
    const { signal } = this.#stopping;
    const ended = new AbortController();
    const beating = this.#beat(importId, tenure, AbortSignal.any([signal, ended.signal]));
    try {
      await this.#directoryShows(await this.#heads());
      const caller: Caller = {
        subject: job.subject,
        unionId: job.unionId,
        role: 'cadre',
        memberId: '',
      };
      const origin: CallOrigin = { actor: job.subject, correlationId: job.correlationId };
      const scope = await jurisdiction.scopeOf(caller, origin);
      await carryOut(job, tenure, {
        documents,
        federation,
        services,
        scope,
        origin,
        clock,
        signal,
        onError: (error) => logger.error({ err: error, importId }, 'import'),
      });
    } finally {
      ended.abort();
      await beating;
    }
  }

  /** What was acknowledged before the import has to count in it, such as another import that has just ended. */
  async #directoryShows(positions: readonly ConsumerPosition[]): Promise<void> {
    const { federation, logger } = this.#options;
    while (!(await federation.waitFor(positions, patienceMs))) {
      this.#stopping.signal.throwIfAborted();
      logger.warn('import waits for the directory');
    }
  }

  async #heads(): Promise<ConsumerPosition[]> {
    const { federation, log } = this.#options;
    const heads: ConsumerPosition[] = [];
    for (const topic of federation.projection.topics) {
      for (const [partition, position] of (await log.heads(topic)).entries()) {
        heads.push({ topic, partition, position });
      }
    }
    return heads;
  }

  async #beat(importId: string, tenure: Tenure, signal: AbortSignal): Promise<void> {
    for (let beat = 1; !signal.aborted; beat++) {
      const document = { id: importId, beat: tenure.epoch * 1_000_000 + beat };
      try {
        await this.#options.documents.commit({
          tenure,
          puts: [{ collection: 'import_beats', document }],
        });
      } catch {
        // Whoever has taken over gives the signs now; a store that does not answer ends the work by itself.
      }
      await sleep(this.#beatMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Does something now and again until the worker stops; a failure is told, and the next time comes. */
  async #repeatedly(everyMs: number, what: string, work: () => Promise<void>): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        await work();
      } catch (error) {
        this.#options.logger.warn({ err: error }, what);
      }
      await sleep(everyMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  async #deleteOld(): Promise<void> {
    const { documents, clock, logger } = this.#options;
    const count = await deleteOldImports(documents, clock(), this.#stopping.signal);
    if (count > 0) logger.info({ count }, 'old imports: deleted');
  }

  async #takeUpSilent(): Promise<void> {
    const open = (await this.#open()).map(({ id }) => id);
    const beats = await this.#options.documents.getMany('import_beats', open);
    const now = performance.now();
    for (const id of [...this.#heard.keys()]) if (!open.includes(id)) this.#heard.delete(id);
    for (const id of open) {
      const beat = Number(beats.get(id)?.['beat'] ?? 0);
      const before = this.#heard.get(id);
      if (before === undefined || before.beat !== beat) this.#heard.set(id, { beat, since: now });
      else if (now - before.since > this.#silenceMs) this.submit(id);
    }
  }

  async #open(): Promise<readonly ImportDocument[]> {
    const { documents } = this.#options;
    return (await documents.find('imports', {
      where: { open: true },
      limit: mostOpen,
    })) as readonly ImportDocument[];
  }
}
