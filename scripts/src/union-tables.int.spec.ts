import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { synthetic } from '@unionfold/codes';
import { UnionType } from '@unionfold/contracts';
import { OrganizationsServiceService } from '@unionfold/contracts/organizations';
import { createLogger, remoteService } from '@unionfold/service-kit';
import fc from 'fast-check';
import { readSheet } from 'read-excel-file/universal';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type EmbeddedNode, startEmbeddedNode } from './node/embedded-node.ts';

const csvType = 'text/csv';
const xlsxType = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const patience = { timeout: 60_000, interval: 50 };
const header = '工会编号,工会名称,工会类型,上级工会编号,批复文号';

/** Made-up employers, with valid check digits. */
const codes = Array.from(
  { length: 40 },
  (_, index) => synthetic(7).enterprise(index, '370202').creditCode,
);

const federations = [
  ['cn', UnionType.UNION_TYPE_NATIONAL, ''],
  ['p', UnionType.UNION_TYPE_PROVINCIAL, 'cn'],
  ['c', UnionType.UNION_TYPE_MUNICIPAL, 'p'],
  ['x', UnionType.UNION_TYPE_COUNTY, 'c'],
  ['y', UnionType.UNION_TYPE_COUNTY, 'c'],
] as const;

interface Counts {
  readonly id: string;
  readonly state: string;
  readonly rows: number;
  readonly done: number;
  readonly created: number;
  readonly updated: number;
  readonly skipped: number;
  readonly failed: number;
}

/** The whole platform on one folder. */
class World {
  readonly #folder: string;
  node: EmbeddedNode;

  private constructor(folder: string, node: EmbeddedNode) {
    this.#folder = folder;
    this.node = node;
  }

  static async open(): Promise<World> {
    const folder = await mkdtemp(join(tmpdir(), 'unionfold-tables-'));
    const world = new World(folder, await start(folder));
    const organizations = remoteService(
      OrganizationsServiceService,
      'organizations',
      world.node.directory,
    );
    for (const [unionId, type, territorialParentId] of federations) {
      await organizations.establishUnion(
        {
          unionId,
          name: `${unionId}总工会`,
          type,
          territorialParentId,
          industryParentId: '',
          regionCode: '',
          creditCode: '',
          foundedOn: '',
          synthetic: true,
          approvalDocument: '批',
          approvedByUnionId: territorialParentId === '' ? unionId : territorialParentId,
        },
        { actor: 'test', correlationId: 'test' },
      );
    }
    const cadre = await world.as('cn');
    await vi.waitFor(
      async () => expect((await cadre.get('/unions/y')).body).toMatchObject({ status: 'active' }),
      patience,
    );
    return world;
  }

  async restart(): Promise<void> {
    await this.node.stop();
    this.node = await start(this.#folder);
  }

  async close(): Promise<void> {
    await this.node.stop();
    await rm(this.#folder, { recursive: true });
  }

  async as(unionId: string) {
    const { token } = await this.node.gateway.issuer.signIn({ unionId, role: 'cadre' });
    const send = async (method: string, path: string, sending: RequestInit = {}) => {
      const answer = await fetch(`http://127.0.0.1:${this.node.gateway.port}/api/v1${path}`, {
        ...sending,
        method,
        headers: { authorization: `Bearer ${token}`, ...sending.headers },
      });
      const bytes = Buffer.from(await answer.arrayBuffer());
      const isJson = answer.headers.get('content-type')?.includes('json') === true;
      return {
        status: answer.status,
        bytes,
        // biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever JSON came back
        body: (isJson ? JSON.parse(bytes.toString()) : undefined) as any,
      };
    };
    const get = async (path: string) => await send('GET', path);
    /** Submits a table. */
    const submit = async (
      table: string | Buffer<ArrayBuffer>,
      { dryRun = false, type = csvType, key = '' } = {},
    ) =>
      await send('POST', `/imports/unions${dryRun ? '?dryRun=true' : ''}`, {
        body: table,
        headers: { 'content-type': type, ...(key === '' ? {} : { 'idempotency-key': key }) },
      });
    const finished = async (id: string): Promise<Counts> =>
      await vi.waitFor(async () => {
        const { body } = await get(`/imports/${id}`);
        expect(body).toMatchObject({ state: 'finished' });
        const { rows, created, updated, skipped, failed } = body;
        expect(created + updated + skipped + failed).toBe(rows);
        return body;
      }, patience);
    /** Imports a table to its end. */
    const bring = async (
      table: string | Buffer<ArrayBuffer>,
      options: { dryRun?: boolean; type?: string } = {},
    ) => {
      const { status, body } = await submit(table, options);
      expect(status).toBe(202);
      return await finished(body.id);
    };
    const rows = async (id: string, query = '') =>
      (await get(`/imports/${id}/rows?limit=200${query}`)).body.items;
    return { send, get, submit, finished, bring, rows };
  }
}

async function start(dataDir: string): Promise<EmbeddedNode> {
  return await startEmbeddedNode({
    dataDir,
    host: '127.0.0.1',
    port: 0,
    logger: createLogger('silent'),
    partitions: 2,
  });
}

let world: World;
let nation: Awaited<ReturnType<World['as']>>;

beforeAll(async () => {
  world = await World.open();
  nation = await world.as('cn');
});

afterAll(async () => {
  await world.close();
});

function table(...rows: readonly string[]): string {
  return [header, ...rows].join('\n');
}

describe('An import of unions', () => {
  it('takes rows in any order and tells of each how it ended; again, all are skipped', async () => {
    const rows = table(
      'x-a-1,一分会,分工会,x-a,批2',
      'x-a,甲厂工会,基层工会,x,批1',
      ',乙厂工会,基层工会,x,批3',
      'x,,,,',
      'x-b,丙厂工会,基层工会,nowhere,批4',
      'x-b-1,丙厂分会,分工会,x-b,批5',
      'x-d,没有类型,,x,批6',
      'x-e,错误类型,大工会,x,批7',
      'x-f,科室,工会小组,x,批8',
      'x-a,重复,基层工会,x,批9',
      'x-g,环一,分工会,x-h,批',
      'x-h,环二,分工会,x-g,批',
      'x-i,环下,工会小组,x-h,批',
    );
    const tried = await nation.bring(rows, { dryRun: true });
    expect((await nation.get('/unions/x-a')).status).toBe(404);
    const done = await nation.bring(rows);
    const expected = { rows: 13, created: 3, updated: 0, skipped: 1, failed: 9 };
    expect(tried).toMatchObject(expected);
    expect(done).toMatchObject(expected);
    for (const { id } of [tried, done]) {
      const failed = await nation.rows(id, '&result=failed');
      expect(
        failed.map(({ row, field, code }: Record<string, unknown>) => [row, field, code]),
      ).toEqual([
        [6, 'territorialParentId', 'parent-unknown'],
        [7, 'territorialParentId', 'import-upper-row-failed'],
        [8, 'type', 'union-type-missing'],
        [9, 'type', 'field-value-not-allowed'],
        [10, 'territorialParentId', 'parent-level-not-allowed'],
        [11, 'id', 'import-id-repeated'],
        [12, 'territorialParentId', 'import-cycle'],
        [13, 'territorialParentId', 'import-cycle'],
        [14, 'territorialParentId', 'import-upper-row-failed'],
      ]);
      for (const { reason } of failed) expect(reason).toMatch(/\p{Script=Han}/u);
    }
    const again = await nation.bring(table('x-a-1,一分会,分工会,x-a,批2', 'x-a,,,,'));
    expect(again).toMatchObject({ rows: 2, skipped: 2 });
  });

  it('covers employers, one a row, in further rows of a union the others', async () => {
    const [one, two, three] = codes;
    const units = [
      '工会编号,工会名称,工会类型,上级工会编号,批复文号,职责,覆盖单位信用代码,覆盖单位名称,单位类型代码,国民经济行业代码,职工人数,女职工人数',
      `u-1,,,,,,${two},乙厂,170,C34,20,30`,
      `u-1,联合工会,联合工会,x,批,维权,${one},甲厂,170,C34,100,40`,
      `u-1,联合工会,联合工会,x,批,维权,${three},丙厂,,,5,`,
      `u-1,另名,联合工会,x,批,维权,${two},乙厂,,,5,`,
      `u-1,,,,,,${one},甲厂,,,5,`,
      'u-1,,,,,,,丁厂,,,5,',
      `u-2,错,大工会,x,批,,${one},甲厂,,,5,`,
      `u-2,,,,,,${two},乙厂,,,5,`,
    ].join('\n');
    const expected = { rows: 8, created: 1, updated: 1, failed: 6 };
    const tried = await nation.bring(units, { dryRun: true });
    const done = await nation.bring(units);
    for (const { id } of [tried, done]) {
      const rows = await nation.rows(id);
      expect(
        rows.map(({ result, field, code }: Record<string, unknown>) => [result, field, code]),
      ).toEqual([
        ['failed', 'unitWomen', 'headcount-invalid'],
        ['created', undefined, undefined],
        ['updated', undefined, undefined],
        ['failed', 'unitCreditCode', 'import-unit-repeated'],
        ['failed', 'unitCreditCode', 'import-unit-repeated'],
        ['failed', 'unitCreditCode', 'field-missing'],
        ['failed', 'type', 'field-value-not-allowed'],
        ['failed', 'id', 'import-main-row-failed'],
      ]);
    }
    expect([tried, done]).toMatchObject([expected, expected]);
    const { body } = await nation.get('/unions/u-1/record');
    expect(body).toMatchObject({
      duties: '维权',
      units: [
        {
          creditCode: one,
          name: '甲厂',
          ownership: '170',
          industry: 'C34',
          employees: 100,
          women: 40,
        },
        { creditCode: three, name: '丙厂', ownership: '', employees: 5, women: 0 },
      ],
    });
    // Columns that the table has not say nothing, of the unit and of the union.
    const other = ['工会编号,职责,覆盖单位信用代码,职工人数', `u-1,,${one},101`, `u-1,,${three},5`];
    expect(await nation.bring(other.join('\n'))).toMatchObject({ updated: 1, skipped: 1 });
    expect((await nation.get('/unions/u-1/record')).body).toMatchObject({
      duties: '维权',
      units: [{ name: '甲厂', employees: 101, women: 40 }, { name: '丙厂' }],
    });
  });

  it('renames, moves and corrects records, and changes nothing else', async () => {
    await nation.bring(table('m-1,旧名,基层工会,x,批', 'm-2,留名,基层工会,x,批'));
    const changed = await nation.bring(
      [
        '工会编号,工会名称,上级工会编号,职责,职能,是否法人,成立日期',
        'm-1,新名,y,"维权, 服务",维护、教育,是,',
        'm-2,留名,x,,,否,2020-01-01',
      ].join('\n'),
    );
    expect(changed).toMatchObject({ updated: 1, failed: 1 });
    const [{ code, field }] = await nation.rows(changed.id, '&result=failed');
    expect([code, field]).toEqual(['import-field-fixed', 'foundedOn']);
    expect((await nation.get('/unions/m-1/record')).body).toMatchObject({
      duties: '维权, 服务',
      functions: ['educate', 'protect'],
      legalPerson: true,
    });
    await vi.waitFor(
      async () =>
        expect((await nation.get('/unions/m-1')).body).toMatchObject({
          name: '新名',
          parentId: 'y',
        }),
      patience,
    );
  });

  it('tells of what lies outside as of what there is not', async () => {
    await nation.bring(table('y-secret,外面的,基层工会,y,批', 'x-moved,移走的,基层工会,x,批'));
    await nation.bring(table('x-moved,,,y,'));
    const county = await world.as('x');
    const outside = await county.bring(
      table(
        'y-secret,改名,,,',
        'y-nothing,改名,,,',
        'x-moved,改名,基层工会,x,批',
        'x-new,新的,基层工会,y,批',
        'x-new2,新的,基层工会,z,批',
        'x-new3,新的,基层工会,x,批',
      ),
    );
    expect(outside).toMatchObject({ created: 1, failed: 5 });
    const failed = await county.rows(outside.id, '&result=failed');
    expect(failed.map(({ code }: { code: string }) => code)).toEqual([
      'import-id-unavailable',
      'import-id-unavailable',
      'import-id-unavailable',
      'parent-unknown',
      'parent-unknown',
    ]);
    expect((await nation.get('/unions/y-secret')).body).toMatchObject({ name: '外面的' });
    const lines = [`${header},产业上级工会编号`, 'x-l1,甲,基层工会,x,批,y-secret'];
    const line = await county.bring([...lines, 'x-l2,乙,基层工会,x,批,y-nothing'].join('\n'));
    const unknown = { code: 'parent-unknown', field: 'industryParentId' };
    expect(await county.rows(line.id)).toMatchObject([unknown, unknown]);
    // And the job itself is its own union's.
    const other = await world.as('y');
    const listed = async (cadre: typeof other) =>
      (await cadre.get('/imports')).body.items.map(({ id }: { id: string }) => id);
    expect(await listed(county)).toEqual([line.id, outside.id]);
    expect(await listed(other)).toEqual([]);
    for (const path of ['', '/rows', '/errors.xlsx']) {
      expect((await other.get(`/imports/${outside.id}${path}`)).body).toMatchObject({
        code: 'import-unknown',
      });
    }
  });

  it('gives a workbook of what failed, which can be imported when it is corrected', async () => {
    const done = await nation.bring(table('w-1,厂一,基层工会,nope,批', 'w-2,厂二,基层工会,x,批'));
    expect(done).toMatchObject({ created: 1, failed: 1 });
    const { bytes } = await nation.get(`/imports/${done.id}/errors.xlsx`);
    const sheet = await sheetOf(bytes);
    expect(sheet[1]).toEqual(
      expect.arrayContaining(['w-1', 'nope', 'parent-unknown', '上级工会编号']),
    );
    const same = await nation.bring(bytes, { type: xlsxType });
    expect(same).toMatchObject({ rows: 1, failed: 1 });
    const corrected = sheet.map((cells) => cells.map((cell) => (cell === 'nope' ? 'x' : cell)));
    const csv = corrected.map((cells) => cells.map((cell) => `"${cell}"`).join(',')).join('\n');
    expect(await nation.bring(csv)).toMatchObject({ rows: 1, created: 1 });
  });

  it('is one import when it is sent again with its key, and refused with another file', async () => {
    const rows = table(',无编号,基层工会,x,批');
    const first = await nation.submit(rows, { key: 'once' });
    const second = await nation.submit(rows, { key: 'once' });
    expect(second.body.id).toBe(first.body.id);
    expect(await nation.finished(first.body.id)).toMatchObject({ rows: 1, created: 1 });
    const other = await nation.submit(`${rows}\n,又一个,基层工会,x,批`, { key: 'once' });
    expect(other.body).toMatchObject({ code: 'idempotency-key-reused' });
  });

  it('is one import when it is sent twice at the same time', async () => {
    const rows = Array.from({ length: 3_000 }, (_, i) => `,同时${i},基层工会,c,批`);
    const file = table(...rows);
    const answers = await Promise.all([
      nation.submit(file, { key: 'twice' }),
      nation.submit(file, { key: 'twice' }),
      nation.submit(table(',别的,基层工会,c,批'), { key: 'twice' }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 422]);
    expect(new Set(answers.slice(0, 2).map(({ body }) => body.id)).size).toBe(1);
    const ended = await nation.finished(answers[0].body.id);
    expect(ended).toMatchObject({ rows: 3_000, created: 3_000 });
    expect(await nation.rows(ended.id, '&result=waiting')).toEqual([]);
  });

  it('goes on after the process was cut off, and neither loses a row nor does one twice', async () => {
    const count = 3_000;
    const rows = Array.from({ length: count }, (_, i) => `,续办${i},基层工会,y,批${i}`);
    const { body } = await nation.submit(table(...rows, ',错,基层工会,nope,批'));
    await vi.waitFor(
      async () => {
        const progress = (await nation.get(`/imports/${body.id}`)).body;
        expect(progress.done).toBeGreaterThan(1);
      },
      { timeout: 20_000, interval: 5 },
    );
    await world.restart();
    nation = await world.as('cn');
    const left = (await nation.get(`/imports/${body.id}`)).body;
    expect(left.done).toBeLessThan(count);
    expect(await nation.finished(body.id)).toMatchObject({
      rows: count + 1,
      created: count,
      failed: 1,
    });
    const exported = (await nation.get('/exports/unions?unionId=y')).bytes.toString();
    expect(exported.match(/续办\d+/g)).toHaveLength(count);
    expect(new Set(exported.match(/续办\d+/g)).size).toBe(count);
  }, 120_000);

  it('takes files that are larger than other bodies may be', async () => {
    const blank = ' '.repeat(60_000);
    const rows = Array.from({ length: 300 }, (_, i) => `big-${i},大表${i}${blank},基层工会,x,批`);
    const large = table(...rows);
    expect(large.length).toBeGreaterThan(16 * 1024 * 1024);
    expect(await nation.bring(large, { dryRun: true })).toMatchObject({ rows: 300, created: 300 });
  });

  it('tells of a row that has slipped, and gives it back as it came', async () => {
    const done = await nation.bring(
      table('s-1,甲,乙厂工会,基层工会,x,批', 's-2,丙厂,基层工会,x,批'),
    );
    expect(done).toMatchObject({ created: 1, failed: 1 });
    const [row] = await nation.rows(done.id, '&result=failed');
    expect(row).toMatchObject({ row: 2, code: 'import-cells-beyond-header' });
    const { bytes } = await nation.get(`/imports/${done.id}/errors.xlsx`);
    const sheet = await sheetOf(bytes);
    expect(sheet[1]?.slice(0, 6)).toEqual(['s-1', '甲', '乙厂工会', '基层工会', 'x', '批']);
    const same = await nation.submit(bytes, { type: xlsxType });
    expect(same.body).toMatchObject({ code: 'import-unknown-column' });
  });

  it('refuses files that are no table of unions', async () => {
    const codes = async (body: string) => (await nation.submit(body)).body.code;
    expect(await codes('工会编号,星座\n1,2')).toBe('import-unknown-column');
    expect(await codes('工会名称\n甲')).toBe('import-missing-column');
    expect(await codes(header)).toBe('import-empty');
  });
});

describe('An export of unions', () => {
  it('has the columns of the template, and tells where a union stands', async () => {
    const template = await sheetOf((await nation.get('/imports/unions/template.xlsx')).bytes);
    const exported = await sheetOf((await nation.get('/exports/unions?format=xlsx')).bytes);
    expect(exported[0]).toEqual([...(template[0] ?? []), '状态', '核实日期']);
    expect(exported[1]?.slice(-2)).toEqual(['在册', '']);
    const csv = (await nation.get('/exports/unions')).bytes.toString();
    expect(csv.split('\r\n')[0]).toBe(`\ufeff${exported[0]?.join(',')}`);
  });

  it('keeps to the jurisdiction', async () => {
    const county = await world.as('x');
    const own = (await county.get('/exports/unions')).bytes.toString();
    expect(own).toMatch(/^x,/m);
    expect(own).not.toMatch(/^(y|c|cn),|外面的/m);
    expect((await county.get('/exports/unions?unionId=y')).body).toMatchObject({
      code: 'union-unknown',
    });
    // Its own upper union is not told, and the table comes back all the same.
    expect(await county.bring(`${own}`)).toMatchObject({ updated: 0, created: 0, failed: 0 });
  });

  it('comes back unchanged, whatever stands in it', async () => {
    const text = fc
      .array(
        fc.constantFrom(
          ...['=', '+', '-', '@', '＝', "'", '"', ',', ';', '\t', '\n', '\r', ' ', '_x0041_'],
          ...['工', '会', 'a', '1', '😀', '<', '&', '="1"', '1e5', '2020-01-01'],
        ),
        { minLength: 1, maxLength: 8 },
      )
      .map((parts) => parts.join(''));
    const node = fc.record({
      name: text.filter((name) => name.trim() !== ''),
      above: fc.nat(),
      duties: text,
      address: text,
      office: text,
      legalPerson: fc.boolean(),
      approval: text.filter((approval) => approval.trim() !== ''),
      units: fc.uniqueArray(
        fc.record({
          creditCode: fc.constantFrom(...codes),
          name: text.filter((name) => name.trim() !== ''),
          employees: fc.nat(1_000),
        }),
        { maxLength: 3, selector: ({ creditCode }) => creditCode },
      ),
    });
    let tree = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(node, { minLength: 1, maxLength: 12 }), async (nodes) => {
        tree += 1;
        const organizations = remoteService(
          OrganizationsServiceService,
          'organizations',
          world.node.directory,
        );
        const origin = { actor: 'test', correlationId: 'test' };
        const root = `t${tree}`;
        const marks: string[] = [];
        for (const [index, { name, above, approval, units, ...rest }] of nodes.entries()) {
          const unionId = index === 0 ? root : `${root}-${index}`;
          const parent = above % index || 0;
          const accepted = await organizations.establishUnion(
            {
              unionId,
              name,
              type: UnionType.UNION_TYPE_ENTERPRISE,
              territorialParentId: index === 0 ? 'x' : parent === 0 ? root : `${root}-${parent}`,
              industryParentId: '',
              regionCode: '',
              creditCode: '',
              foundedOn: index % 2 === 0 ? '2020-02-29' : '',
              synthetic: true,
              approvalDocument: approval,
              approvedByUnionId: 'cn',
            },
            origin,
          );
          const { duties, address, office: contactOffice, legalPerson } = rest;
          const noted = await organizations.correctUnionRecord(
            {
              unionId,
              record: {
                legalPerson,
                certificateNumber: legalPerson ? '-1' : '',
                certificateValidUntil: '',
                address,
                addressRegionCode: '',
                contactOffice,
                contactPhone: '+86-532-80000000',
                duties,
                functions: [],
              },
              reason: '',
              expectedVersion: 0n,
            },
            origin,
          );
          const covered = [];
          for (const unit of units) {
            const facts = { ...unit, ownership: '170', industry: 'C', women: unit.employees };
            const others = { migrantWorkers: 0, dispatched: 0, newForms: 0 };
            covered.push(
              await organizations.coverUnit(
                { unionId, unit: { ...facts, ...others }, expectedVersion: 0n },
                origin,
              ),
            );
          }
          for (const answer of [accepted, noted, ...covered]) {
            if ('refused' in answer) throw new Error(answer.refused);
            for (const { service, partition, position } of answer.positions) {
              marks.push(`${service}/${partition}/${position}`);
            }
          }
        }
        const shown = await nation.get(`/unions/${root}?position=${marks.join(',')}`);
        expect(shown.status).toBe(200);
        for (const [format, type] of [
          ['csv', csvType],
          ['xlsx', xlsxType],
        ] as const) {
          const { bytes } = await nation.get(`/exports/unions?unionId=${root}&format=${format}`);
          const back = await nation.bring(bytes, { type });
          const failed = await nation.rows(back.id, '&result=failed');
          expect(failed).toEqual([]);
          const rows = nodes.reduce((sum, { units }) => sum + Math.max(1, units.length), 0);
          expect(back).toMatchObject({ rows, skipped: rows });
        }
      }),
      { numRuns: 12, endOnFailure: true },
    );
  }, 120_000);
});

async function sheetOf(bytes: Buffer<ArrayBuffer>): Promise<string[][]> {
  const { buffer, byteOffset, length } = bytes;
  const sheet = await readSheet(new Uint8Array(buffer, byteOffset, length).slice().buffer, {
    parseNumber: (text: string) => text,
  });
  return sheet.map((row) => row.map((cell) => (cell === null ? '' : String(cell))));
}
