import { federations, synthetic } from '@unionfold/codes';
import { FundSource, ResourceAudience, ResourceKind, UnionType } from '@unionfold/contracts';
import { MembersServiceService } from '@unionfold/contracts/members';
import { OrganizationsServiceService } from '@unionfold/contracts/organizations';
import type { CommandAccepted } from '@unionfold/contracts/types';
import { WelfareServiceService } from '@unionfold/contracts/welfare';
import { isRefusal, type Refusal } from '@unionfold/eventsourcing';
import { type CallOrigin, remoteService, type ServiceDirectory } from '@unionfold/service-kit';
import { forEachConcurrently } from './concurrency.ts';

/** How much is loaded besides the 3,362 federations and national industry unions. */
export interface SeedSize {
  /** Made-up enterprise unions. */
  readonly enterprises: number;
  /** Members of each, from 1 to this many. */
  readonly membersEach: number;
  /** Also the 41,352 townships' and streets' federations. */
  readonly townships: boolean;
}

/** The first load of a new data folder. */
export const firstLoad: SeedSize = { enterprises: 300, membersEach: 40, townships: false };

/** How far the loading is. */
export interface SeedProgress {
  start(total: number): void;
  step(): void;
  stop(): void;
}

/** The last position seen in each partition, so that the caller can wait until the read models have it all. */
export type SeedPositions = Map<string, { service: string; partition: number; position: number }>;

/** Ids that the sign-ins of the development issuer use. */
export interface SeededPeople {
  readonly enterpriseUnionId: string;
  readonly workerMemberId: string;
}

/** Enterprises lie in counties all over the country, every tenth in one district, so that every level has some. */
const showcaseCounty = '370202';

/**
 * Loads the real tree of federations and synthetic enterprise unions with members, through the services' commands. Ids
 * and idempotency keys are fixed, so that a load that was cut off goes on where it was when it is started again.
 */
export async function seed(
  directory: ServiceDirectory,
  size: SeedSize,
  progress: SeedProgress,
): Promise<{ readonly positions: SeedPositions; readonly people: SeededPeople }> {
  const organizations = remoteService(OrganizationsServiceService, 'organizations', directory);
  const members = remoteService(MembersServiceService, 'members', directory);
  const welfare = remoteService(WelfareServiceService, 'welfare', directory);
  const positions: SeedPositions = new Map();
  const done = (answer: CommandAccepted | Refusal) => {
    for (const { service, partition, position } of accepted(answer).positions) {
      const place = `${service}/${partition}`;
      const before = positions.get(place)?.position ?? 0;
      if (Number(position) > before) {
        positions.set(place, { service, partition, position: Number(position) });
      }
    }
    progress.step();
  };

  const tree = federations(size.townships ? { townships: 'all' } : {});
  const source = synthetic(1);
  const enterprises = Array.from({ length: size.enterprises }, (_, index) => {
    const counties = tree.filter(({ type }) => type === 'COUNTY');
    const spread = counties[Math.floor((index * counties.length) / size.enterprises)];
    const region = index % 10 === 0 ? showcaseCounty : (spread?.regionCode ?? showcaseCounty);
    return {
      id: enterpriseId(index),
      parentId: `cn-${region}`,
      ...source.enterprise(index, region),
    };
  });
  const workers = enterprises.flatMap((enterprise, index) =>
    Array.from({ length: 1 + ((index * 7919) % size.membersEach) }, (_, place) => {
      const number = index * size.membersEach + place;
      return { id: workerId(index, place), unionId: enterprise.id, ...source.person(number) };
    }),
  );
  const funds = tree.filter(({ type }) => type === 'PROVINCIAL');
  progress.start(tree.length + enterprises.length + workers.length + funds.length + venues.length);

  for (const level of levels) {
    const unions = tree.filter(({ type }) => type === level);
    await forEachConcurrently(unions, 128, async (union) => {
      done(
        await organizations.establishUnion(
          {
            unionId: union.id,
            name: union.name,
            type: UnionType[`UNION_TYPE_${union.type}`],
            territorialParentId: union.parentId ?? '',
            industryParentId: '',
            regionCode: union.regionCode,
            creditCode: '',
            foundedOn: '',
            synthetic: false,
            approvalDocument: '基础数据导入',
            approvedByUnionId: union.parentId ?? union.id,
          },
          origin(union.id),
        ),
      );
    });
  }
  await forEachConcurrently(enterprises, 128, async (enterprise) => {
    done(
      await organizations.establishUnion(
        {
          unionId: enterprise.id,
          name: enterprise.unionName,
          type: UnionType.UNION_TYPE_ENTERPRISE,
          territorialParentId: enterprise.parentId,
          industryParentId: '',
          regionCode: enterprise.regionCode,
          creditCode: enterprise.unionCreditCode,
          foundedOn: enterprise.unionFoundedOn,
          synthetic: true,
          approvalDocument: '示例数据',
          approvedByUnionId: enterprise.parentId,
        },
        origin(enterprise.id),
      ),
    );
  });
  await forEachConcurrently(workers, 128, async (worker) => {
    done(
      await members.enrolMember(
        {
          memberId: worker.id,
          unionId: worker.unionId,
          name: worker.name,
          citizenNumber: worker.citizenNumber,
          mobile: worker.mobile,
          joinedOn: worker.hiredOn,
          synthetic: true,
        },
        origin(worker.id),
      ),
    );
  });
  await forEachConcurrently(funds, 32, async ({ id }) => {
    done(
      await welfare.openFundLine(
        {
          fundLineId: `fund-${id}`,
          unionId: id,
          source: FundSource.FUND_SOURCE_UNION_DUES,
          name: '困难职工帮扶资金(示例)',
          budgetFen: 500_000_00n,
        },
        origin(`fund-${id}`),
      ),
    );
  });
  await forEachConcurrently(venues, 4, async ({ id, ...venue }) => {
    done(await organizations.offerResource({ resourceId: id, ...venue }, origin(id)));
  });
  progress.stop();
  return {
    positions,
    people: { enterpriseUnionId: enterpriseId(0), workerMemberId: workerId(0, 0) },
  };
}

/** Upper levels first: a union can only be established under one that is there. */
const levels = ['NATIONAL', 'INDUSTRY', 'PROVINCIAL', 'MUNICIPAL', 'COUNTY', 'TOWNSHIP'] as const;

/** Made-up offers that show sharing across levels. */
const venues = [
  {
    id: 'venue-cn-37-1',
    ownerUnionId: 'cn-37',
    kind: ResourceKind.RESOURCE_KIND_VENUE,
    name: '省职工疗休养基地(示例)',
    description: '面向全省职工,需提前预约。',
    audience: ResourceAudience.RESOURCE_AUDIENCE_SUBTREE,
  },
  {
    id: 'course-cn-1',
    ownerUnionId: 'cn',
    kind: ResourceKind.RESOURCE_KIND_COURSE,
    name: '工会法律基础网络课程(示例)',
    description: '面向全国各级工会。',
    audience: ResourceAudience.RESOURCE_AUDIENCE_ALL,
  },
  {
    id: 'lawyer-cn-3702-1',
    ownerUnionId: 'cn-3702',
    kind: ResourceKind.RESOURCE_KIND_LAWYER,
    name: '职工法律援助律师团(示例)',
    description: '本市及兄弟市工会均可预约。',
    audience: ResourceAudience.RESOURCE_AUDIENCE_NEIGHBOURS,
  },
];

function enterpriseId(index: number): string {
  return `ent-${String(index).padStart(5, '0')}`;
}

function workerId(enterprise: number, place: number): string {
  return `wkr-${String(enterprise).padStart(5, '0')}-${String(place).padStart(3, '0')}`;
}

function origin(id: string): CallOrigin {
  return { actor: 'system:seed', correlationId: 'seed', idempotencyKey: `seed:${id}` };
}

function accepted(answer: CommandAccepted | Refusal): CommandAccepted {
  if (isRefusal(answer)) throw new Error(`the load was refused: ${JSON.stringify(answer)}`);
  return answer;
}
