import { once } from 'node:events';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { refused } from '../http/refused.ts';
import type { Parsed, Row, SpreadsheetLimits } from './parse-spreadsheet.ts';
import type { SpreadsheetTask } from './spreadsheet-thread.ts';

/** Spreadsheets that are parsed at a time in this process; others wait. */
const mostAtOnce = 2;
/** What the rows of the largest files need, twice over. A file that needs more ends its own thread and nothing else. */
const threadMegabytes = 1_536;

// The thread is this folder's, built or not.
const thread = new URL(`./spreadsheet-thread${extname(import.meta.url)}`, import.meta.url);

let underWay = 0;
const waiting: (() => void)[] = [];

/**
 * Reads the rows of a spreadsheet, empty ones included, so that the first has number 1 as in the program it was made
 * with. It is parsed in a thread of its own, so that everybody else is answered meanwhile.
 * @throws Refused `import-file-unreadable` for anything that is no spreadsheet of the type; `import-too-many-lines`
 */
export async function readSpreadsheet(
  bytes: Buffer,
  mediaType: string,
  limits: SpreadsheetLimits,
): Promise<readonly Row[]> {
  if (underWay >= mostAtOnce) await new Promise<void>((resolve) => waiting.push(resolve));
  else underWay += 1;
  try {
    return await parsed(bytes, mediaType, limits);
  } finally {
    const next = waiting.shift();
    if (next === undefined) underWay -= 1;
    else next();
  }
}

async function parsed(
  given: Buffer,
  mediaType: string,
  limits: SpreadsheetLimits,
): Promise<readonly Row[]> {
  const bytes = Uint8Array.from(given);
  const task: SpreadsheetTask = { bytes, mediaType, limits };
  const worker = new Worker(thread, {
    workerData: task,
    transferList: [bytes.buffer],
    resourceLimits: { maxOldGenerationSizeMb: threadMegabytes },
  });
  try {
    const rows: Row[] = [];
    for (;;) {
      const [answer] = (await once(worker, 'message')) as [Parsed];
      if ('problem' in answer) {
        throw refused(answer.problem, { params: { maximum: limits.lines } });
      }
      if (answer.rows.length === 0) return rows;
      for (const row of answer.rows) rows.push(row);
      worker.postMessage('more');
    }
  } catch (error) {
    const { code } = error as { readonly code?: unknown };
    throw code === 'ERR_WORKER_OUT_OF_MEMORY' ? refused('import-file-unreadable') : error;
  } finally {
    await worker.terminate();
  }
}
