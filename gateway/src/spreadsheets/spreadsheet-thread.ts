import { once } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import { parseSpreadsheet, type SpreadsheetLimits } from './parse-spreadsheet.ts';

/** What a thread is started with. */
export interface SpreadsheetTask {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  readonly limits: SpreadsheetLimits;
}

/** Rows that are handed over at a time: all at once would hold up the thread that takes them. */
const rowsAtOnce = 500;

/** Parses one spreadsheet in a thread of its own and hands its rows over, a page whenever one is asked for. */
async function main(task: SpreadsheetTask): Promise<void> {
  if (parentPort === null) throw new Error('to be started as a worker thread');
  const { bytes, mediaType, limits } = task;
  const { buffer, byteOffset, length } = bytes;
  const parsed = await parseSpreadsheet(Buffer.from(buffer, byteOffset, length), mediaType, limits);
  if ('problem' in parsed) {
    parentPort.postMessage(parsed);
    return;
  }
  for (let from = 0; from < parsed.rows.length; from += rowsAtOnce) {
    parentPort.postMessage({ rows: parsed.rows.slice(from, from + rowsAtOnce) });
    await once(parentPort, 'message');
  }
  parentPort.postMessage({ rows: [] });
}

await main(workerData as SpreadsheetTask);
