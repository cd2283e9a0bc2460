import { citizenNumberCheckDigit, synthetic } from '@unionfold/codes';
import writeSpreadsheet from 'write-excel-file/node';
import type { Caller } from '../api/platform-client.ts';
import { statisticsOf } from '../api/reading.ts';
import type { ImportReport, MemberRecord, Page } from '../api/shapes.ts';
import { storyPerson } from '../people.ts';
import { places, type Scene } from '../scene.ts';
import type { FoundedUnion } from './establishment.ts';

/** Somebody whom the import made a member. */
export interface ImportedMember {
  readonly id: string;
  readonly name: string;
  readonly citizenNumber: string;
}

/** Who was imported, in the order of the file. */
export interface Roster {
  readonly members: readonly ImportedMember[];
}

interface PersonRow {
  readonly name: string;
  readonly citizenNumber: string;
  readonly mobile: string;
  readonly hiredOn: string;
}

const header = ['姓名', '身份证号', '手机号', '入会日期'];
const xlsx = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
/** Rows of the file with something wrong, counted as spreadsheet programs do: the header is row 1. */
const wrongCheckDigitRow = 5;
const memberElsewhereRow = 9;
const people = 12;

/** The workers come in as a spreadsheet from the personnel office, with two bad rows. */
export async function rosterImport(
  { story, people: who }: Scene,
  union: FoundedUnion,
): Promise<Roster> {
  const { county } = who;
  const { cadre } = union;
  const rows = sheetRows();
  const file = await spreadsheet(rows);
  const bad = [wrongCheckDigitRow, memberElsewhereRow];
  const good = people - bad.length;
  const memberNumbers = async () => ({
    own: (await statisticsOf(cadre, union.id)).ownMembers,
    county: (await statisticsOf(county, places.county)).members,
  });

  await story.step('先试运行:只检查,不导入', 'A dry run first: it only checks', async (check) => {
    const report = await importFile(cadre, union.id, file, { dryRun: true });
    check.equal('结果 result', counts(report), {
      rows: people,
      created: good,
      skipped: 0,
      failed: 2,
    });
    check.equal('无人入会 nobody joined', (await memberNumbers()).own, 0);
  });

  const before = await memberNumbers();
  const members = await story.step(
    '导入 12 行的 XLSX:10 人入会,2 行有误,按行号、字段、原因报告',
    'An XLSX of 12 rows: 10 join, 2 bad rows are reported by row, field and reason',
    async (check) => {
      const report = await importFile(cadre, union.id, file, { key: 'demo-import' });
      check.equal('结果 result', counts(report), {
        rows: people,
        created: good,
        skipped: 0,
        failed: 2,
      });
      check.equal('已列全部行 every row is told', report.items.length, people);
      const failed = report.items.filter(({ status }) => status === 'failed');
      check.equal(
        '有误的行 bad rows',
        failed.map(({ row, field, code }) => ({ row, field, code })),
        [
          {
            row: wrongCheckDigitRow,
            field: 'citizenNumber',
            code: 'citizen-number-invalid-check-digit',
          },
          { row: memberElsewhereRow, field: 'citizenNumber', code: 'member-duplicate' },
        ],
      );
      for (const { row, reason = '' } of failed) {
        check.holds(`第 ${row} 行原因 reason`, /\p{Script=Han}/u.test(reason), '中文', reason);
        check.remark(`第 ${row} 行 row ${row}: ${reason}`);
      }
      check.equal('人数 members', await memberNumbers(), {
        own: before.own + good,
        county: before.county + good,
      });
      return report.items.flatMap(({ row, status, id }) => {
        const person = rows[row - 2];
        if (status !== 'created' || id === undefined || person === undefined) return [];
        return [{ id, name: person.name, citizenNumber: person.citizenNumber }];
      });
    },
  );

  await story.step(
    '名册与文件逐人一致,证件号以掩码显示',
    'The register agrees with the file, person by person, with masked numbers',
    async (check) => {
      const { items } = await cadre.post<Page<MemberRecord>>('/api/v1/members/search', {
        unionId: union.id,
        limit: 200,
      });
      check.equal(
        '编号 ids',
        items.map(({ id }) => id).toSorted(),
        members.map(({ id }) => id).toSorted(),
      );
      for (const member of members) {
        const record = items.find(({ id }) => id === member.id);
        check.equal(`${member.id} 姓名 name`, record?.name, member.name);
        const { citizenNumberMasked: masked = '' } = record ?? {};
        check.holds(
          `${member.id} 掩码 masked`,
          masked.endsWith(member.citizenNumber.slice(-4)) &&
            !masked.includes(member.citizenNumber.slice(6, 14)),
          '370***********…',
          masked,
        );
      }
    },
  );

  await story.step(
    '同一文件再导入两次(同一键、新的键),没有人入会两次',
    'The same file twice more, with the same key and with a new one: nobody joins twice',
    async (check) => {
      const numbers = await memberNumbers();
      for (const key of ['demo-import', 'demo-import-again']) {
        const report = await importFile(cadre, union.id, file, { key });
        check.equal(`${key}: 行数 rows`, report.rows, people);
        check.equal(`${key}: 有误 failed`, report.failed, 2);
        check.equal(`${key}: 其余 the others`, report.created + report.skipped, good);
        const ids = report.items.flatMap(({ id }) => id ?? []);
        check.equal(
          `${key}: 没有新的会员 no new ids`,
          ids.filter((id) => !members.some((member) => member.id === id)),
          [],
        );
        check.equal(`${key}: 人数不变 numbers unchanged`, await memberNumbers(), numbers);
      }
    },
  );

  const corrected = await story.step(
    '更正有误的一行后以 CSV 再导入:只有这一人入会,缺姓名的行另行报告',
    'With the bad row corrected, as CSV: only that person joins; a row without a name is reported',
    async (check) => {
      const wrong = rows[wrongCheckDigitRow - 2];
      if (wrong === undefined) throw new Error('the file is shorter than it was');
      const first17 = wrong.citizenNumber.slice(0, 17);
      const right = { ...wrong, citizenNumber: first17 + (citizenNumberCheckDigit(first17) ?? '') };
      const nameless = { ...storyPerson(people + 1), name: '' };
      const csv = [
        header,
        ...[...rows.slice(0, 3), right, nameless].map(
          ({ name, citizenNumber, mobile, hiredOn }) => [name, citizenNumber, mobile, hiredOn],
        ),
      ]
        .map((cells) => cells.join(','))
        .join('\r\n');
      const numbers = await memberNumbers();
      const report = await importFile(cadre, union.id, csv, { key: 'demo-import-csv' });
      check.equal('结果 result', counts(report), { rows: 5, created: 1, skipped: 3, failed: 1 });
      const [failed] = report.items.filter(({ status }) => status === 'failed');
      check.equal(
        '缺姓名 without a name',
        { row: failed?.row, field: failed?.field, code: failed?.code },
        { row: 6, field: 'name', code: 'name-missing' },
      );
      check.equal('人数 members', await memberNumbers(), {
        own: numbers.own + 1,
        county: numbers.county + 1,
      });
      const id = report.items.find(({ status }) => status === 'created')?.id ?? '';
      return { id, name: right.name, citizenNumber: right.citizenNumber };
    },
  );

  await story.step(
    '不是电子表格的文件、缺列的文件整份拒绝',
    'What is no spreadsheet, or lacks a column, is refused as a whole',
    async (check) => {
      const path = `/api/v1/members/import?unionId=${union.id}`;
      const attempt = async (body: string | Uint8Array, type: string) =>
        await cadre.attempt({ method: 'POST', path, body, headers: { 'content-type': type } });
      check.refused('不是表格 no spreadsheet', await attempt(Buffer.from('%PDF-1.7'), xlsx), {
        status: 422,
        code: 'import-file-unreadable',
      });
      check.refused('缺列 a column is missing', await attempt('姓名\n王小明\n', 'text/csv'), {
        status: 422,
        code: 'import-missing-column',
      });
      check.refused('别的类型 another type', await attempt('{}', 'application/json'), {
        status: 415,
        code: 'unsupported-media-type',
      });
    },
  );

  return { members: [...members, corrected] };
}

/** Twelve made-up workers: one with a wrong check digit, one who is a member of another union since the first load. */
function sheetRows(): PersonRow[] {
  return Array.from({ length: people }, (_, index): PersonRow => {
    const row = index + 2;
    // The first load enrols the first person of seed 1 in its first enterprise.
    if (row === memberElsewhereRow) return synthetic(1).person(0);
    const person = storyPerson(index);
    if (row !== wrongCheckDigitRow) return person;
    const digit = person.citizenNumber.at(-1) === '1' ? '2' : '1';
    return { ...person, citizenNumber: person.citizenNumber.slice(0, 17) + digit };
  });
}

async function spreadsheet(rows: readonly PersonRow[]): Promise<Uint8Array> {
  const cells = rows.map((row) => [row.name, row.citizenNumber, row.mobile, row.hiredOn]);
  return await writeSpreadsheet([header, ...cells]).toBuffer();
}

async function importFile(
  cadre: Caller,
  unionId: string,
  file: string | Uint8Array,
  { key, dryRun = false }: { readonly key?: string; readonly dryRun?: boolean },
): Promise<ImportReport> {
  return await cadre.post<ImportReport>(
    `/api/v1/members/import?unionId=${unionId}&dryRun=${dryRun}`,
    file,
    {
      'content-type': typeof file === 'string' ? 'text/csv' : xlsx,
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    },
  );
}

function counts({ rows, created, skipped, failed }: ImportReport) {
  return { rows, created, skipped, failed };
}
