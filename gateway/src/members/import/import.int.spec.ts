import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import writeXlsxFile from 'write-excel-file/node';
import { type Client, GatewayWorld, type Handler } from '../../gateway-world.fixture.ts';
import { spreadsheetTypes } from '../../spreadsheets/parse-spreadsheet.ts';
import { mostRows } from './rows.ts';

let world: GatewayWorld;
let cadre: Client;

beforeAll(async () => {
  world = await GatewayWorld.open({ deadlineMs: 1_000 });
  await world.union('works', '');
  await world.union('mill', '');
  await world.member('already', 'works', 500);
  await world.member('elsewhere', 'mill', 501);
  await world.settle();
  cadre = await world.as({ unionId: 'works', role: 'cadre' });
});

afterAll(async () => {
  await world.close();
});

beforeEach(() => {
  world.received.length = 0;
});

afterEach(() => {
  world.instead.clear();
});

const header = ['姓名', '身份证号', '手机号', '入会日期'];

function personRow(index: number): string[] {
  const { name, citizenNumber, mobile } = world.people.person(index);
  return [name, citizenNumber, mobile, '2025-05-01'];
}

function csv(rows: readonly (readonly string[])[]) {
  const raw = rows.map((row) => row.join(',')).join('\r\n');
  return { raw, headers: { 'content-type': spreadsheetTypes.csv } };
}

const path = '/members/import?unionId=works';

describe('An import', () => {
  it('tells for every row how it ended, in the language of the caller', async () => {
    const [name = '', number = '', mobile = ''] = personRow(1);
    const wrong = `${number.slice(0, 17)}${number.endsWith('1') ? '2' : '1'}`;
    const rows = [
      header,
      personRow(0),
      [name, wrong, mobile, ''],
      ['', number, '', ''],
      [],
      [name, number, '12345', ''],
      [name, number, mobile, '2025-02-30'],
      [name, number, mobile, '2100-01-01'],
      personRow(0),
      personRow(500),
      personRow(501),
      [name, number, mobile, '2025/5/1'],
    ];
    world.instead.set('members.enrolMember', duplicateOf(501));
    const { raw, headers } = csv(rows);
    const answer = await cadre('POST', path, {
      raw,
      headers: { ...headers, 'accept-language': 'en' },
    });
    expect(answer.status).toBe(200);
    const { items, ...totals } = answer.body;
    expect(totals).toMatchObject({ dryRun: false, rows: 10, created: 2, skipped: 1, failed: 7 });
    expect(items.map(({ reason: _, id: __, ...item }: Record<string, unknown>) => item)).toEqual([
      { row: 2, status: 'created' },
      {
        row: 3,
        status: 'failed',
        field: 'citizenNumber',
        code: 'citizen-number-invalid-check-digit',
      },
      { row: 4, status: 'failed', field: 'name', code: 'name-missing' },
      { row: 6, status: 'failed', field: 'mobile', code: 'mobile-invalid' },
      { row: 7, status: 'failed', field: 'joinedOn', code: 'date-invalid' },
      { row: 8, status: 'failed', field: 'joinedOn', code: 'date-in-future' },
      { row: 9, status: 'failed', field: 'citizenNumber', code: 'import-row-duplicate' },
      { row: 10, status: 'skipped', field: 'citizenNumber', code: 'member-already-in-union' },
      { row: 11, status: 'failed', field: 'citizenNumber', code: 'member-duplicate' },
      { row: 12, status: 'created' },
    ]);
    expect(items[6].reason).toContain('row 2');
    expect(items.every(({ reason = '' }) => !/[\p{Script=Han}…]/u.test(reason))).toBe(true);
    expect(JSON.stringify(answer.body)).not.toContain(number.slice(6, 14));
    const sent = world.commandsReceived().map(({ request }) => request);
    expect(sent).toHaveLength(3);
    expect(sent[2]).toMatchObject({ unionId: 'works', joinedOn: '2025-05-01' });
  });

  it('answers a position with which its members are seen', async () => {
    const rows = Array.from({ length: 100 }, (_, i) => personRow(100 + i));
    const answer = await cadre('POST', path, csv([header, ...rows]));
    expect(answer.body).toMatchObject({ rows: 100, created: 100 });
    expect(answer.headers.get('unionfold-position')).toBe(answer.body.position);
    const found = await cadre('POST', '/members/search', {
      body: { citizenNumber: world.people.person(199).citizenNumber },
      headers: { 'unionfold-position': answer.body.position },
    });
    expect(found.body.items).toHaveLength(1);
  });

  it('that only checks changes nothing and tells the same', async () => {
    const file = csv([header, personRow(300), personRow(500), personRow(501), ['', '', '', 'x']]);
    const answer = await cadre('POST', `${path}&dryRun=true`, file);
    expect(answer.body).toMatchObject({ dryRun: true, rows: 4, created: 1, skipped: 1, failed: 2 });
    expect(answer.body.position).toBe('');
    expect(world.commandsReceived()).toEqual([]);
  });

  it('reads a spreadsheet as well, with dates and long numbers as they are', async () => {
    const [name = '', number = '', mobile = ''] = personRow(310);
    const text = (value: string) => ({ value, type: String });
    const sheet = await writeXlsxFile([
      ['name', 'citizenNumber', 'mobile', 'joinedOn'].map(text),
      [
        text(name),
        text(number),
        { value: Number(mobile), type: Number },
        { value: new Date('2025-04-30T00:00:00Z'), type: Date, format: 'yyyy-mm-dd' },
      ],
      [text('李四'), { value: Number(number), type: Number }, text(''), text('')],
    ]).toBuffer();
    const answer = await cadre('POST', path, {
      raw: new Uint8Array(sheet),
      headers: { 'content-type': spreadsheetTypes.xlsx },
    });
    expect(answer.body).toMatchObject({
      rows: 2,
      created: 1,
      failed: 1,
      items: [{ row: 2 }, { row: 3, field: 'citizenNumber' }],
    });
    expect(world.commandsReceived()).toMatchObject([
      { request: { name, citizenNumber: number, mobile, joinedOn: '2025-04-30' } },
    ]);
  });

  it('sent again with its key goes on where it was, bad rows corrected or not', async () => {
    const rows = [personRow(320), personRow(321), ['李四', '1', '', ''], personRow(322)];
    let accepted = 0;
    const keys = () => world.commandsReceived().map(({ origin }) => origin.idempotencyKey);
    world.instead.set('members.enrolMember', async (_request, call) => {
      if (accepted === 1) throw new Error('the process dies');
      accepted++;
      return await world.accept('members', call, { aggregate: 'test', id: 'x' }, []);
    });
    const headers = { 'content-type': spreadsheetTypes.csv, 'idempotency-key': 'import-1' };
    const { raw } = csv([header, ...rows]);
    expect((await cadre('POST', path, { raw, headers })).status).toBe(500);
    const first = keys();
    world.instead.clear();
    world.received.length = 0;
    const corrected = csv([header, personRow(330), ...rows.slice(0, 2), ...rows.slice(3)]);
    const again = await cadre('POST', path, { raw: corrected.raw, headers });
    expect(again.body).toMatchObject({ rows: 4, created: 4, failed: 0 });
    expect(new Set(keys()).size).toBe(4);
    expect(first.every((key) => key !== undefined && keys().includes(key))).toBe(true);
  });

  it('without its key has none for its rows either', async () => {
    await cadre('POST', path, csv([header, personRow(340)]));
    expect(world.commandsReceived()[0]?.origin).not.toHaveProperty('idempotencyKey');
  });

  it('stops when the service is down, with Retry-After', async () => {
    await world.stop('members');
    try {
      const answer = await cadre('POST', path, csv([header, personRow(350)]));
      expect(answer).toMatchObject({ status: 503, body: { code: 'service-unavailable' } });
      expect(answer.headers.has('retry-after')).toBe(true);
    } finally {
      await world.start('members');
    }
  });

  it('stops when the union takes nobody, instead of refusing every row', async () => {
    world.instead.set('members.enrolMember', async () => ({
      refused: 'union-dissolved',
      field: 'unionId',
    }));
    const answer = await cadre('POST', path, csv([header, personRow(351), personRow(352)]));
    expect(answer).toMatchObject({ status: 409, body: { code: 'union-dissolved' } });
  });

  it.each([
    ['no rows', csv([header]), 'import-empty'],
    ['nothing at all', csv([]), 'import-missing-column'],
    ['no column of names', csv([['身份证号'], ['1']]), 'import-missing-column'],
    ['a column that nobody knows', csv([[...header, '工资'], ['a']]), 'import-unknown-column'],
    ['a column twice', csv([[...header, '姓名'], ['a']]), 'import-unknown-column'],
    [
      'too many rows',
      csv([header, ...Array.from({ length: mostRows + 1 }, () => ['a', 'b'])]),
      'import-too-many-rows',
    ],
    [
      'lines past the limit, empty ones included',
      csv([header, ...Array.from({ length: 20_000 }, () => []), ['王', '1']]),
      'import-too-many-lines',
    ],
    [
      'an archive that is called CSV',
      { raw: 'PK\u0003\u0004', headers: { 'content-type': spreadsheetTypes.csv } },
      'import-file-unreadable',
    ],
    [
      'CSV that is called a spreadsheet',
      { raw: 'a,b', headers: { 'content-type': spreadsheetTypes.xlsx } },
      'import-file-unreadable',
    ],
  ])('with %s is refused whole', async (_, file, code) => {
    const answer = await cadre('POST', path, file);
    expect(answer).toMatchObject({ status: 422, body: { code } });
    expect(answer.body.detail).not.toContain('…');
    expect(world.commandsReceived()).toEqual([]);
  });
});

/** Refuses one person as the members service does, and takes all others. */
function duplicateOf(index: number): Handler {
  const { citizenNumber } = world.people.person(index);
  let id = 0;
  return async (request, call) =>
    request.citizenNumber === citizenNumber
      ? { refused: 'member-duplicate', field: 'citizenNumber' }
      : await world.accept('members', call, { aggregate: 'test', id: String(id++) }, []);
}
