import type { Readable } from 'node:stream';
import { describeProblem, isProblemCode, type Locale } from '@unionfold/contracts/problems';
import type { DocumentStore } from '@unionfold/eventsourcing';
import { workbookStream } from '../spreadsheets/workbook-stream.ts';
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
export function errorWorkbook(
  documents: Pick<DocumentStore, 'find'>,
  job: ImportDocument,
): Readable {
  const failed = async function* () {
    for await (const page of rowsOf(documents, job.id, 'failed')) {
      yield page.map((row) => {
        const cells = job.titles.map((_, index) => row.cells[index] ?? '');
        const column = unionColumns.find(({ field }) => field === row.field)?.title.zh ?? row.field;
        return [...cells, row.code, column, reasonOf(row, 'zh'), reasonOf(row, 'en')];
      });
    }
  };
  const header = [...job.titles, ...resultTitles];
  return workbookStream([{ name: '错误清单', header, pages: failed() }]);
}

/** An empty table with its header, and a sheet that explains the columns (导入模板). */
export function templateWorkbook(locale: Locale): Readable {
  const explained = unionColumns.map(({ title, note }) => [title[locale], note[locale]]);
  const isChinese = locale === 'zh';
  return workbookStream([
    { name: isChinese ? '工会名录' : 'unions', header: headerOf(locale), pages: [] },
    {
      name: isChinese ? '填写说明' : 'columns',
      header: isChinese ? ['列', '说明'] : ['column', 'note'],
      pages: [explained],
    },
  ]);
}
