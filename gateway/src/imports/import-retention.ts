import { type DocumentStore, TenureEndedError } from '@unionfold/eventsourcing';
import { consumerOf, type ImportDocument, rowsOf } from './import-job.ts';

/** How long imports can be looked at after they were submitted. What they have done stands in the events. Days. */
export const keptDays = 180;

const dayMs = 86_400_000;
const pageSize = 100;

/**
 * Deletes imports that were submitted long ago, their rows before them, so that an interrupted deletion goes on. One that
 * is still open stays, however old.
 * @returns how many were deleted
 */
export async function deleteOldImports(
  documents: DocumentStore,
  now: Date,
  signal: AbortSignal,
): Promise<number> {
  let deleted = 0;
  for (let after: readonly (string | number)[] = [keptDays * dayMs - now.getTime(), '']; ; ) {
    // The age is the negative time: what comes after is older.
    const page = (await documents.find('imports', {
      orderBy: ['age', 'id'],
      after,
      limit: pageSize,
    })) as readonly ImportDocument[];
    for (const { id, age, open } of page) {
      if (signal.aborted) return deleted;
      after = [age, id];
      if (open) continue;
      await deleteImport(documents, id);
      deleted += 1;
    }
    if (page.length < pageSize) return deleted;
  }
}

async function deleteImport(documents: DocumentStore, id: string): Promise<void> {
  const tenure = await documents.takeOver(consumerOf(id));
  try {
    for await (const page of rowsOf(documents, id)) {
      const deletes = page.map((row) => ({ collection: 'import_rows', id: row.id }));
      await documents.commit({ tenure, deletes });
    }
    const deletes = ['import_beats', 'imports'].map((collection) => ({ collection, id }));
    await documents.commit({ tenure, deletes });
  } catch (error) {
    // Another gateway deletes it.
    if (!(error instanceof TenureEndedError)) throw error;
  }
}
