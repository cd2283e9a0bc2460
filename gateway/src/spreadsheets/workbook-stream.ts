import { Readable } from 'node:stream';
import { asInTables } from '@unionfold/codes';
import { type ZipEntry, zipStream } from './zip-stream.ts';

/** A sheet of a workbook. */
export interface SheetOfTexts {
  readonly name: string;
  readonly header: readonly string[];
  /** The rows below the header, a page at a time. */
  readonly pages:
    | Iterable<readonly (readonly string[])[]>
    | AsyncIterable<readonly (readonly string[])[]>;
}

/** Rows of a sheet at most, the header not counted: 2^20 in all (ECMA-376). */
export const mostSheetRows = 2 ** 20 - 1;

/**
 * A workbook (XLSX, ECMA-376) whose cells are texts, so that no program takes one for a number, a day or a formula; the
 * columns are formatted as text, too, for what is written into them later. It is written as its rows come, in memory
 * that does not grow with them, and never holds anybody up: 50,000 unions at once took ten seconds of the event loop.
 */
export function workbookStream(sheets: readonly SheetOfTexts[]): Readable {
  return Readable.from(zipStream(partsOf(sheets)));
}

function* partsOf(sheets: readonly SheetOfTexts[]): Generator<ZipEntry> {
  const numbered = sheets.map((sheet, index) => ({ ...sheet, number: index + 1 }));
  yield part('[Content_Types].xml', [
    `<Types xmlns="${namespaces.contentTypes}">`,
    `<Default Extension="rels" ContentType="${types.relationships}"/>`,
    `<Override PartName="/xl/workbook.xml" ContentType="${types.main}.sheet.main+xml"/>`,
    `<Override PartName="/xl/styles.xml" ContentType="${types.main}.styles+xml"/>`,
    ...numbered.map(
      ({ number }) =>
        `<Override PartName="/xl/worksheets/sheet${number}.xml" ContentType="${types.main}.worksheet+xml"/>`,
    ),
    '</Types>',
  ]);
  yield part('_rels/.rels', [
    `<Relationships xmlns="${namespaces.packageRelationships}">`,
    `<Relationship Id="rId1" Type="${namespaces.relationships}/officeDocument" Target="xl/workbook.xml"/>`,
    '</Relationships>',
  ]);
  yield part('xl/workbook.xml', [
    `<workbook xmlns="${namespaces.main}" xmlns:r="${namespaces.relationships}"><sheets>`,
    ...numbered.map(
      ({ name, number }) =>
        `<sheet name="${escaped(name)}" sheetId="${number}" r:id="rId${number}"/>`,
    ),
    '</sheets></workbook>',
  ]);
  yield part('xl/_rels/workbook.xml.rels', [
    `<Relationships xmlns="${namespaces.packageRelationships}">`,
    ...numbered.map(
      ({ number }) =>
        `<Relationship Id="rId${number}" Type="${namespaces.relationships}/worksheet" Target="worksheets/sheet${number}.xml"/>`,
    ),
    `<Relationship Id="rId${numbered.length + 1}" Type="${namespaces.relationships}/styles" Target="styles.xml"/>`,
    '</Relationships>',
  ]);
  yield part('xl/styles.xml', styles);
  for (const { number, ...sheet } of numbered) {
    yield { name: `xl/worksheets/sheet${number}.xml`, content: sheetXml(sheet) };
  }
}

const schemas = 'http://schemas.openxmlformats.org';
const namespaces = {
  main: `${schemas}/spreadsheetml/2006/main`,
  relationships: `${schemas}/officeDocument/2006/relationships`,
  packageRelationships: `${schemas}/package/2006/relationships`,
  contentTypes: `${schemas}/package/2006/content-types`,
};
const types = {
  main: 'application/vnd.openxmlformats-officedocument.spreadsheetml',
  relationships: 'application/vnd.openxmlformats-package.relationships+xml',
};
const declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';

/** The formats below by their place; 49 is the number format "text". */
const asText = 1;
const asTitle = 2;
const styles = [
  `<styleSheet xmlns="${namespaces.main}">`,
  '<fonts count="2"><font><sz val="11"/></font><font><b/><sz val="11"/></font></fonts>',
  '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>',
  '<borders count="1"><border/></borders>',
  '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>',
  '<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>',
  '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>',
  '<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/>',
  '</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>',
  '</styleSheet>',
];

const columnWidth = 20;

async function* sheetXml({ header, pages }: SheetOfTexts): AsyncGenerator<string> {
  yield `${declaration}<worksheet xmlns="${namespaces.main}"><sheetViews><sheetView workbookViewId="0">`;
  yield '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>';
  yield `<cols><col min="1" max="${Math.max(header.length, 1)}" width="${columnWidth}" style="${asText}" customWidth="1"/></cols>`;
  yield `<sheetData>${rowXml(header, 1, asTitle)}`;
  let row = 1;
  for await (const page of pages) {
    if (row + page.length > mostSheetRows + 1) throw new Error('too many rows for a sheet');
    yield page.map((cells) => rowXml(cells, ++row, asText)).join('');
  }
  yield '</sheetData></worksheet>';
}

function rowXml(cells: readonly string[], row: number, style: number): string {
  const written = cells.map((text, index) => {
    const value = escaped(asInTables(text));
    return value === ''
      ? ''
      : `<c r="${columnName(index)}${row}" s="${style}" t="inlineStr"><is><t xml:space="preserve">${value}</t></is></c>`;
  });
  return `<row r="${row}">${written.join('')}</row>`;
}

const letters = 26;

/** A, B, … Z, AA, AB, … */
function columnName(index: number): string {
  const last = String.fromCharCode('A'.charCodeAt(0) + (index % letters));
  return index < letters ? last : columnName(Math.floor(index / letters) - 1) + last;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

/** For XML; and `_x0041_`, in these files an escaped A (ST_Xstring), stays the text that it is. */
function escaped(text: string): string {
  return text
    .replaceAll(/[&<>"]/g, (character) => entities[character] ?? character)
    .replaceAll(/_(?=x[0-9A-F]{4}_)/gi, '_x005F_');
}

function part(name: string, lines: readonly string[]): ZipEntry {
  return { name, content: [declaration, ...lines] };
}
