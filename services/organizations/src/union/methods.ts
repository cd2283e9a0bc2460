import { chinaDate, isValidId } from '@unionfold/codes';
import {
  type ListAncestorsResponse,
  type ListChildrenResponse,
  type OrganizationsServiceService,
  type Union,
  UnionStatus,
} from '@unionfold/contracts/organizations';
import { refuse } from '@unionfold/contracts/problems';
import type { CommandOutcome, CommandSession, Refusal } from '@unionfold/eventsourcing';
import type { CallContext, Handlers, ServiceContext } from '@unionfold/service-kit';
import type { ChangeMethods } from '../change/methods.ts';
import type { ResourceMethods } from '../resource/methods.ts';
import { Registers } from '../subordinates/registers.ts';
import { childrenProjection } from './children-projection.ts';
import { unionDecider } from './decider.ts';
import {
  deepest,
  dissolveInto,
  establishUnder,
  moveUnder,
  stateOf,
  uppersFrom,
} from './hierarchy.ts';
import type { UnionCommand } from './union.ts';

type UnionMethods = Omit<
  Handlers<typeof OrganizationsServiceService>,
  keyof ChangeMethods | keyof ResourceMethods
>;

/** Unions (工会): their life, their record, and who stands above and below. */
export function unionMethods(context: ServiceContext): UnionMethods {
  const { commands, answer } = context;
  const children = context.projection(childrenProjection);

  /** Has one union decide on one command. */
  const decideOn = async (
    { unionId, expectedVersion }: { readonly unionId: string; readonly expectedVersion: bigint },
    call: CallContext,
    command: UnionCommand | ((session: CommandSession) => Promise<UnionCommand>),
  ): Promise<CommandOutcome | Refusal> =>
    await commands.execute(call, async (session) => {
      const union = await session.load(unionDecider, unionId);
      return (
        union.expectVersion(Number(expectedVersion)) ??
        union.decide(typeof command === 'function' ? await command(session) : command) ??
        unionId
      );
    });

  return {
    prepareUnion: async (request, call) =>
      answer(
        await commands.execute(call, async (session) => {
          const unionId = request.unionId === '' ? session.newId() : request.unionId;
          if (!isValidId(unionId)) return refuse('id-invalid', { field: 'unionId' });
          const { territorialParentId: parentId } = request;
          const union = await session.load(unionDecider, unionId);
          const upper = await stateOf(session, parentId);
          const refusal = union.decide({ ...request, type: 'PrepareUnion', unionId, upper });
          if (refusal !== undefined) return refusal;
          new Registers(session).admit(parentId, unionId);
          return unionId;
        }),
      ),

    establishUnion: async (request, call) =>
      answer(
        await commands.execute(call, async (session) => {
          const unionId = request.unionId === '' ? session.newId() : request.unionId;
          if (!isValidId(unionId)) return refuse('id-invalid', { field: 'unionId' });
          return (
            (await establishUnder(session, new Registers(session), {
              ...request,
              unionType: request.type,
              unionId,
            })) ?? unionId
          );
        }),
      ),

    approveUnion: async (request, call) =>
      answer(
        await decideOn(request, call, async (session) => ({
          type: 'ApproveUnion',
          approval: {
            approvedByUnionId: request.approvedByUnionId,
            approvalDocument: request.approvalDocument,
            upperUnionIds: await uppersFrom(
              session,
              (await session.load(unionDecider, request.unionId)).state.territorialParentId,
            ),
          },
        })),
      ),

    renameUnion: async (request, call) =>
      answer(
        await decideOn(request, call, {
          type: 'RenameUnion',
          name: request.name,
          reason: request.reason,
        }),
      ),

    moveUnion: async (request, call) =>
      answer(
        await commands.execute(call, async (session) => {
          const union = await session.load(unionDecider, request.unionId);
          return (
            union.expectVersion(Number(request.expectedVersion)) ??
            (await moveUnder(session, new Registers(session), request)) ??
            request.unionId
          );
        }),
      ),

    dissolveUnion: async (request, call) =>
      answer(
        await commands.execute(call, async (session) => {
          const union = await session.load(unionDecider, request.unionId);
          return (
            union.expectVersion(Number(request.expectedVersion)) ??
            (await dissolveInto(session, new Registers(session), request)) ??
            request.unionId
          );
        }),
      ),

    correctUnionRecord: async (request, call) =>
      answer(
        await decideOn(request, call, {
          type: 'CorrectUnionRecord',
          record: request.record ?? unionDecider.initialState.record,
          reason: request.reason,
        }),
      ),

    verifyUnionRecord: async (request, call) =>
      answer(
        await decideOn(request, call, async ({ now }) => ({
          type: 'VerifyUnionRecord',
          today: chinaDate(now),
        })),
      ),

    coverUnit: async (request, call) => {
      const { unit } = request;
      if (unit === undefined) return refuse('field-missing', { field: 'unit' });
      return answer(await decideOn(request, call, { type: 'CoverUnit', unit }));
    },

    releaseUnit: async (request, call) =>
      answer(
        await decideOn(request, call, {
          type: 'ReleaseUnit',
          creditCode: request.creditCode,
          reason: request.reason,
        }),
      ),

    getUnion: async ({ unionId }) => await readUnion(context, unionId),

    getUnionRecord: async ({ unionId }) => {
      const { state, version } = await commands.read(unionDecider, unionId);
      if (state.status === 'absent') return refuse('union-unknown', { field: 'unionId' });
      const { record, verifiedOn } = state;
      const units = Object.values(state.units);
      return { record, units, verifiedOn, version: BigInt(version) };
    },

    listChildren: async ({ unionId, pageSize, pageToken }) => {
      const limit = Math.min(pageSize === 0 ? 100 : pageSize, 1_000);
      const page = await children.find('unions', {
        where: { parentId: unionId },
        limit,
        ...(pageToken === '' ? {} : { after: [pageToken] }),
      });
      const unions: Union[] = [];
      for (const { id } of page) {
        const union = await readUnion(context, id);
        if (!('refused' in union)) unions.push(union);
      }
      const last = page.length === limit ? page.at(-1) : undefined;
      return { unions, nextPageToken: last?.id ?? '' } satisfies ListChildrenResponse;
    },

    listAncestors: async ({ unionId }) => {
      const union = await readUnion(context, unionId);
      if ('refused' in union) return union;
      const unions: Union[] = [];
      for (let id = union.territorialParentId; id !== '' && unions.length < deepest; ) {
        const upper = await readUnion(context, id);
        if ('refused' in upper) break;
        unions.push(upper);
        id = upper.territorialParentId;
      }
      return { unions } satisfies ListAncestorsResponse;
    },
  };
}

const statuses = {
  absent: UnionStatus.UNION_STATUS_UNSPECIFIED,
  pending: UnionStatus.UNION_STATUS_PENDING,
  active: UnionStatus.UNION_STATUS_ACTIVE,
  dissolved: UnionStatus.UNION_STATUS_DISSOLVED,
  preparing: UnionStatus.UNION_STATUS_PREPARING,
  suspended: UnionStatus.UNION_STATUS_SUSPENDED,
} as const;

async function readUnion(context: ServiceContext, unionId: string): Promise<Union | Refusal> {
  const { state, version } = await context.commands.read(unionDecider, unionId);
  if (state.status === 'absent') return refuse('union-unknown', { field: 'unionId' });
  return { ...state, status: statuses[state.status], version: BigInt(version) };
}
