import { type ClientSession, type Db, MongoServerError } from 'mongodb';

/** MongoDB's write commands, and where each has its operations. */
const operationsField = { update: 'updates', insert: 'documents', delete: 'deletes' } as const;
export type WriteCommand = keyof typeof operationsField;

/** One operation, as its command takes it. */
export interface WriteOperation {
  readonly operation: object;
  /** What its values take as BSON at most. */
  readonly bytes: number;
}

/** The server takes 100,000 operations and 48 MB at once; what each takes beside its values is guessed generously. */
const most = { operations: 50_000, bytes: 16 * 2 ** 20 };
const operationBytes = 512;

/**
 * Runs writes of a transaction in order, in as few commands as may be. The driver's own way measures and copies every
 * operation once more, which takes as long as sending it.
 * @returns how many documents they met or made
 * @throws MongoServerError for the first that was refused
 */
export async function runWrites(
  collection: { readonly database: Db; readonly name: string },
  command: WriteCommand,
  operations: readonly WriteOperation[],
  session: ClientSession,
): Promise<number> {
  const { database, name } = collection;
  let met = 0;
  for (const chunk of chunks(operations)) {
    const { n, writeErrors = [] } = await database.command(
      { [command]: name, [operationsField[command]]: chunk, ordered: true },
      { session },
    );
    const [refusal] = writeErrors;
    if (refusal !== undefined) {
      throw new MongoServerError({ message: refusal.errmsg, code: refusal.code });
    }
    met += Number(n);
  }
  return met;
}

function* chunks(operations: readonly WriteOperation[]): Generator<object[]> {
  let chunk: object[] = [];
  let chunkBytes = 0;
  for (const { operation, bytes } of operations) {
    const isFull = chunk.length === most.operations || chunkBytes + bytes > most.bytes;
    if (isFull && chunk.length > 0) {
      yield chunk;
      chunk = [];
      chunkBytes = 0;
    }
    chunk.push(operation);
    chunkBytes += bytes + operationBytes;
  }
  if (chunk.length > 0) yield chunk;
}
