import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { synthetic } from '@unionfold/codes';
import { CellCadreRole, Gender, UnionType } from '@unionfold/contracts';
import { MembershipStatus, MembersServiceService } from '@unionfold/contracts/members';
import {
  GridServiceService,
  OrganizationsServiceService,
} from '@unionfold/contracts/organizations';
import { refuse } from '@unionfold/contracts/problems';
import type { CommandAccepted } from '@unionfold/contracts/types';
import { type DomainEvent, isRefusal, type Refusal } from '@unionfold/eventsourcing';
import {
  createLogger,
  type Platform,
  type RemoteMethods,
  type RpcService,
  type RunningService,
  remoteService,
  rpcService,
  type ServiceContext,
  ServiceDirectory,
  startService,
} from '@unionfold/service-kit';
import {
  openTestPlatform,
  publishedHeads,
  removeTestPlatform,
} from '@unionfold/service-kit/testing';
import { organizationsModule } from '../service.ts';

const origin = { actor: 'cadre', correlationId: 'test' };

type Grid = RemoteMethods<typeof GridServiceService>;

/** The organizations service beside a stand-in of the members service, whose memberships are what a test says. */
export class GridWorld {
  readonly #folder: string;
  readonly #platform: Platform;
  readonly #directory = new ServiceDirectory();
  readonly #services: RunningService[] = [];
  readonly #memberships = new Map<string, string>();
  readonly #people = synthetic(5);
  #members: ServiceContext | undefined;
  /** What happens, once, after the members service has looked at a membership and before its answer arrives. */
  meanwhile: (() => Promise<void>) | undefined;

  private constructor(folder: string, platform: Platform) {
    this.#folder = folder;
    this.#platform = platform;
  }

  static async open(): Promise<GridWorld> {
    const folder = await mkdtemp(join(tmpdir(), 'unionfold-grid-'));
    const world = new GridWorld(folder, await openTestPlatform({ dataDir: folder, partitions: 3 }));
    const members = {
      name: 'members',
      build: (context: ServiceContext) => [world.#standIn(context)],
    };
    for (const module of [organizationsModule, members]) {
      const service = await startService(module, {
        platform: world.#platform,
        directory: world.#directory,
        logger: createLogger('silent'),
      });
      world.#services.push(service);
      world.#directory.set(module.name, `127.0.0.1:${service.port}`);
    }
    await world.establish('cn', '', UnionType.UNION_TYPE_NATIONAL);
    await world.establish('county', 'cn', UnionType.UNION_TYPE_PROVINCIAL);
    return world;
  }

  async close(): Promise<void> {
    for (const service of this.#services) await service.stop();
    this.#directory.close();
    await this.#platform.close();
    await removeTestPlatform(this.#folder);
    await rm(this.#folder, { recursive: true });
  }

  get organizations(): RemoteMethods<typeof OrganizationsServiceService> {
    return remoteService(OrganizationsServiceService, 'organizations', this.#directory);
  }

  get grid(): Grid {
    return remoteService(GridServiceService, 'organizations', this.#directory);
  }

  async establish(
    unionId: string,
    parentId: string,
    type = UnionType.UNION_TYPE_ENTERPRISE,
  ): Promise<void> {
    accepted(
      await this.organizations.establishUnion(
        {
          unionId,
          name: unionId,
          type,
          territorialParentId: parentId,
          industryParentId: '',
          regionCode: '',
          creditCode: '',
          foundedOn: '',
          synthetic: true,
          approvalDocument: '1',
          approvedByUnionId: parentId === '' ? unionId : parentId,
        },
        origin,
      ),
    );
  }

  async move(unionId: string, toParentId: string): Promise<string> {
    return outcome(
      await this.organizations.moveUnion(
        { unionId, toParentId, reason: '', expectedVersion: 0n },
        origin,
      ),
    );
  }

  async dissolve(unionId: string, successorId: string): Promise<string> {
    return outcome(
      await this.organizations.dissolveUnion(
        { unionId, successorId, reason: '', expectedVersion: 0n },
        origin,
      ),
    );
  }

  /** Registers a made-up employer; returns its credit code. */
  async employer(index: number): Promise<string> {
    const { creditCode, name, unitType, industry, staff } = this.#people.enterprise(
      index,
      '370202',
    );
    const particulars = {
      name,
      regionCode: '370202',
      ownership: unitType,
      industry,
      employees: staff,
      women: 0,
      migrantWorkers: 0,
      dispatched: 0,
      newForms: 0,
    };
    accepted(await this.grid.registerEmployer({ creditCode, particulars, cellId: '' }, origin));
    return creditCode;
  }

  async draw(cellId: string, unionId: string, upperCellId = ''): Promise<string> {
    return outcome(
      await this.grid.drawCell(
        { cellId, unionId, name: cellId, upperCellId, regionCode: '' },
        origin,
      ),
    );
  }

  async place(creditCode: string, cellId: string): Promise<string> {
    return outcome(await this.grid.placeEmployer({ creditCode, cellId, covered: false }, origin));
  }

  async closeCell(cellId: string, successorCellId = ''): Promise<string> {
    return outcome(
      await this.grid.closeCell(
        { cellId, successorCellId, reason: '', expectedVersion: 0n },
        origin,
      ),
    );
  }

  async assign(
    cellId: string,
    memberId: string,
    role = CellCadreRole.CELL_CADRE_ROLE_RESPONSIBLE,
  ): Promise<string> {
    return outcome(
      await this.grid.assignCellCadre({ cellId, memberId, role, expectedVersion: 0n }, origin),
    );
  }

  async cellOf(creditCode: string): Promise<string> {
    const employer = await this.grid.getEmployer({ creditCode }, origin);
    return isRefusal(employer) ? employer.refused : employer.cellId;
  }

  async cell(cellId: string) {
    return granted(await this.grid.getCell({ cellId }, origin));
  }

  /** Who is a member of which union from now on; told in no event. */
  member(memberId: string, unionId: string): void {
    this.#memberships.set(memberId, unionId);
  }

  async transfer(memberId: string, toUnionId: string): Promise<void> {
    const fromUnionId = this.#memberships.get(memberId) ?? '';
    this.member(memberId, toUnionId);
    await this.#tell(memberId, {
      type: 'MemberTransferred',
      data: { memberId, fromUnionId, toUnionId, reason: '' },
    });
  }

  async leave(memberId: string): Promise<void> {
    const unionId = this.#memberships.get(memberId) ?? '';
    this.#memberships.delete(memberId);
    await this.#tell(memberId, { type: 'MemberLeft', data: { memberId, unionId, reason: '' } });
  }

  /** Waits until the reactions have handled every event, their own ones included. */
  async settle(): Promise<void> {
    // What a reaction appends is in the log when it has handled its event, so a second round sees the consequences.
    for (let round = 0; round < 2; round++) {
      for (const { definition, ...runner } of this.#reactions()) {
        const heads = await Promise.all(
          ['organizations', 'members'].map((service) => publishedHeads(this.#platform, service)),
        );
        const followed = heads.flat().filter(({ topic }) => definition.topics.includes(topic));
        if (!(await runner.waitFor(followed, 20_000))) throw new Error('a reaction is stuck');
      }
    }
  }

  /** Has the reactions hear of what happens only afterwards, all at once. */
  async unheard(work: () => Promise<void>): Promise<void> {
    const [service] = this.#services;
    const paused = (service?.reactions ?? []).reduceRight<() => Promise<void>>(
      (inner, runner) => () => runner.whilePaused(inner),
      work,
    );
    await paused();
  }

  #reactions() {
    return this.#services.flatMap(({ reactions }) =>
      reactions.map((runner) => ({
        definition: runner.definition,
        waitFor: runner.waitFor.bind(runner),
      })),
    );
  }

  async #tell(memberId: string, event: DomainEvent): Promise<void> {
    await this.#members?.commands.execute(origin, async (session) => {
      session.append('member', memberId, [event]);
      return memberId;
    });
  }

  #standIn(context: ServiceContext): RpcService {
    this.#members = context;
    const unused = async () => refuse('not-found');
    return rpcService(MembersServiceService, {
      enrolMember: unused,
      correctMember: unused,
      transferMember: unused,
      leaveUnion: unused,
      getMember: async ({ memberId }) => {
        const unionId = this.#memberships.get(memberId);
        const { meanwhile } = this;
        this.meanwhile = undefined;
        await meanwhile?.();
        if (unionId === undefined) return refuse('member-unknown', { field: 'memberId' });
        return {
          memberId,
          unionId,
          status: MembershipStatus.MEMBERSHIP_STATUS_ACTIVE,
          name: '',
          citizenNumberMasked: '',
          mobileMasked: '',
          gender: Gender.GENDER_UNSPECIFIED,
          birthDate: '',
          joinedOn: '',
          synthetic: true,
          version: 1n,
        };
      },
    });
  }
}

/** `done`, or the code of the refusal. */
function outcome(answer: CommandAccepted | Refusal): string {
  return isRefusal(answer) ? answer.refused : 'done';
}

function accepted(answer: CommandAccepted | Refusal): void {
  granted(answer);
}

function granted<Answer>(answer: Answer | Refusal): Answer {
  if (isRefusal(answer)) throw new Error(answer.refused);
  return answer as Answer;
}
