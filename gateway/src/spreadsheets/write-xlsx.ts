import { asInTables } from '@unionfold/codes';
import writeSheets from 'write-excel-file/node';

/** A sheet of a workbook. */
export interface SheetOfTexts {
  readonly name: string;
  /** The first row is the header. */
  readonly rows: readonly (readonly string[])[];
}

const usualWidth = 20;

/** A workbook whose cells are texts, so that no program takes one for a number, a day or a formula. */
export async function writeXlsx(sheets: readonly SheetOfTexts[]): Promise<Buffer> {
  return await writeSheets(
    sheets.map(({ name, rows }) => ({
      sheet: name,
      data: rows.map((cells, index) =>
        cells.map((text) => {
          const value = escaped(asInTables(text));
          if (value === '') return null;
          const isHeader = index === 0;
          return { value, type: String, ...(isHeader ? { fontWeight: 'bold' as const } : {}) };
        }),
      ),
      columns: (rows[0] ?? []).map(() => ({ width: usualWidth })),
      stickyRowsCount: 1,
    })),
  ).toBuffer();
}

/** In the files of spreadsheet programs `_x0041_` is an escaped A (ECMA-376, ST_Xstring); here it is a text. */
function escaped(text: string): string {
  return text.replaceAll(/_(?=x[0-9A-F]{4}_)/gi, '_x005F_');
}
