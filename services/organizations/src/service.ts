import { isValidId } from '@unionfold/codes';
import {
  type ListAncestorsResponse,
  type ListChildrenResponse,
  OrganizationsServiceService,
  type Union,
  UnionStatus,
} from '@unionfold/contracts/organizations';
import { refuse } from '@unionfold/contracts/problems';
import type { CommandSession, Refusal } from '@unionfold/eventsourcing';
import {
  type RpcService,
  rpcService,
  type ServiceContext,
  type ServiceModule,
} from '@unionfold/service-kit';
import { grid } from './cell/grid.ts';
import { creditCodeDecider } from './credit-code/decider.ts';
import { resourceMethods } from './resource/methods.ts';
import { admitted, released, subordinatesDecider } from './subordinates/decider.ts';
import { childrenProjection } from './union/children-projection.ts';
import { unionDecider } from './union/decider.ts';
import type { UnionState } from './union/union.ts';
import { deepest, uppersFrom } from './union/upper-unions.ts';

/** Organizations (组织): every level's union and how they hang together. */
export const organizationsModule: ServiceModule = {
  name: 'organizations',
  build: (context) => [organizations(context), grid(context)],
};

function organizations(context: ServiceContext): RpcService {
  const { commands, answer } = context;
  const children = context.projection(childrenProjection);

  return rpcService(OrganizationsServiceService, {
    establishUnion: async (request, call) =>
      answer(
        await commands.execute(call, async (session) => {
          const unionId = request.unionId === '' ? session.newId() : request.unionId;
          if (!isValidId(unionId)) return refuse('id-invalid', { field: 'unionId' });
          const union = await session.load(unionDecider, unionId);
          const { territorialParentId: parentId, approvedByUnionId, approvalDocument } = request;
          const refusal = union.decide({
            ...request,
            type: 'EstablishUnion',
            unionType: request.type,
            unionId,
            upper: await stateOf(session, parentId),
            industryUpper: await stateOf(session, request.industryParentId),
            approval:
              approvedByUnionId === ''
                ? undefined
                : {
                    approvedByUnionId,
                    approvalDocument,
                    upperUnionIds: await uppersFrom(session, parentId),
                  },
          });
          if (refusal !== undefined) return refusal;
          const { creditCode } = union.state;
          if (creditCode !== '') {
            const claim = await session.load(creditCodeDecider, creditCode);
            const taken = claim.decide({ type: 'ClaimCreditCode', creditCode, unionId });
            if (taken !== undefined) return taken;
          }
          if (parentId !== '') {
            session.append('subordinates', parentId, [admitted(parentId, unionId)]);
          }
          return unionId;
        }),
      ),

    approveUnion: async (request, call) =>
      answer(
        await commands.execute(call, async (session) => {
          const union = await session.load(unionDecider, request.unionId);
          return (
            union.expectVersion(Number(request.expectedVersion)) ??
            union.decide({
              type: 'ApproveUnion',
              approval: {
                approvedByUnionId: request.approvedByUnionId,
                approvalDocument: request.approvalDocument,
                upperUnionIds: await uppersFrom(session, union.state.territorialParentId),
              },
            }) ??
            request.unionId
          );
        }),
      ),

    renameUnion: async ({ unionId, name, reason, expectedVersion }, call) =>
      answer(
        await commands.execute(call, async (session) => {
          const union = await session.load(unionDecider, unionId);
          return (
            union.expectVersion(Number(expectedVersion)) ??
            union.decide({ type: 'RenameUnion', name, reason }) ??
            unionId
          );
        }),
      ),

    moveUnion: async ({ unionId, toParentId, reason, expectedVersion }, call) =>
      answer(
        await commands.execute(call, async (session) => {
          const union = await session.load(unionDecider, unionId);
          const fromParentId = union.state.territorialParentId;
          // Loading the new upper unions guards them: two moves that would close a circle cannot both be appended.
          const upper = await session.load(unionDecider, toParentId);
          const upperUnionIds = await uppersFrom(session, upper.state.territorialParentId);
          const refusal =
            union.expectVersion(Number(expectedVersion)) ??
            union.decide({
              type: 'MoveUnion',
              toParentId,
              reason,
              upper: upper.state,
              upperUnionIds,
            });
          if (refusal !== undefined) return refusal;
          if (union.pending.length > 0) {
            session.append('subordinates', fromParentId, [released(fromParentId, unionId)]);
            session.append('subordinates', toParentId, [admitted(toParentId, unionId)]);
          }
          return unionId;
        }),
      ),

    dissolveUnion: async ({ unionId, successorId, reason, expectedVersion }, call) =>
      answer(
        await commands.execute(call, async (session) => {
          const union = await session.load(unionDecider, unionId);
          const parentId = union.state.territorialParentId;
          const heir = successorId === '' ? parentId : successorId;
          const subordinates = await session.load(subordinatesDecider, unionId);
          const successor = await session.load(unionDecider, heir);
          const refusal =
            union.expectVersion(Number(expectedVersion)) ??
            union.decide({
              type: 'DissolveUnion',
              successorId: heir,
              reason,
              successor: successor.state,
              subordinates: subordinates.state.unionIds.size,
            });
          if (refusal !== undefined) return refusal;
          const { creditCode } = union.state;
          if (creditCode !== '') {
            const claim = await session.load(creditCodeDecider, creditCode);
            claim.decide({ type: 'ReleaseCreditCode', creditCode, unionId });
          }
          session.append('subordinates', parentId, [released(parentId, unionId)]);
          return unionId;
        }),
      ),

    ...resourceMethods(context),

    getUnion: async ({ unionId }) => await readUnion(context, unionId),

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
  });
}

async function stateOf(session: CommandSession, unionId: string): Promise<UnionState | undefined> {
  return unionId === '' ? undefined : (await session.load(unionDecider, unionId)).state;
}

const statuses = {
  absent: UnionStatus.UNION_STATUS_UNSPECIFIED,
  pending: UnionStatus.UNION_STATUS_PENDING,
  active: UnionStatus.UNION_STATUS_ACTIVE,
  dissolved: UnionStatus.UNION_STATUS_DISSOLVED,
} as const;

async function readUnion(context: ServiceContext, unionId: string): Promise<Union | Refusal> {
  const { state, version } = await context.commands.read(unionDecider, unionId);
  if (state.status === 'absent') return refuse('union-unknown', { field: 'unionId' });
  return { ...state, status: statuses[state.status], version: BigInt(version) };
}
