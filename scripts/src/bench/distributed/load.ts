import { federations, synthetic } from '@unionfold/codes';
import { UnionType } from '@unionfold/contracts';
import { OrganizationsServiceService } from '@unionfold/contracts/organizations';
import { eventsTopic, isRefusal } from '@unionfold/eventsourcing';
import { MasterKey } from '@unionfold/privacy';
import {
  createLogger,
  openDistributedPlatform,
  readDistributedSettings,
  remoteService,
  ServiceDirectory,
} from '@unionfold/service-kit';
import { environmentOf } from '../../infra/addresses.ts';
import { DistributedProcesses } from '../../node/distributed-processes.ts';
import { readModelShows } from '../../node/read-model-shows.ts';
import { forEachConcurrently } from '../../seed/concurrency.ts';
import type { Bench } from '../figures.ts';
import { inDatabase } from './in-database.ts';
import { ProcessorUse } from './processor-use.ts';
import { serverProcesses } from './server-processes.ts';

const width = 256;
/** Longest time that the read model may take to catch up. */
const catchUpMs = 3 * 3_600_000;
/** How often the load says how far it is, in unions. */
const told = 50_000;

/**
 * Loading a whole nation's unions, each by its own command: the federations down to the townships, and enterprise unions
 * spread over the counties to make up the number; until the gateway's read model shows all of them.
 */
export const load: Bench = ({ unions = 100_000, tell }) =>
  inDatabase(async ({ addresses, prefix }) => {
    const environment = {
      ...process.env,
      ...environmentOf(addresses),
      PREFIX: prefix,
      MASTER_KEY: MasterKey.generate().toText(),
      LOG_LEVEL: 'error',
    } as Readonly<Record<string, string>>;
    const processes = await DistributedProcesses.start({
      replicas: 1,
      host: '127.0.0.1',
      port: 0,
      environment,
      onLine: (name, line) => tell(`${name} ${line}`),
    });
    const platform = await openDistributedPlatform({
      ...readDistributedSettings(environment),
      logger: createLogger('error'),
    });
    const directory = new ServiceDirectory();
    try {
      await processes.listening();
      for (const [name, address] of processes.addresses) directory.set(name, address);
      const use = new ProcessorUse(
        await serverProcesses(),
        processes.replicas.flatMap(({ pid }) => pid ?? []),
      );
      const began = performance.now();
      const positions = await establishAll(directory, unions, tell);
      const acceptedS = (performance.now() - began) / 1_000;
      const targets = [...positions].map(([partition, position]) => ({
        topic: eventsTopic('organizations'),
        partition,
        position,
      }));
      const documents = await platform.documents('gateway');
      if (!(await readModelShows(documents, 'federation')(targets, catchUpMs))) {
        throw new Error('the read model did not catch up');
      }
      const visibleS = (performance.now() - began) / 1_000;
      return {
        unions,
        accepted_s: acceptedS,
        accepted_per_s: unions / acceptedS,
        visible_s: visibleS,
        visible_per_s: unions / visibleS,
        ...use.lap(),
      };
    } finally {
      directory.close();
      await platform.close();
      await processes.stop();
    }
  });

/** @returns the last position in each partition */
async function establishAll(
  directory: ServiceDirectory,
  unions: number,
  tell: (line: string) => void,
): Promise<Map<number, number>> {
  const organizations = remoteService(OrganizationsServiceService, 'organizations', directory);
  const positions = new Map<number, number>();
  let done = 0;
  const establish = async (union: {
    readonly id: string;
    readonly name: string;
    readonly type: UnionType;
    readonly parentId: string;
    readonly regionCode: string;
  }) => {
    const answer = await organizations.establishUnion(
      {
        unionId: union.id,
        name: union.name,
        type: union.type,
        territorialParentId: union.parentId,
        industryParentId: '',
        regionCode: union.regionCode,
        creditCode: '',
        foundedOn: '',
        synthetic: true,
        approvalDocument: '基础数据导入',
        approvedByUnionId: union.parentId === '' ? union.id : union.parentId,
      },
      { actor: 'bench', correlationId: 'bench' },
    );
    if (isRefusal(answer)) throw new Error(`${union.id} was refused: ${answer.refused}`);
    for (const { partition, position } of answer.positions) {
      positions.set(partition, Math.max(positions.get(partition) ?? 0, Number(position)));
    }
    done += 1;
    if (done % told === 0) tell(`${done} unions`);
  };
  const tree = federations(unions > 50_000 ? { townships: 'all' } : {});
  for (const level of levels) {
    await forEachConcurrently(
      tree.filter(({ type }) => type === level),
      width,
      async (union) =>
        await establish({
          ...union,
          type: UnionType[`UNION_TYPE_${level}`],
          parentId: union.parentId ?? '',
        }),
    );
  }
  const counties = tree.filter(({ type }) => type === 'COUNTY');
  const source = synthetic(1);
  await forEachConcurrently(numbers(unions - tree.length), width, async (index) => {
    const county = counties[index % counties.length];
    if (county === undefined) throw new Error('there are no counties');
    await establish({
      id: `load-${index}`,
      name: source.enterprise(index, county.regionCode).unionName,
      type: UnionType.UNION_TYPE_ENTERPRISE,
      parentId: county.id,
      regionCode: county.regionCode,
    });
  });
  return positions;
}

const levels = ['NATIONAL', 'INDUSTRY', 'PROVINCIAL', 'MUNICIPAL', 'COUNTY', 'TOWNSHIP'] as const;

function* numbers(count: number): Generator<number> {
  for (let index = 0; index < count; index++) yield index;
}
