import { chinaDate, isValidId } from '@unionfold/codes';
import { ChangeKind, type PlannedChange } from '@unionfold/contracts';
import {
  type Change,
  type ChangePreview,
  ChangeStatus,
  type OrganizationsServiceService,
} from '@unionfold/contracts/organizations';
import { refuse } from '@unionfold/contracts/problems';
import { type CommandSession, isRefusal, type Refusal } from '@unionfold/eventsourcing';
import type { Handlers, ServiceContext } from '@unionfold/service-kit';
import { unionDecider } from '../union/decider.ts';
import { CarryingOut } from './carrying-out.ts';
import type { ChangeState } from './change.ts';
import { changeRule } from './change-rules.ts';
import { changeDecider } from './decider.ts';
import { takeEffect } from './due-changes.ts';

/** The methods of structural changes. */
export type ChangeMethods = Pick<
  Handlers<typeof OrganizationsServiceService>,
  | 'proposeChange'
  | 'previewChange'
  | 'approveChange'
  | 'rejectChange'
  | 'withdrawChange'
  | 'undoChange'
  | 'getChange'
>;

/** Structural changes (变更事项): put forward, previewed, approved, taken back and undone. */
export function changeMethods({ commands, answer }: ServiceContext): ChangeMethods {
  return {
    proposeChange: async (request, call) =>
      answer(
        await commands.execute(call, async (session) => {
          const changeId = request.changeId === '' ? session.newId() : request.changeId;
          if (!isValidId(changeId)) return refuse('id-invalid', { field: 'changeId' });
          if (request.change === undefined) return refuse('change-kind-missing', { field: 'kind' });
          const plan = named(request.change, session);
          if (!plan.parts.every((part) => isValidId(part.unionId))) {
            return refuse('id-invalid', { field: 'parts' });
          }
          const change = await session.load(changeDecider, changeId);
          const union = await session.load(unionDecider, plan.unionId);
          const refusal =
            union.expectVersion(Number(request.expectedVersion)) ??
            change.decide({
              type: 'ProposeChange',
              changeId,
              plan,
              proposedByUnionId: request.proposedByUnionId,
              today: chinaDate(session.now),
            });
          if (refusal !== undefined) return refusal;
          const { approvedByUnionId, approvalDocument } = request;
          if (approvedByUnionId !== '') {
            const approval = { approvedByUnionId, approvalDocument };
            const failed = await approve(session, changeId, approval);
            if (failed !== undefined || change.state.status === 'in-effect') {
              return failed ?? changeId;
            }
          }
          // What could not take effect now is not put forward; nothing of the trial is kept.
          const tried = await commands.tryOut((trial) => attempt(trial, plan));
          return isRefusal(tried) ? tried : changeId;
        }),
      ),

    previewChange: async ({ change }) => {
      if (change === undefined) return refuse('change-kind-missing', { field: 'kind' });
      return await commands.tryOut(async (session) => {
        const plan = named(change, session);
        const effect = await attempt(session, plan);
        if (isRefusal(effect)) return effect;
        const { needsApproval, undoDays } = changeRule(plan.kind, chinaDate(session.now));
        const ends =
          plan.kind === ChangeKind.CHANGE_KIND_MERGE ||
          plan.kind === ChangeKind.CHANGE_KIND_DISSOLVE;
        const heir = plan.successorId === '' ? effect.formerParentId : plan.successorId;
        return {
          movedSubordinateIds: effect.movedSubordinateIds,
          movedUnitCodes: effect.movedUnitCodes,
          successorId: ends ? heir : '',
          needsApproval,
          undoable: undoDays > 0 && plan.kind !== ChangeKind.CHANGE_KIND_RESTORE,
        } satisfies ChangePreview;
      });
    },

    approveChange: async (request, call) =>
      answer(
        await commands.execute(call, async (session) => {
          const { changeId, expectedVersion } = request;
          const change = await session.load(changeDecider, changeId);
          return (
            change.expectVersion(Number(expectedVersion)) ??
            (await approve(session, changeId, request)) ??
            changeId
          );
        }),
      ),

    rejectChange: async ({ changeId, rejectedByUnionId, reason, expectedVersion }, call) =>
      answer(
        await commands.execute(call, async (session) => {
          const change = await session.load(changeDecider, changeId);
          const upperUnionIds = await new CarryingOut(session).authorities(change.state.plan);
          return (
            change.expectVersion(Number(expectedVersion)) ??
            change.decide({ type: 'RejectChange', rejectedByUnionId, reason, upperUnionIds }) ??
            changeId
          );
        }),
      ),

    withdrawChange: async ({ changeId, reason, expectedVersion }, call) =>
      answer(
        await commands.execute(call, async (session) => {
          const change = await session.load(changeDecider, changeId);
          return (
            change.expectVersion(Number(expectedVersion)) ??
            change.decide({ type: 'WithdrawChange', reason }) ??
            changeId
          );
        }),
      ),

    undoChange: async ({ changeId, undoneByUnionId, reason, expectedVersion }, call) =>
      answer(
        await commands.execute(call, async (session) => {
          const change = await session.load(changeDecider, changeId);
          const carryingOut = new CarryingOut(session);
          const { state } = change;
          return (
            change.expectVersion(Number(expectedVersion)) ??
            change.decide({
              type: 'UndoChange',
              undoneByUnionId,
              reason,
              today: chinaDate(session.now),
              upperUnionIds: await carryingOut.authorities({
                ...state.plan,
                toParentId: state.effect.formerParentId,
              }),
            }) ??
            (await carryingOut.undo(state, reason)) ??
            changeId
          );
        }),
      ),

    getChange: async ({ changeId }) => {
      const { state, version } = await commands.read(changeDecider, changeId);
      if (state.status === 'absent') return refuse('change-unknown', { field: 'changeId' });
      return changeAnswer(state, version);
    },
  };
}

/** Unions that come out of another one get their ids when the change is put forward, so that everybody can name them. */
function named(plan: PlannedChange, session: CommandSession): PlannedChange {
  const parts = plan.parts.map((part) => ({
    ...part,
    unionId: part.unionId === '' ? session.newId() : part.unionId,
  }));
  return { ...plan, parts };
}

/** Carries a change out in a session that is thrown away, on the authority of the nearest union that may approve it. */
async function attempt(session: CommandSession, plan: PlannedChange) {
  const carryingOut = new CarryingOut(session);
  const [nearest = ''] = await carryingOut.authorities(plan);
  const authority = { approvedByUnionId: nearest, approvalDocument: '-' };
  return await carryingOut.carryOut(plan, authority, chinaDate(session.now));
}

/** Approves, and has it take effect where its day has come. */
async function approve(
  session: CommandSession,
  changeId: string,
  given: { readonly approvedByUnionId: string; readonly approvalDocument: string },
): Promise<Refusal | undefined> {
  const { approvedByUnionId, approvalDocument } = given;
  const change = await session.load(changeDecider, changeId);
  const upperUnionIds = await new CarryingOut(session).authorities(change.state.plan);
  const approval = { approvedByUnionId, approvalDocument, upperUnionIds };
  return (
    change.decide({ type: 'ApproveChange', approval }) ?? (await takeEffect(session, changeId))
  );
}

const statuses = {
  absent: ChangeStatus.CHANGE_STATUS_UNSPECIFIED,
  proposed: ChangeStatus.CHANGE_STATUS_PROPOSED,
  approved: ChangeStatus.CHANGE_STATUS_APPROVED,
  'in-effect': ChangeStatus.CHANGE_STATUS_IN_EFFECT,
  rejected: ChangeStatus.CHANGE_STATUS_REJECTED,
  withdrawn: ChangeStatus.CHANGE_STATUS_WITHDRAWN,
  failed: ChangeStatus.CHANGE_STATUS_FAILED,
  undone: ChangeStatus.CHANGE_STATUS_UNDONE,
} as const;

function changeAnswer(state: ChangeState, version: number): Change {
  return {
    changeId: state.changeId,
    change: state.plan,
    status: statuses[state.status],
    proposedByUnionId: state.proposedByUnionId,
    approvedByUnionId: state.approvedByUnionId,
    approvalDocument: state.approvalDocument,
    reason: state.reason,
    version: BigInt(version),
  };
}
