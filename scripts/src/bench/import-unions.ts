import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { federations, synthetic } from '@unionfold/codes';
import { UnionType } from '@unionfold/contracts';
import { OrganizationsServiceService } from '@unionfold/contracts/organizations';
import { createLogger, remoteService } from '@unionfold/service-kit';
import { startEmbeddedNode } from '../node/embedded-node.ts';
import { signIn, startChild } from './child.ts';
import type { Bench } from './figures.ts';
import { inFolder } from './folder.ts';

const lookMs = 250;
const probeMs = 20;
const xlsx = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

/** What an import answers. */
interface Progress {
  readonly id: string;
  readonly state: string;
  readonly rows: number;
  readonly done: number;
  readonly created: number;
  readonly updated: number;
  readonly skipped: number;
  readonly failed: number;
  readonly position: string;
}

/**
 * Importing a tree of unions over HTTP: all federations down to the townships, lower ones before upper ones, and
 * enterprise unions with their records to make up the number; then its export, and that export's import, which has to
 * find nothing changed; and the same as a workbook, which is tried. `seconds` is from sending the file to the import's
 * end, looked at every quarter of a second; `visible_after_seconds` is what the directory needs from then on to show all
 * of it. All the while somebody else asks `/healthz` every 20 ms: `others_wait_…_ms` is the longest that any was kept.
 */
export const importUnions: Bench = ({ unions = 50_000, tell }) =>
  inFolder(async (dataDir) => {
    await establishRoot(dataDir);
    const table = tableOf(unions);
    const platform = await startChild(dataDir);
    try {
      const token = await signIn(platform.url, 'cn', 'bench');
      const headers = { authorization: `Bearer ${token}` };
      const carriedOut = async (
        body: string | Uint8Array<ArrayBuffer>,
        what: string,
        { type = 'text/csv', dryRun = false } = {},
      ) => {
        const began = performance.now();
        const answer = await fetch(`${platform.url}/api/v1/imports/unions?dryRun=${dryRun}`, {
          method: 'POST',
          headers: { ...headers, 'content-type': type },
          body,
        });
        if (answer.status !== 202) throw new Error(`${answer.status} ${await answer.text()}`);
        let progress = (await answer.json()) as Progress;
        const acceptedSeconds = (performance.now() - began) / 1_000;
        for (let told = began; progress.state !== 'finished'; ) {
          await sleep(lookMs);
          const now = await fetch(`${platform.url}/api/v1/imports/${progress.id}`, { headers });
          progress = (await now.json()) as Progress;
          if (performance.now() - told < 5_000) continue;
          told = performance.now();
          tell(`${what}: ${progress.done} of ${progress.rows}`);
        }
        const seconds = (performance.now() - began) / 1_000;
        const { rows, created, updated, skipped, failed } = progress;
        if (created + updated + skipped + failed !== rows) throw new Error('counts do not add up');
        return { ...progress, seconds, acceptedSeconds };
      };
      const others = await Bystander.of(platform.url);
      const first = await carriedOut(table, 'import');
      const importWait = await others.longestMs();
      if (first.created !== unions) throw new Error(`${first.created} of ${unions} were created`);
      const shown = performance.now();
      const place = `${platform.url}/api/v1/unions/cn?position=${first.position}`;
      while ((await fetch(place, { headers })).status !== 200) await sleep(lookMs);
      const visibleSeconds = (performance.now() - shown) / 1_000;
      const visibleWait = await others.longestMs();
      const began = performance.now();
      const exported = await fetch(`${platform.url}/api/v1/exports/unions`, { headers });
      const file = await exported.text();
      const exportSeconds = (performance.now() - began) / 1_000;
      const exportWait = await others.longestMs();
      const again = await carriedOut(file, 'import of the export');
      const againWait = await others.longestMs();
      if (again.skipped !== unions + 1) throw new Error(`${again.skipped} were skipped`);
      const packed = performance.now();
      const answer = await fetch(`${platform.url}/api/v1/exports/unions?format=xlsx`, { headers });
      const workbook = new Uint8Array(await answer.arrayBuffer());
      const workbookSeconds = (performance.now() - packed) / 1_000;
      const workbookWait = await others.longestMs();
      const options = { type: xlsx, dryRun: true };
      const tried = await carriedOut(workbook, 'trial of the workbook', options);
      const trialWait = await others.longestMs();
      await others.end();
      if (tried.skipped !== unions + 1) throw new Error(`${tried.skipped} were skipped`);
      return {
        rows: first.rows,
        seconds: first.seconds,
        visible_after_seconds: visibleSeconds,
        accepted_seconds: first.acceptedSeconds,
        export_seconds: exportSeconds,
        again_seconds: again.seconds,
        workbook_export_seconds: workbookSeconds,
        workbook_accepted_seconds: tried.acceptedSeconds,
        workbook_trial_seconds: tried.seconds,
        others_wait_import_ms: importWait,
        others_wait_visible_ms: visibleWait,
        others_wait_export_ms: exportWait,
        others_wait_again_ms: againWait,
        others_wait_workbook_ms: workbookWait,
        others_wait_trial_ms: trialWait,
        resident_mb: platform.residentMb(),
      };
    } finally {
      await platform.stop();
    }
  });

/** Somebody who has nothing to do with the import, in a thread of their own, so that only the platform makes them wait. */
class Bystander {
  readonly #worker: Worker;

  private constructor(worker: Worker) {
    this.#worker = worker;
  }

  static async of(url: string): Promise<Bystander> {
    const worker = new Worker(asking, { eval: true, workerData: { url, probeMs } });
    await once(worker, 'online');
    return new Bystander(worker);
  }

  /** The longest wait since the last time that this was asked. */
  async longestMs(): Promise<number> {
    const told = once(this.#worker, 'message');
    this.#worker.postMessage('tell');
    const [longest] = (await told) as [number];
    return longest;
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}

const asking = `
const { parentPort, workerData } = require('node:worker_threads');
const { setTimeout: sleep } = require('node:timers/promises');
let longest = 0;
parentPort.on('message', () => {
  parentPort.postMessage(longest);
  longest = 0;
});
(async () => {
  for (;;) {
    const began = performance.now();
    await (await fetch(workerData.url + '/healthz')).text();
    longest = Math.max(longest, performance.now() - began);
    await sleep(workerData.probeMs);
  }
})();
`;

async function establishRoot(dataDir: string): Promise<void> {
  const node = await startEmbeddedNode({
    dataDir,
    host: '127.0.0.1',
    port: 0,
    logger: createLogger('warn'),
  });
  const organizations = remoteService(OrganizationsServiceService, 'organizations', node.directory);
  await organizations.establishUnion(
    {
      unionId: 'cn',
      name: '中华全国总工会',
      type: UnionType.UNION_TYPE_NATIONAL,
      territorialParentId: '',
      industryParentId: '',
      regionCode: '000000',
      creditCode: '',
      foundedOn: '1925-05-01',
      synthetic: false,
      approvalDocument: '基础数据',
      approvedByUnionId: 'cn',
    },
    { actor: 'bench', correlationId: 'bench' },
  );
  await node.stop();
}

function tableOf(unions: number): string {
  const townships = unions > 10_000;
  const tree = federations(townships ? { townships: 'all' } : {}).filter(({ id }) => id !== 'cn');
  const counties = tree.filter(({ type }) => type === 'COUNTY');
  const source = synthetic(1);
  const enterprises = Array.from({ length: Math.max(unions - tree.length, 0) }, (_, index) => {
    const county = counties[(index * 7_919) % counties.length];
    const enterprise = source.enterprise(index, county?.regionCode ?? '370202');
    return [
      `e-${index}`,
      enterprise.unionName,
      'enterprise',
      county?.id ?? 'cn',
      enterprise.regionCode,
      enterprise.unionCreditCode,
      enterprise.unionFoundedOn,
      '基础数据',
      '办公楼 1 号',
      '办公室',
      '0532-80000000',
      '维护、建设',
    ];
  });
  const rows = tree.map(({ id, name, type, parentId = '', regionCode }) => [
    id,
    name,
    type.toLowerCase(),
    parentId,
    regionCode,
    '',
    '',
    '基础数据',
    '',
    '',
    '',
    '',
  ]);
  const header = [
    ...['id', 'name', 'type', 'territorialParentId', 'regionCode', 'creditCode', 'foundedOn'],
    ...['approvalDocument', 'address', 'contactOffice', 'contactPhone', 'functions'],
  ];
  return [header, ...enterprises, ...rows.slice(0, unions).toReversed()]
    .map((cells) => cells.join(','))
    .join('\n');
}
