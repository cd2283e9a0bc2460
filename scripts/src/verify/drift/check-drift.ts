import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { EventCodec, Projection } from '@unionfold/eventsourcing';
import { type CheckReport, Findings, UncheckedError } from '../report.ts';
import {
  type LiveDocument,
  type LiveReadModel,
  type LiveReadModels,
  MomentPassedError,
} from './live-read-model.ts';
import { Replay, type TopicEvents } from './replay.ts';
import { ScratchStore } from './scratch-store.ts';

/** What a read model is built from and compared with. */
export interface DriftSubject {
  readonly owner: string;
  readonly projection: Projection;
  readonly codec: EventCodec;
  readonly topics: TopicEvents;
  readonly live: LiveReadModels;
  /** Longest time for it all. */
  readonly limitMs: number;
}

/** Pause before a moment that has passed is followed by another one, in milliseconds. */
const pauseMs = 100;

/** What came of one look at the live read model. */
type Outcome =
  | { readonly documents: number; readonly differences: Findings }
  | { readonly unchecked: string };

/**
 * Builds a read model again from nothing, to where the live one stands, and compares them document by document. What
 * was lost, applied twice or applied in a wrong order shows as a difference. The live one goes on meanwhile: it is
 * compared as it stood at one moment.
 */
export async function checkDrift(subject: DriftSubject): Promise<CheckReport> {
  const { owner, projection } = subject;
  const findings = new Findings();
  const report = { check: 'drift', subject: `${owner}/${projection.name}` } as const;
  const scratch = new ScratchStore(projection.collections);
  try {
    const { outcome, handled } = await compareInTime(subject, scratch, findings);
    const list = findings.list();
    if ('unchecked' in outcome) {
      const { unchecked } = outcome;
      return { ...report, counts: { events: handled }, findings: list, unchecked };
    }
    const { documents, differences } = outcome;
    const counts = { events: handled, documents };
    return { ...report, counts, findings: [...list, ...differences.list()] };
  } catch (error) {
    if (!(error instanceof UncheckedError)) throw error;
    return { ...report, counts: {}, findings: findings.list(), unchecked: error.message };
  } finally {
    scratch.close();
  }
}

async function compareInTime(
  { projection, codec, topics, live, limitMs }: DriftSubject,
  scratch: ScratchStore,
  findings: Findings,
): Promise<{ readonly outcome: Outcome; readonly handled: number }> {
  const until = performance.now() + limitMs;
  const assertTime = () => {
    if (performance.now() < until) return;
    throw new UncheckedError(`not rebuilt and compared within ${limitMs} ms`);
  };
  const begin = () => new Replay(projection, codec, topics, scratch, findings);
  let replay = begin();
  const advance = async (model: LiveReadModel) => {
    if (replay.isBeyond(model.positions)) {
      // Another generation lives now, and stands elsewhere.
      scratch.clear();
      replay = begin();
    }
    await replay.advance(model.positions, model.leftOut, assertTime);
  };
  // The long way first, so that the moment that is compared need not be kept for long.
  await live
    .at(projection.name, async (model) => {
      if (model !== undefined && model.version === projection.version) await advance(model);
    })
    .catch(ignorePassed);
  for (;;) {
    assertTime();
    try {
      const outcome = await live.at(projection.name, async (model): Promise<Outcome> => {
        if (model === undefined) return { unchecked: 'the read model has never been started' };
        const { version } = model;
        if (version !== projection.version) {
          return {
            unchecked: `it was built by version ${version}, this code has ${projection.version}`,
          };
        }
        await advance(model);
        return await compare(projection, model, scratch);
      });
      return { outcome, handled: replay.handled };
    } catch (error) {
      ignorePassed(error);
    }
    await sleep(pauseMs);
  }
}

function ignorePassed(error: unknown): void {
  if (!(error instanceof MomentPassedError)) throw error;
}

async function compare(
  projection: Projection,
  live: LiveReadModel,
  scratch: ScratchStore,
): Promise<Outcome> {
  let documents = 0;
  const differences = new Findings();
  for (const { name } of projection.collections) {
    for await (const [left, right] of pairs(live.documents(name), scratch.documents(name))) {
      documents += 1;
      const difference = differenceOf(name, left, right);
      if (difference === undefined) continue;
      differences.violation(difference.kind, meanings[difference.kind], difference.example);
    }
  }
  return { documents, differences };
}

const meanings = {
  'drift-missing':
    'a rebuild makes a document that the live read model does not have: an event was lost, or not all is applied',
  'drift-extra': 'the live read model has a document that a rebuild does not make',
  'drift-differs':
    'a document is not as a rebuild makes it: an event was lost, or applied twice, or in a wrong order',
} as const;

interface Difference {
  readonly kind: keyof typeof meanings;
  readonly example: string;
}

function differenceOf(
  collection: string,
  live: LiveDocument | undefined,
  rebuilt: LiveDocument | undefined,
): Difference | undefined {
  const at = `${collection} ${live?.id ?? rebuilt?.id}`;
  if (live === undefined) return { kind: 'drift-missing', example: at };
  if (rebuilt === undefined) return { kind: 'drift-extra', example: at };
  const fields = new Set([...Object.keys(live), ...Object.keys(rebuilt)]);
  const different = [...fields].filter((field) => !isDeepStrictEqual(live[field], rebuilt[field]));
  if (different.length === 0) return undefined;
  return { kind: 'drift-differs', example: `${at}: ${different.join(', ')}` };
}

/** Two sorted sequences side by side, by id. */
async function* pairs(
  left: AsyncIterable<LiveDocument>,
  right: Iterable<LiveDocument>,
): AsyncGenerator<readonly [LiveDocument | undefined, LiveDocument | undefined]> {
  const lefts = left[Symbol.asyncIterator]();
  const rights = right[Symbol.iterator]();
  let a = (await lefts.next()).value as LiveDocument | undefined;
  let b = rights.next().value as LiveDocument | undefined;
  while (a !== undefined || b !== undefined) {
    const order = orderOf(a, b);
    yield [order <= 0 ? a : undefined, order >= 0 ? b : undefined];
    if (order <= 0) a = (await lefts.next()).value as LiveDocument | undefined;
    if (order >= 0) b = rights.next().value as LiveDocument | undefined;
  }
}

function orderOf(a: LiveDocument | undefined, b: LiveDocument | undefined): number {
  if (a === undefined) return 1;
  if (b === undefined) return -1;
  return a.id === b.id ? 0 : Buffer.compare(Buffer.from(a.id), Buffer.from(b.id));
}
