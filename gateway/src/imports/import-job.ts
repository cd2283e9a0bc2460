import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ProblemCode } from '@unionfold/contracts/problems';
import {
  type CollectionSpec,
  type Document,
  type DocumentStore,
  type Refusal,
  TenureEndedError,
} from '@unionfold/eventsourcing';
import { refused } from '../http/refused.ts';
import type { Caller } from '../identity/caller.ts';
import type { Row } from '../spreadsheets/parse-spreadsheet.ts';
import type { UnionField } from './union-columns.ts';

/** How a row ended, or that it has not yet. */
export type RowResult = 'waiting' | 'created' | 'updated' | 'skipped' | 'failed';

/** Where an import stands: its rows are being stored, it is under way, it is over. */
export type ImportState = 'receiving' | 'running' | 'finished';

/** Rows by how they ended; at the end, all of them. */
export interface ImportCounts {
  readonly created: number;
  readonly updated: number;
  readonly skipped: number;
  readonly failed: number;
}

/** A position as JSON has it. */
export interface StoredPosition {
  readonly [field: string]: string | number;
  readonly service: string;
  readonly partition: number;
  readonly position: string;
}

/** An import (导入任务). */
export interface ImportDocument extends Document, ImportCounts {
  readonly unionId: string;
  /** Who imports. */
  readonly subject: string;
  readonly state: ImportState;
  /** Not finished: to be taken up by whoever starts. */
  readonly open: boolean;
  readonly dryRun: boolean;
  /** The header as it was, with empty titles up to the widest row, and what each column of it tells; empty: nothing. */
  readonly titles: readonly string[];
  readonly fields: readonly (UnionField | '')[];
  readonly rows: number;
  /** Of the file and how it was sent: the same key with another one is a mistake. */
  readonly fingerprint: string;
  readonly correlationId: string;
  /** The last positions of all that has been done, one a partition. */
  readonly positions: readonly StoredPosition[];
  readonly submittedAt: string;
  /** Sorts the newest first. */
  readonly age: number;
  readonly finishedAt: string;
}

/** A row of an import with its result. Its id is the import's with the row's number, so that rows stand in order. */
export interface ImportRowDocument extends Document {
  readonly importId: string;
  readonly row: number;
  readonly cells: readonly string[];
  readonly result: RowResult;
  readonly unionId: string;
  readonly code: string;
  readonly field: string;
  readonly params: Readonly<Record<string, string | number>>;
}

/** Imports, their rows, and the signs of life of whoever carries them out. */
export const importCollections: readonly CollectionSpec[] = [
  {
    name: 'imports',
    indexes: [
      { fields: ['open', 'id'] },
      { fields: ['unionId', 'age', 'id'] },
      { fields: ['age', 'id'] },
    ],
  },
  {
    name: 'import_rows',
    indexes: [{ fields: ['importId', 'id'] }, { fields: ['importId', 'result', 'id'] }],
  },
  { name: 'import_beats', indexes: [] },
];

/** What the holder of an import proves in every change (see DocumentStore.takeOver). */
export function consumerOf(importId: string): string {
  return `import-${importId}`;
}

/** What an import begins with. */
export interface Submission {
  readonly id: string;
  readonly caller: Caller;
  readonly correlationId: string;
  readonly dryRun: boolean;
  readonly titles: readonly string[];
  readonly fields: readonly (UnionField | undefined)[];
  readonly rows: readonly { readonly row: number; readonly cells: Row }[];
  readonly fingerprint: string;
  readonly at: Date;
}

const pageSize = 1_000;

/**
 * Stores an import. It counts once all of its rows are stored: a crash before leaves remains that nobody is told of,
 * and that the same submission overwrites. Of two processes that store the same one at the same time the later goes on;
 * where the earlier was through already, its import is the one.
 * @throws Refused `idempotency-key-in-progress` when another process stores it now
 */
export async function storeImport(
  documents: DocumentStore,
  submission: Submission,
): Promise<ImportDocument> {
  const { id, caller, correlationId, dryRun, titles, fields, rows, fingerprint, at } = submission;
  const tenure = await documents.takeOver(consumerOf(id));
  const before = (await documents.get('imports', id)) as ImportDocument | undefined;
  if (before !== undefined && before.state !== 'receiving') return before;
  const document: ImportDocument = {
    id,
    unionId: caller.unionId,
    subject: caller.subject,
    state: 'receiving',
    open: false,
    dryRun,
    titles,
    fields: fields.map((field) => field ?? ''),
    rows: rows.length,
    created: 0,
    updated: 0,
    skipped: 0,
    failed: 0,
    fingerprint,
    correlationId,
    positions: [],
    submittedAt: at.toISOString(),
    age: -at.getTime(),
    finishedAt: '',
  };
  const ready: ImportDocument = { ...document, state: 'running', open: true };
  try {
    await documents.commit({ tenure, puts: [{ collection: 'imports', document }] });
    for (let from = 0; from < rows.length; from += pageSize) {
      const page = rows.slice(from, from + pageSize);
      await documents.commit({ tenure, puts: page.map((row) => waitingRow(id, row)) });
    }
    await documents.commit({ tenure, puts: [{ collection: 'imports', document: ready }] });
  } catch (error) {
    throw error instanceof TenureEndedError ? refused('idempotency-key-in-progress') : error;
  }
  return ready;
}

function waitingRow(importId: string, { row, cells }: Submission['rows'][number]) {
  const document: ImportRowDocument = {
    id: rowId(importId, row),
    importId,
    row,
    cells,
    result: 'waiting',
    unionId: '',
    code: '',
    field: '',
    params: {},
  };
  return { collection: 'import_rows', document };
}

/** The rows of an import, or those with one result, in order, a page at a time. */
export async function* rowsOf(
  documents: Pick<DocumentStore, 'find'>,
  importId: string,
  result?: RowResult,
): AsyncGenerator<readonly ImportRowDocument[]> {
  const where = { importId, ...(result === undefined ? {} : { result }) };
  for (let after: readonly string[] | undefined; ; ) {
    const page = (await documents.find('import_rows', {
      where,
      orderBy: ['id'],
      limit: pageSize,
      ...(after === undefined ? {} : { after }),
    })) as readonly ImportRowDocument[];
    const last = page.at(-1);
    if (last === undefined) return;
    yield page;
    if (page.length < pageSize) return;
    after = [last.id];
    // A store that has its answers at hand would give page after page and let nobody else be answered.
    await nextTurn();
  }
}

/** A row with how it ended. */
export function endedRow(
  row: ImportRowDocument,
  result: Exclude<RowResult, 'waiting'>,
  unionId: string,
  refusal?: Refusal<ProblemCode>,
): ImportRowDocument {
  const { refused: code = '', field = '', params = {} } = refusal ?? {};
  return { ...row, result, unionId, code, field, params };
}

function rowId(importId: string, row: number): string {
  return `${importId}/${String(row).padStart(7, '0')}`;
}
