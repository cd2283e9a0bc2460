import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type UnionRecord, UnionType } from '@unionfold/contracts';
import {
  OrganizationsServiceService,
  type UnionRow,
  UnionRowOutcome,
  UnionRowsServiceService,
} from '@unionfold/contracts/organizations';
import { isRefusal } from '@unionfold/eventsourcing';
import {
  createLogger,
  type Platform,
  type RunningService,
  remoteService,
  ServiceDirectory,
  startService,
} from '@unionfold/service-kit';
import { openTestPlatform, removeTestPlatform } from '@unionfold/service-kit/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { organizationsModule } from '../service.ts';

let folder: string;
let platform: Platform;
let service: RunningService;
let directory: ServiceDirectory;

const origin = { actor: 'cadre', correlationId: 'test' };
const record: UnionRecord = {
  legalPerson: false,
  certificateNumber: '',
  certificateValidUntil: '',
  address: '',
  addressRegionCode: '',
  contactOffice: '',
  contactPhone: '',
  duties: '',
  functions: [],
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unionfold-union-rows-'));
  platform = await openTestPlatform({ dataDir: folder, partitions: 3 });
  directory = new ServiceDirectory();
  const logger = createLogger('silent');
  service = await startService(organizationsModule, { platform, directory, logger });
  directory.set('organizations', `127.0.0.1:${service.port}`);
  const top = await organizations().establishUnion(
    {
      ...row({ unionId: 'cn', type: UnionType.UNION_TYPE_NATIONAL }),
      approvalDocument: '批',
      approvedByUnionId: 'cn',
      synthetic: true,
    },
    origin,
  );
  expect(isRefusal(top)).toBe(false);
});

afterEach(async () => {
  await service.stop();
  directory.close();
  await platform.close();
  await removeTestPlatform(folder);
  await rm(folder, { recursive: true });
});

function organizations() {
  return remoteService(OrganizationsServiceService, 'organizations', directory);
}

function row(given: Partial<UnionRow>): UnionRow {
  return {
    key: '',
    unionId: '',
    onlyNew: false,
    name: `工会 ${given.unionId ?? ''}`,
    type: UnionType.UNION_TYPE_UNSPECIFIED,
    territorialParentId: '',
    industryParentId: '',
    regionCode: '',
    creditCode: '',
    foundedOn: '',
    approvalDocument: '',
    approvedByUnionId: '',
    recordFields: [],
    record,
    unit: undefined,
    unitFields: [],
    ...given,
  };
}

/** A new union under the nation, approved by it. */
function founded(unionId: string, given: Partial<UnionRow> = {}): UnionRow {
  return row({
    unionId,
    type: UnionType.UNION_TYPE_ENTERPRISE,
    territorialParentId: 'cn',
    approvalDocument: '批',
    approvedByUnionId: 'cn',
    ...given,
  });
}

async function put(rows: UnionRow[], dryRun = false, uppers: UnionRow[] = []) {
  const rowsService = remoteService(UnionRowsServiceService, 'organizations', directory);
  const answer = await rowsService.putUnionRows({ rows, dryRun, uppers }, origin);
  if (isRefusal(answer)) throw new Error(answer.refused);
  return answer.results.map(({ outcome, code, field }) =>
    outcome === UnionRowOutcome.UNION_ROW_OUTCOME_REFUSED
      ? `${code} ${field}`.trim()
      : outcome.replace('UNION_ROW_OUTCOME_', '').toLowerCase(),
  );
}

async function versionOf(unionId: string): Promise<bigint> {
  const answer = await organizations().getUnion({ unionId }, origin);
  return isRefusal(answer) ? 0n : answer.version;
}

describe('A row', () => {
  it('establishes, changes, and leaves as it is', async () => {
    expect(await put([founded('a')])).toEqual(['created']);
    const version = await versionOf('a');
    expect(await put([founded('a')])).toEqual(['unchanged']);
    expect(await versionOf('a')).toBe(version);
    expect(await put([founded('a', { name: '新名' })])).toEqual(['updated']);
    const told = { recordFields: ['duties'], record: { ...record, duties: '维权', address: '甲' } };
    expect(await put([row({ unionId: 'a', name: '', ...told })])).toEqual(['updated']);
    const answer = await organizations().getUnionRecord({ unionId: 'a' }, origin);
    // A column that the table has not says nothing.
    expect(answer).toMatchObject({ record: { duties: '维权', address: '' } });
  });

  it('with a key that was used tells what it told at first, and does nothing', async () => {
    const first = founded('b', { key: 'cadre:import/1/2' });
    expect(await put([first])).toEqual(['created']);
    const version = await versionOf('b');
    await put([row({ unionId: 'b', name: '改名' })]);
    expect(await put([first])).toEqual(['created']);
    expect(await versionOf('b')).toBe(version + 1n);
  });

  it('is done whole or not at all', async () => {
    await put([founded('c')]);
    const version = await versionOf('c');
    const half = row({
      unionId: 'c',
      name: '改名',
      recordFields: ['contactPhone'],
      record: { ...record, contactPhone: '无' },
    });
    expect(await put([half])).toEqual(['phone-invalid record.contactPhone']);
    expect(await versionOf('c')).toBe(version);
  });

  it('that is only tried, after those above it, changes nothing', async () => {
    const upper = founded('d');
    const lower = founded('d-1', {
      type: UnionType.UNION_TYPE_SUB_UNION,
      territorialParentId: 'd',
    });
    expect(await put([lower], true)).toEqual(['parent-unknown territorialParentId']);
    expect(await put([lower], true, [upper])).toEqual(['created']);
    expect([await versionOf('d'), await versionOf('d-1')]).toEqual([0n, 0n]);
  });

  it('covers a unit, and of one that is covered changes what it tells', async () => {
    const unit = {
      creditCode: '91370202YXMQJBGD3Q',
      name: '甲厂',
      ...{ ownership: '170', industry: 'C34', employees: 9 },
      ...{ women: 1, migrantWorkers: 0, dispatched: 0, newForms: 0 },
    };
    await put([founded('o')]);
    const told = row({ unionId: 'o', name: '', unit, unitFields: Object.keys(unit) });
    expect(await put([told], true)).toEqual(['updated']);
    expect(await put([told])).toEqual(['updated']);
    expect(await put([told])).toEqual(['unchanged']);
    const grown = { ...unit, name: '', employees: 10 };
    expect(await put([{ ...told, unit: grown, unitFields: ['employees'] }])).toEqual(['updated']);
    const answer = await organizations().getUnionRecord({ unionId: 'o' }, origin);
    expect(answer).toMatchObject({ units: [{ name: '甲厂', employees: 10, women: 1 }] });
    const wrong = { ...unit, women: 11 };
    expect(await put([{ ...told, unit: wrong }])).toEqual(['headcount-invalid unit.women']);
  });

  it('that tells of a further unit is tried after the one that tells of the union', async () => {
    const [one, two] = ['91370202YXMQJBGD3Q', '91370202YXK35Q9W4A'].map((creditCode) => ({
      creditCode,
      ...{ name: creditCode, ownership: '', industry: '', employees: 0 },
      ...{ women: 0, migrantWorkers: 0, dispatched: 0, newForms: 0 },
    }));
    const main = founded('p', { unit: one, unitFields: ['name'] });
    const further = row({ unionId: 'p', name: '', unit: two, unitFields: ['name'] });
    expect(await put([further], true, [main])).toEqual(['updated']);
    expect(await put([further], true)).not.toEqual(['updated']);
  });

  it('establishes what was being prepared, and keeps a prepared one that it says nothing new of', async () => {
    const prepared = { name: '筹建中', territorialParentId: 'cn', regionCode: '', synthetic: true };
    await organizations().prepareUnion({ unionId: 'e', ...prepared }, origin);
    expect(await put([row({ unionId: 'e', name: '筹建中', territorialParentId: 'cn' })])).toEqual([
      'unchanged',
    ]);
    expect(await put([founded('e')])).toEqual(['updated']);
  });

  it('approves a union that waits for it', async () => {
    expect(await put([founded('f', { approvalDocument: '', approvedByUnionId: '' })])).toEqual([
      'created',
    ]);
    expect(await put([founded('f')])).toEqual(['updated']);
    expect(await put([founded('f')])).toEqual(['unchanged']);
  });

  it.each([
    ['type', { type: UnionType.UNION_TYPE_JOINT }],
    ['regionCode', { regionCode: '370202' }],
    ['foundedOn', { foundedOn: '2020-01-01' }],
  ])('does not change %s, which takes an approved change', async (field, given) => {
    await put([founded('g')]);
    expect(await put([founded('g', given)])).toEqual([`import-field-fixed ${field}`]);
  });

  it('does nothing with a union that was dissolved, nor with one that it takes for new', async () => {
    await put([founded('h'), founded('i')]);
    await organizations().dissolveUnion(
      { unionId: 'h', successorId: 'i', reason: '', expectedVersion: 0n },
      origin,
    );
    expect(await put([founded('h'), founded('i', { onlyNew: true })])).toEqual([
      'union-dissolved unionId',
      'id-taken unionId',
    ]);
  });

  it('meets the others of its call: a code is given once, a circle is not closed', async () => {
    const code = '81370200MC4562899Q';
    await put([founded('k'), founded('l')]);
    const circle = await put([
      row({ unionId: 'k', name: '', territorialParentId: 'l' }),
      row({ unionId: 'l', name: '', territorialParentId: 'k' }),
    ]);
    expect(circle.filter((one) => one === 'updated').length).toBeLessThan(2);
    const codes = await put([
      founded('m', { creditCode: code }),
      founded('n', { creditCode: code }),
    ]);
    expect(codes.filter((one) => one === 'created').length).toBeLessThan(2);
  });
});
