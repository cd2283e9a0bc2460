import { readSheet } from 'read-excel-file/universal';
import writeSpreadsheet from 'write-excel-file/node';
import type { Caller } from '../api/platform-client.ts';
import { statisticsOf } from '../api/reading.ts';
import type { Page, UnionDetail } from '../api/shapes.ts';
import { places, type Scene } from '../scene.ts';
import { eventually } from '../telling/eventually.ts';

interface Progress {
  readonly id: string;
  readonly state: string;
  readonly rows: number;
  readonly done: number;
  readonly created: number;
  readonly updated: number;
  readonly skipped: number;
  readonly failed: number;
}

interface RowReport {
  readonly row: number;
  readonly result: string;
  readonly unionId?: string;
  readonly code?: string;
  readonly field?: string;
  readonly reason?: string;
}

const csv = 'text/csv';
const xlsx = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const header = ['工会编号', '工会名称', '工会类型', '上级工会编号', '批复文号', '办公地址', '职能'];
const id = (end: string) => `${places.county}-${end}`;
/** The sub-union stands before the union above it; two rows are wrong. */
const table: readonly (readonly string[])[] = [
  [id('t1-1'), '=示例一车间分工会', '分工会', id('t1'), '区批1', '', ''],
  [id('t1'), '示例一厂工会', '基层工会', places.county, '区批2', '东海路 1 号，甲', '维护、建设'],
  [id('t2'), '示例二厂工会', '基层工会', places.neighbourCounty, '区批3', '', ''],
  [id('t3'), '示例三厂工会', '大工会', places.county, '区批4', '', ''],
  [id('t4'), '示例四厂工会', '基层工会', places.county, '区批5', '', '教育'],
];
const bad = [
  { row: 4, field: 'territorialParentId', code: 'parent-unknown' },
  { row: 5, field: 'type', code: 'field-value-not-allowed' },
];
const good = table.length - bad.length;

/** A county brings its unions as a table, corrects the two bad rows in the error workbook, and takes them out again. */
export async function unionTables({ story, people, platform }: Scene): Promise<void> {
  const { county } = people;
  const file = [header, ...table].map((cells) => cells.join(',')).join('\r\n');
  const unions = async () => (await statisticsOf(county, places.county)).unions;
  const before = await unions();

  await story.step(
    '预检:逐行得出与正式导入相同的结果,不写入任何内容',
    'A dry run tells of every row what the import would, and writes nothing',
    async (check) => {
      const tried = await carriedOut(county, file, { type: csv, dryRun: true });
      check.equal('结果 result', counts(tried), counted({ created: good, failed: bad.length }));
      const none = await county.attempt({ method: 'GET', path: `/api/v1/unions/${id('t1')}` });
      check.refused('未写入 nothing is there', none, { status: 404, code: 'union-unknown' });
      check.equal('工会数不变 as many unions', await unions(), before);
    },
  );

  const imported = await story.step(
    '导入:3 个工会成立,2 行有误,按行号、列、原因逐行报告;管辖之外的上级与不存在的一样',
    'The import establishes 3 unions and tells of 2 bad rows why; an upper union outside is as one that is not',
    async (check) => {
      const done = await carriedOut(county, file, { type: csv, key: 'demo-unions' });
      check.equal('结果 result', counts(done), counted({ created: good, failed: bad.length }));
      const { items } = await county.get<Page<RowReport>>(`/api/v1/imports/${done.id}/rows`);
      check.equal(
        '各行 every row',
        items.map(({ row, result }) => [row, result]),
        table.map((_, index) => {
          const row = index + 2;
          return [row, bad.some((one) => one.row === row) ? 'failed' : 'created'];
        }),
      );
      const failed = items.filter(({ result }) => result === 'failed');
      check.equal(
        '有误的行 bad rows',
        failed.map(({ row, field, code }) => ({ row, field, code })),
        bad,
      );
      for (const { row, reason = '' } of failed) {
        check.holds(`第 ${row} 行原因 reason`, /\p{Script=Han}/u.test(reason), '中文', reason);
        check.remark(`第 ${row} 行 row ${row}: ${reason}`);
      }
      check.equal('工会数 unions', await unions(), before + good);
      const lower = await county.get<UnionDetail>(`/api/v1/unions/${id('t1-1')}`);
      check.equal('上级 upper union', lower.parentId, id('t1'));
      const again = await carriedOut(county, file, { type: csv, key: 'demo-unions' });
      check.equal('同一键是同一任务 same key, same import', again.id, done.id);
      return done;
    },
  );

  await story.step(
    '别的工会看不到这项任务:与不存在的任务答复相同',
    'To another union the import is one that does not exist',
    async (check) => {
      const outsider = await platform.signIn({ unionId: places.otherCity, role: 'cadre' });
      for (const path of ['', '/rows', '/errors.xlsx']) {
        const unseen = await outsider.attempt({
          method: 'GET',
          path: `/api/v1/imports/${imported.id}${path}`,
        });
        check.refused(`任务${path} the import`, unseen, { status: 404, code: 'import-unknown' });
      }
    },
  );

  await story.step(
    '下载错误清单,只更正有误的两格,作为 XLSX 再导入',
    'The error workbook, with only the two bad cells corrected, is imported as it is',
    async (check) => {
      const sheet = await sheetOf(
        await county.download(`/api/v1/imports/${imported.id}/errors.xlsx`),
      );
      check.equal('行数 rows', sheet.length - 1, bad.length);
      for (const [index, { code }] of bad.entries()) {
        const told = sheet[index + 1] ?? [];
        check.holds(`代码 ${code}`, told.includes(code), code, told);
      }
      const corrections = new Map([
        [places.neighbourCounty as string, places.county as string],
        ['大工会', '基层工会'],
      ]);
      const corrected = sheet.map((cells) => cells.map((cell) => corrections.get(cell) ?? cell));
      const done = await carriedOut(county, await workbookOf(corrected), { type: xlsx });
      check.equal('结果 result', counts(done), counted({ created: 2 }));
      check.equal('工会数 unions', await unions(), before + table.length);
    },
  );

  await story.step(
    '导出全区名录,原样再导入(CSV、XLSX):每一行都与登记一致,没有变更',
    'The county’s unions, exported and imported again as CSV and as XLSX: nothing is changed',
    async (check) => {
      for (const [format, type] of [
        ['csv', csv],
        ['xlsx', xlsx],
      ] as const) {
        const exported = await county.download(`/api/v1/exports/unions?format=${format}`);
        if (format === 'csv') {
          const text = new TextDecoder().decode(exported);
          check.holds('不成公式 no formula', text.includes(",'=示例一车间"), "'=示例…", '(CSV)');
          check.equal('只有本级及下级 nobody else', text.includes(places.neighbourCounty), false);
        }
        const done = await carriedOut(county, exported, { type });
        const { rows } = done;
        check.equal(`${format}: 结果 result`, counts(done), counted({ skipped: rows }));
        check.holds(`${format}: 行数 rows`, rows >= before + table.length, '≥', rows);
        check.remark(`${format}: ${rows} 行无变化 rows unchanged`);
      }
      check.equal('工会数不变 as many unions', await unions(), before + table.length);
    },
  );
}

/** Submits a table and waits for the import's end. */
async function carriedOut(
  cadre: Caller,
  file: string | Uint8Array,
  options: { readonly type: string; readonly key?: string; readonly dryRun?: boolean },
): Promise<Progress> {
  const { type, key, dryRun = false } = options;
  const { id: importId } = await cadre.post<Progress>(
    `/api/v1/imports/unions?dryRun=${dryRun}`,
    file,
    { 'content-type': type, ...(key === undefined ? {} : { 'idempotency-key': key }) },
  );
  return await eventually(
    'the end of an import',
    async () => {
      const progress = await cadre.get<Progress>(`/api/v1/imports/${importId}`);
      return progress.state === 'finished' ? progress : undefined;
    },
    60_000,
  );
}

function counts({ rows, done, created, updated, skipped, failed }: Progress) {
  return { rows, done, created, updated, skipped, failed };
}

/** What the counts are to be: they come to the rows. */
function counted(given: Partial<ReturnType<typeof counts>>) {
  const { created = 0, updated = 0, skipped = 0, failed = 0 } = given;
  const rows = created + updated + skipped + failed;
  return { rows, done: rows, created, updated, skipped, failed };
}

async function sheetOf(bytes: Uint8Array): Promise<string[][]> {
  const sheet = await readSheet(bytes.slice().buffer, { parseNumber: (text: string) => text });
  return sheet.map((cells) => cells.map((cell) => (cell === null ? '' : String(cell))));
}

async function workbookOf(rows: readonly (readonly string[])[]): Promise<Uint8Array> {
  return await writeSpreadsheet(
    rows.map((cells) => cells.map((value) => (value === '' ? null : { value, type: String }))),
  ).toBuffer();
}
