import type { DatabaseSync, StatementSync } from 'node:sqlite';

/**
 * The same statement for every partition's table, each prepared when it is first used. Rows come as arrays.
 * @returns gives a partition's statement; throws RangeError for a partition that the store does not have
 */
export function preparePerPartition(
  database: DatabaseSync,
  partitions: number,
  sql: (partition: number) => string,
): (partition: number) => StatementSync {
  const statements: (StatementSync | undefined)[] = new Array(partitions).fill(undefined);
  return (partition) => {
    const prepared = statements[partition];
    if (prepared !== undefined) return prepared;
    if (!(partition in statements)) {
      throw new RangeError(`no partition ${partition}, the store has ${partitions}`);
    }
    const statement = database.prepare(sql(partition));
    statement.setReturnArrays(true);
    statements[partition] = statement;
    return statement;
  };
}
