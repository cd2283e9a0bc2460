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
          const value = withoutControls(text);
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

/** XML holds no control characters but these, and no lone surrogates. */
function withoutControls(text: string): string {
  return text.toWellFormed().replaceAll(/[^\P{Cc}\n\r\t]|[\ufffe\uffff]/gu, '');
}
