import { setTimeout as sleep } from 'node:timers/promises';
import { type UnionRow, UnionRowOutcome } from '@unionfold/contracts/organizations';
import type { DocumentStore, ProjectionRunner } from '@unionfold/eventsourcing';
import { createLogger } from '@unionfold/service-kit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { GatewayWorld } from '../gateway-world.fixture.ts';
import { Jurisdiction } from '../jurisdiction/jurisdiction.ts';
import type { Services } from '../services.ts';
import { type ImportDocument, storeImport } from './import-job.ts';
import { deleteOldImports, keptDays } from './import-retention.ts';
import { ImportWorker } from './import-worker.ts';
import { fieldsOf } from './union-columns.ts';

const titles = ['工会编号', '工会名称', '工会类型', '上级工会编号'];
const count = 2_500;
const patience = { timeout: 20_000, interval: 20 };

let world: GatewayWorld;
let documents: DocumentStore;
const workers: ImportWorker[] = [];
/** What the owner has established, by the keys of the rows, and how often each was asked for. */
const established = new Map<string, UnionRow>();
let asked = 0;
let imports = 0;
let id = '';

beforeAll(async () => {
  world = await GatewayWorld.open();
  await world.union('works', '');
  await world.settle();
  documents = await world.platform.documents('gateway');
});

afterAll(async () => {
  await world.close();
});

beforeEach(async () => {
  established.clear();
  asked = 0;
  imports += 1;
  id = `import${imports}`;
});

afterEach(async () => {
  for (const one of workers.splice(0)) await one.stop();
});

/** An owner that does a row once, as its receipts have it. */
const putUnionRows: Services['unionRows']['putUnionRows'] = async ({ rows }) => {
  asked += rows.length;
  for (const row of rows) established.set(row.key, row);
  return {
    results: rows.map(() => ({
      outcome: UnionRowOutcome.UNION_ROW_OUTCOME_CREATED,
      code: '',
      field: '',
      params: {},
      positions: [],
    })),
  };
};

function worker(
  options: Partial<ConstructorParameters<typeof ImportWorker>[0]> = {},
): ImportWorker {
  const federation = world.gateway.projections[0] as ProjectionRunner;
  const services = { organizations: {} } as unknown as Services;
  const made = new ImportWorker({
    documents,
    federation,
    log: world.platform.log,
    services: { unionRows: { putUnionRows } },
    jurisdiction: new Jurisdiction({ federation, services }),
    logger: createLogger('silent'),
    clock: () => new Date(),
    ...options,
  });
  workers.push(made);
  return made;
}

/** Stores an import of these rows, or of many new unions. */
async function store(
  rows: readonly (readonly string[])[] = Array.from({ length: count }, (_, index) => [
    '',
    `工会${index}`,
    '基层工会',
    'works',
  ]),
): Promise<void> {
  await storeImport(documents, {
    id,
    caller: { subject: 'somebody', unionId: 'works', role: 'cadre', memberId: '' },
    correlationId: 'test',
    dryRun: false,
    titles,
    fields: fieldsOf(titles, []),
    rows: rows.map((cells, index) => ({ row: index + 2, cells })),
    fingerprint: '',
    at: new Date(),
  });
}

async function job(): Promise<ImportDocument> {
  return (await documents.get('imports', id)) as ImportDocument;
}

describe('The worker of imports', () => {
  it('deletes what was submitted long ago with its rows, and keeps what is newer or still open', async () => {
    const day = 86_400_000;
    const submitted = async (name: string, daysAgo: number, change: Partial<ImportDocument>) => {
      id = `${name}-${imports}`;
      await store([['', '甲', '基层工会', 'works']]);
      const at = Date.now() - daysAgo * day;
      const document = { ...(await job()), age: -at, ...change } as ImportDocument;
      await documents.commit({ puts: [{ collection: 'imports', document }] });
      return id;
    };
    const over = { open: false, state: 'finished' } as const;
    const old = await submitted('old', keptDays + 1, over);
    const left = await submitted('left', keptDays + 1, { open: false, state: 'receiving' });
    const young = await submitted('young', keptDays - 1, over);
    const running = await submitted('running', keptDays + 1, {});
    const count = await deleteOldImports(documents, new Date(), new AbortController().signal);
    expect(count).toBe(2);
    const kept = await documents.getMany('imports', [old, left, young, running]);
    expect([...kept.keys()].toSorted()).toEqual([running, young]);
    const rows = async (importId: string) =>
      await documents.count('import_rows', { where: { importId }, limit: 9 });
    expect(await Promise.all([old, left, young, running].map(rows))).toEqual([0, 0, 1, 1]);
    const done = { ...(kept.get(running) as ImportDocument), ...over };
    await documents.commit({ puts: [{ collection: 'imports', document: done }] });
  });

  it('does what was done and not stored again, under the same keys, and counts it once', async () => {
    await store();
    let changes = 0;
    // From the second change of rows on, this process is as good as dead.
    const dying = new Proxy(documents, {
      get: (target, name) => {
        if (name !== 'commit') return Reflect.get(target, name).bind(target);
        return async (change: Parameters<DocumentStore['commit']>[0]) => {
          if (change.puts?.some(({ collection }) => collection === 'import_rows')) changes += 1;
          if (changes > 1) throw new Error('power cut');
          await target.commit(change);
        };
      },
    });
    const first = worker({ documents: dying });
    first.submit(id);
    await vi.waitFor(() => expect(changes).toBeGreaterThan(1), patience);
    await first.stop();
    const left = await job();
    expect(left.open).toBe(true);
    expect(left.created).toBeLessThan(asked);
    const second = worker();
    await second.start();
    await vi.waitFor(async () => expect(await job()).toMatchObject({ open: false }), patience);
    expect(await job()).toMatchObject({ rows: count, created: count, failed: 0 });
    expect(asked).toBeGreaterThan(count);
    expect(established.size).toBe(count);
    expect(new Set([...established.values()].map(({ unionId }) => unionId)).size).toBe(count);
  });

  it('takes over what another has gone silent about; the other writes nothing more', async () => {
    await store();
    let answers = 0;
    let release: () => void = () => undefined;
    const frozen = new Promise<void>((resolve) => {
      release = resolve;
    });
    const slow = worker({
      services: {
        unionRows: {
          putUnionRows: async (request, origin) => {
            const answer = await putUnionRows(request, origin);
            await frozen;
            answers += 1;
            return answer;
          },
        },
      },
    });
    slow.submit(id);
    await vi.waitFor(() => expect(asked).toBeGreaterThan(0), patience);
    const peers = { lookMs: 1_000, graceMs: 5_000 };
    await worker({ peers, beatMs: 50, silenceMs: 300 }).start();
    await vi.waitFor(async () => expect(await job()).toMatchObject({ open: false }), patience);
    const finished = await job();
    expect(finished).toMatchObject({ created: count });
    release();
    await vi.waitFor(() => expect(answers).toBeGreaterThan(3), patience);
    await sleep(100);
    expect(await job()).toEqual(finished);
  });

  it('leaves alone what another is at', async () => {
    await store();
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const busy = worker({
      beatMs: 50,
      services: {
        unionRows: {
          putUnionRows: async (request, origin) => {
            await held;
            return await putUnionRows(request, origin);
          },
        },
      },
    });
    busy.submit(id);
    const peers = { lookMs: 1_000, graceMs: 5_000 };
    await worker({ peers, beatMs: 50, silenceMs: 1_000 }).start();
    await sleep(2_000);
    expect(asked).toBe(0);
    release();
    await vi.waitFor(async () => expect(await job()).toMatchObject({ open: false }), patience);
    expect(asked).toBe(count);
  });

  it('refuses what has left the jurisdiction meanwhile like what there never was', async () => {
    await world.union('mill', '');
    await world.union('shop', 'works');
    await world.settle();
    const cells = [
      ['works-new', '新厂', '基层工会', 'works'],
      // Waits for the row above, and has moved away by then.
      ['shop', '改名', '', 'works-new'],
    ];
    await store(cells);
    const asked: string[] = [];
    const moving = worker({
      services: {
        unionRows: {
          putUnionRows: async (request, origin) => {
            asked.push(...request.rows.map(({ unionId }) => unionId));
            await world.move('shop', 'works', 'mill');
            await world.settle();
            return await putUnionRows(request, origin);
          },
        },
      },
    });
    moving.submit(id);
    await vi.waitFor(async () => expect(await job()).toMatchObject({ open: false }), patience);
    expect(await job()).toMatchObject({ rows: 2, created: 1, failed: 1 });
    expect(asked).toEqual(['works-new']);
    const [row] = await documents.find('import_rows', {
      where: { importId: id, result: 'failed' },
      limit: 1,
    });
    expect(row).toMatchObject({ code: 'import-id-unavailable', field: 'id' });
  });

  it('carries out another while one waits for its owner', async () => {
    await store();
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const first = id;
    const busy = worker({
      services: {
        unionRows: {
          putUnionRows: async (request, origin) => {
            if (request.rows.some(({ key }) => key.includes(`/${first}/`))) await held;
            return await putUnionRows(request, origin);
          },
        },
      },
    });
    busy.submit(first);
    id = `${first}b`;
    await store([['', '后来的', '基层工会', 'works']]);
    busy.submit(id);
    await vi.waitFor(async () => expect(await job()).toMatchObject({ open: false }), patience);
    expect(await job()).toMatchObject({ created: 1 });
    id = first;
    expect(await job()).toMatchObject({ open: true, created: 0 });
    release();
    await vi.waitFor(async () => expect(await job()).toMatchObject({ open: false }), patience);
    expect(await job()).toMatchObject({ created: count });
  });
});
