import { type ClientSession, type Db, MongoServerError } from 'mongodb';

/** MongoDB's write commands, and where each has its operations. */
const operationsField = { update: 'updates', insert: 'documents', delete: 'deletes' } as const;
export type WriteCommand = keyof typeof operationsField;

/**
 * Runs a write command of a transaction, in the order of its operations.
 * @param operations as the command takes them
 * @returns how many documents they met or made
 * @throws MongoServerError for the first that was refused
 */
export async function runWrites(
  collection: { readonly database: Db; readonly name: string },
  command: WriteCommand,
  operations: readonly object[],
  session: ClientSession,
): Promise<number> {
  const { n, writeErrors = [] } = await collection.database.command(
    { [command]: collection.name, [operationsField[command]]: operations, ordered: true },
    { session },
  );
  const [refusal] = writeErrors;
  if (refusal === undefined) return Number(n);
  throw new MongoServerError({ message: refusal.errmsg, code: refusal.code });
}
