import { describeProblem, isProblemCode, type Locale } from '@unionfold/contracts/problems';
import type { DocumentStore } from '@unionfold/eventsourcing';
import { writeXlsx } from '../spreadsheets/write-xlsx.ts';
import { type ImportDocument, type ImportRowDocument, rowsOf } from './import-job.ts';
import { headerOf, resultTitles, unionColumns } from './union-columns.ts';

/** Why a row failed, in one language; empty when it did not. */
export function reasonOf(
  { code, field, params }: Pick<ImportRowDocument, 'code' | 'field' | 'params'>,
  locale: Locale,
): string {
  if (code === '') return '';
  const known = isProblemCode(code) ? code : 'import-row-failed';
  const title = unionColumns.find((column) => column.field === field)?.title[locale] ?? field;
  return describeProblem(known, locale, { field: title, ...params }).detail;
}

/**
 * The rows that failed as they were sent, each with code, column and reason in both languages (错误清单). Corrected, it
 * can be imported as it is: the columns that it adds are passed over.
 */
export async function errorWorkbook(
  documents: Pick<DocumentStore, 'find'>,
  job: ImportDocument,
): Promise<Buffer> {
  const rows: string[][] = [[...job.titles, ...resultTitles]];
  for await (const page of rowsOf(documents, job.id, 'failed')) {
    for (const row of page) {
      const cells = job.titles.map((_, index) => row.cells[index] ?? '');
      const column = unionColumns.find(({ field }) => field === row.field)?.title.zh ?? row.field;
      rows.push([...cells, row.code, column, reasonOf(row, 'zh'), reasonOf(row, 'en')]);
    }
  }
  return await writeXlsx([{ name: '错误清单', rows }]);
}

/** An empty table with its header, and a sheet that explains the columns (导入模板). */
export async function templateWorkbook(locale: Locale): Promise<Buffer> {
  const explained = unionColumns.map(({ title, note }) => [title[locale], note[locale]]);
  return await writeXlsx([
    { name: locale === 'zh' ? '工会名录' : 'unions', rows: [headerOf(locale)] },
    {
      name: locale === 'zh' ? '填写说明' : 'columns',
      rows: [locale === 'zh' ? ['列', '说明'] : ['column', 'note'], ...explained],
    },
  ]);
}
