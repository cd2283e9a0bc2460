import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type PutUnionRowsResponse,
  type UnionRow,
  UnionRowOutcome,
  type UnionRowResult,
} from '@unionfold/contracts/organizations';
import { isProblemCode, type ProblemCode, refuse } from '@unionfold/contracts/problems';
import {
  type DocumentStore,
  isRefusal,
  type ReadModel,
  type Refusal,
  type Tenure,
} from '@unionfold/eventsourcing';
import { type CallOrigin, RemoteUnavailableError } from '@unionfold/service-kit';
import { LastPositions } from '../http/position-token.ts';
import type { Scope } from '../jurisdiction/jurisdiction.ts';
import type { Services } from '../services.ts';
import {
  endedRow,
  type ImportDocument,
  type ImportRowDocument,
  type RowResult,
  rowsOf,
} from './import-job.ts';
import { inSlices } from './in-slices.ts';
import { lookAgain, lookUp } from './known-unions.ts';
import { type PlannedRow, planRows } from './plan.ts';
import { unitColumns } from './union-columns.ts';
import { type FaultyRow, readUnionRow, type TableUnion } from './union-row.ts';

/** What an import is carried out with. */
export interface ImportSurroundings {
  readonly documents: DocumentStore;
  readonly federation: ReadModel;
  readonly services: Pick<Services, 'unionRows'>;
  readonly scope: Scope;
  readonly origin: CallOrigin;
  readonly clock: () => Date;
  /** Aborted when the gateway stops: what is under way is then left for the next start. */
  readonly signal: AbortSignal;
  readonly onError: (error: unknown) => void;
}

/** Rows of one call, and calls under way at a time: together they fill the commits of the organizations service. */
const batchSize = 100;
const mostBatches = 4;
/** Levels of upper unions that go along when rows are only tried. */
const deepest = 32;
/** Ended rows that are stored in one change. */
const storedAtOnce = 1_000;
/** Pause before a service that does not answer is asked again, in milliseconds: at first, and at most. */
const pauses = { first: 250, most: 10_000 };

interface Ended {
  readonly row: ImportRowDocument;
  readonly result: Exclude<RowResult, 'waiting'>;
}

/**
 * Carries out what is left of an import, level by level of its tree. A row's result and the import's counts are stored
 * in one change, so the counts never say anything else than the rows. What was done and not stored when a process was
 * killed is done again under the same keys, and tells the same.
 * @throws TenureEndedError when another process has taken the import over
 */
export async function carryOut(
  job: ImportDocument,
  tenure: Tenure,
  surroundings: ImportSurroundings,
): Promise<void> {
  const { documents, federation, scope, signal } = surroundings;
  const fields = job.fields.map((field) => (field === '' ? undefined : field));
  const rows = new Map<number, ImportRowDocument>();
  const entries: (TableUnion | FaultyRow)[] = [];
  for await (const page of rowsOf(documents, job.id)) {
    for (const row of page) {
      rows.set(row.row, row);
      entries.push(readUnionRow(row.row, row.cells, fields));
    }
  }
  const known = await lookUp(federation, scope, entries);
  const plan = await planRows(entries, known, (row) => idOfRow(job.id, row));
  const results = new Results(job, tenure, surroundings, rows);

  for (const { row, refusal } of plan.failed) await results.add(row, 'failed', '', refusal);
  const byRow = new Map<number, UnionRow>();
  const byId = new Map<string, UnionRow>();
  for await (const slice of inSlices(plan.levels.flat())) {
    for (const planned of slice) {
      const wire = wireRow(job, planned, scope);
      byRow.set(planned.row, wire);
      if (planned.mainRow === undefined) byId.set(planned.union.id, wire);
    }
  }
  for (const level of plan.levels) {
    const ready: PlannedRow[] = [];
    for (const planned of level) {
      const refusal = refusalByEarlier(planned, results);
      if (refusal !== undefined) await results.add(planned.row, 'failed', '', refusal);
      else if (!results.has(planned.row)) ready.push(planned);
    }
    const batches = batchesOf(ready).values();
    const work = async () => {
      for (const planned of batches) {
        if (signal.aborted || results.isBroken) return;
        const outside = await lookAgain(federation, scope, planned);
        for (const [{ row }, refusal] of outside) await results.add(row, 'failed', '', refusal);
        const batch = planned.filter((row) => !outside.has(row));
        if (batch.length === 0) continue;
        const wire = batch.flatMap(({ row }) => byRow.get(row) ?? []);
        const uppers = job.dryRun ? earlierRows(wire, byId) : [];
        const answers = await put({ rows: wire, uppers, dryRun: job.dryRun }, surroundings);
        for (const [index, answer] of (answers ?? []).entries()) {
          const planned = batch[index];
          if (planned !== undefined) await results.addAnswer(planned, answer);
        }
      }
    };
    await Promise.all(Array.from({ length: mostBatches }, work));
    await results.store();
    signal.throwIfAborted();
  }
  await results.finish();
}

/** Why a row cannot be carried out after what became of those that it rests on. */
function refusalByEarlier(
  { needs, mainRow }: PlannedRow,
  results: Results,
): Refusal<ProblemCode> | undefined {
  if (mainRow !== undefined && results.hasFailed(mainRow)) {
    return refuse('import-main-row-failed', { field: 'id', params: { row: mainRow } });
  }
  const row = needs.find((upper) => results.hasFailed(upper));
  return row === undefined
    ? undefined
    : refuse('import-upper-row-failed', { field: 'territorialParentId', params: { row } });
}

/** What of the rows has ended, stored a thousand at a time with the counts that they come to. */
class Results {
  readonly #tenure: Tenure;
  readonly #surroundings: ImportSurroundings;
  readonly #rows: ReadonlyMap<number, ImportRowDocument>;
  readonly #results = new Map<number, RowResult>();
  readonly #positions = new LastPositions();
  #job: ImportDocument;
  #ended: Ended[] = [];
  #storing: Promise<void> = Promise.resolve();
  /** A change was refused: nothing more can be stored. */
  isBroken = false;

  constructor(
    job: ImportDocument,
    tenure: Tenure,
    surroundings: ImportSurroundings,
    rows: ReadonlyMap<number, ImportRowDocument>,
  ) {
    this.#job = job;
    this.#tenure = tenure;
    this.#surroundings = surroundings;
    this.#rows = rows;
    for (const { row, result } of rows.values()) {
      if (result !== 'waiting') this.#results.set(row, result);
    }
    this.#positions.add(
      job.positions.map(({ service, partition, position }) => ({
        service,
        partition,
        position: BigInt(position),
      })),
    );
  }

  has(row: number): boolean {
    return this.#results.has(row);
  }

  hasFailed(row: number): boolean {
    return this.#results.get(row) === 'failed';
  }

  async addAnswer({ row, union }: PlannedRow, answer: UnionRowResult): Promise<void> {
    this.#positions.add(answer.positions);
    const result = results[answer.outcome];
    if (result !== 'failed') await this.add(row, result, union.id);
    else await this.add(row, result, '', refusalOf(answer));
  }

  async add(
    row: number,
    result: Exclude<RowResult, 'waiting'>,
    unionId: string,
    refusal?: Refusal<ProblemCode>,
  ): Promise<void> {
    const document = this.#rows.get(row);
    if (document === undefined || this.#results.has(row)) return;
    this.#results.set(row, result);
    this.#ended.push({ row: endedRow(document, result, unionId, refusal), result });
    if (this.#ended.length >= storedAtOnce) await this.store();
  }

  /** Stores what has ended since the last time. */
  async store(): Promise<void> {
    const ended = this.#ended;
    this.#ended = [];
    if (ended.length > 0) await this.#commit(ended, {});
    else await this.#storing;
  }

  async finish(): Promise<void> {
    const finishedAt = this.#surroundings.clock().toISOString();
    await this.#commit(this.#ended.splice(0), { state: 'finished', open: false, finishedAt });
  }

  /** One change after the other: the counts of the next rest on those of the one before. */
  async #commit(ended: readonly Ended[], change: Partial<ImportDocument>): Promise<void> {
    const committing = this.#storing.then(async () => {
      const count = (which: RowResult) => ended.filter(({ result }) => result === which).length;
      const { created, updated, skipped, failed } = this.#job;
      const job: ImportDocument = {
        ...this.#job,
        created: created + count('created'),
        updated: updated + count('updated'),
        skipped: skipped + count('skipped'),
        failed: failed + count('failed'),
        positions: this.#positions
          .list()
          .map((last) => ({ ...last, position: String(last.position) })),
        ...change,
      };
      await this.#surroundings.documents.commit({
        tenure: this.#tenure,
        puts: [
          ...ended.map(({ row }) => ({ collection: 'import_rows', document: row })),
          { collection: 'imports', document: job },
        ],
      });
      this.#job = job;
    });
    this.#storing = committing.catch(() => {
      this.isBroken = true;
    });
    await committing;
  }
}

const results: Readonly<Record<UnionRowOutcome, Exclude<RowResult, 'waiting'>>> = {
  [UnionRowOutcome.UNION_ROW_OUTCOME_UNSPECIFIED]: 'failed',
  [UnionRowOutcome.UNION_ROW_OUTCOME_CREATED]: 'created',
  [UnionRowOutcome.UNION_ROW_OUTCOME_UPDATED]: 'updated',
  [UnionRowOutcome.UNION_ROW_OUTCOME_UNCHANGED]: 'skipped',
  [UnionRowOutcome.UNION_ROW_OUTCOME_REFUSED]: 'failed',
};

/** The owner's refusal in the words of the table. */
function refusalOf({ code, field, params }: UnionRowResult): Refusal<ProblemCode> {
  // An id that is taken is one that may not be chosen: who has it is not told.
  if (code === 'id-taken' || code === 'id-invalid') {
    return refuse('import-id-unavailable', { field: 'id' });
  }
  const known = isProblemCode(code) ? code : 'import-row-failed';
  const [, ofUnit] = /^unit\.(.*)$/.exec(field) ?? [];
  const column = isUnitField(ofUnit) ? unitColumns[ofUnit] : field.replace(/^record\./, '');
  const named =
    column === 'unionId' ? 'id' : column === 'approvedByUnionId' ? 'approvalDocument' : column;
  return refuse(known, { ...(named === '' ? {} : { field: named }), params });
}

function isUnitField(field: string | undefined): field is keyof typeof unitColumns {
  return field !== undefined && field in unitColumns;
}

/**
 * Asks the owner until it answers: an import outlives a restart of the services.
 * @returns undefined when the gateway stops
 */
async function put(
  request: { readonly rows: UnionRow[]; readonly uppers: UnionRow[]; readonly dryRun: boolean },
  surroundings: ImportSurroundings,
): Promise<readonly UnionRowResult[] | undefined> {
  const { services, origin, signal, onError } = surroundings;
  for (let pause = pauses.first; ; pause = Math.min(pause * 2, pauses.most)) {
    if (signal.aborted) return undefined;
    let answer: PutUnionRowsResponse | Refusal;
    try {
      answer = await services.unionRows.putUnionRows(request, origin);
    } catch (error) {
      if (error instanceof RemoteUnavailableError) {
        await sleep(pause, undefined, { signal }).catch(() => undefined);
        continue;
      }
      onError(error);
      return await putOneByOne(request, surroundings);
    }
    if (isRefusal(answer)) throw new Error(`rows were refused as a whole: ${answer.refused}`);
    return answer.results;
  }
}

/** A row that the owner stumbles over fails alone. */
async function putOneByOne(
  request: { readonly rows: UnionRow[]; readonly uppers: UnionRow[]; readonly dryRun: boolean },
  surroundings: ImportSurroundings,
): Promise<readonly UnionRowResult[] | undefined> {
  if (request.rows.length === 1) {
    const outcome = UnionRowOutcome.UNION_ROW_OUTCOME_REFUSED;
    return [{ outcome, code: 'import-row-failed', field: '', params: {}, positions: [] }];
  }
  const answers: UnionRowResult[] = [];
  for (const row of request.rows) {
    const answer = await put({ ...request, rows: [row] }, surroundings);
    if (answer === undefined) return undefined;
    answers.push(...answer);
  }
  return answers;
}

function wireRow(job: ImportDocument, { row, union, onlyNew }: PlannedRow, scope: Scope): UnionRow {
  const { row: _r, tellsUnion: _t, id, recordFields, unitFields, ...facts } = union;
  return {
    ...facts,
    unitFields: [...unitFields],
    // Prefixed with the actor, as keys of commands are.
    key: `${job.subject}:import/${job.id}/${row}`,
    unionId: id,
    onlyNew,
    approvedByUnionId: union.approvalDocument === '' ? '' : scope.unionId,
    recordFields: [...recordFields],
  };
}

/**
 * The rows of the table above these, on both lines, and those that tell of the union where these tell of a further unit
 * of it. No tree is deeper, whatever a table says.
 */
function earlierRows(rows: readonly UnionRow[], byId: ReadonlyMap<string, UnionRow>): UnionRow[] {
  const found = new Set<UnionRow>();
  let level = rows;
  for (let depth = 0; level.length > 0 && depth < deepest; depth++) {
    const above = level.flatMap((row) =>
      [row.unionId, row.territorialParentId, row.industryParentId].flatMap(
        (id) => byId.get(id) ?? [],
      ),
    );
    const known = new Set(level);
    level = [...new Set(above)].filter((upper) => !found.has(upper) && !known.has(upper));
    for (const upper of level) found.add(upper);
  }
  return [...found];
}

/** Those with the same upper union stand together: when rows are only tried, they share what comes before them. */
function batchesOf(rows: readonly PlannedRow[]): PlannedRow[][] {
  const batches: PlannedRow[][] = [];
  for (let from = 0; from < rows.length; from += batchSize) {
    batches.push(rows.slice(from, from + batchSize));
  }
  return batches;
}

/** An id that nobody has chosen, the same for the same row of the same import. */
function idOfRow(importId: string, row: number): string {
  return createHash('sha256').update(`${importId}/${row}`).digest('hex').slice(0, 20);
}
