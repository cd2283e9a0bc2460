import type { CommandSession, Refusal } from '@unionfold/eventsourcing';
import { creditCodeDecider } from '../credit-code/decider.ts';
import type { Registers } from '../subordinates/registers.ts';
import { unionDecider } from './decider.ts';
import type { DissolveUnion, EstablishUnion, UnionState } from './union.ts';

/** Deepest tree that is walked upwards; a guard against damaged data, far above any real depth. */
export const deepest = 32;

/** A union as it is now, guarded; undefined for an empty id. */
export async function stateOf(
  session: CommandSession,
  unionId: string,
): Promise<UnionState | undefined> {
  return unionId === '' ? undefined : (await session.load(unionDecider, unionId)).state;
}

/** This union and those above it, the nearest first; none for an empty id. */
export async function uppersFrom(session: CommandSession, unionId: string): Promise<string[]> {
  const ids: string[] = [];
  for (let id = unionId; id !== '' && ids.length < deepest; ) {
    ids.push(id);
    id = (await session.load(unionDecider, id)).state.territorialParentId;
  }
  return ids;
}

/** Establishes a union with its place in the register above it and its credit code. */
export async function establishUnder(
  session: CommandSession,
  registers: Registers,
  establishment: Omit<EstablishUnion, 'type' | 'upper' | 'industryUpper' | 'approval'> & {
    readonly approvedByUnionId: string;
    readonly approvalDocument: string;
  },
): Promise<Refusal | undefined> {
  const { unionId, territorialParentId: parentId } = establishment;
  const { approvedByUnionId, approvalDocument } = establishment;
  const union = await session.load(unionDecider, unionId);
  const wasPrepared = union.state.status === 'preparing';
  const refusal = union.decide({
    ...establishment,
    type: 'EstablishUnion',
    upper: await stateOf(session, parentId),
    industryUpper: await stateOf(session, establishment.industryParentId),
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
  if (parentId !== '' && !wasPrepared) registers.admit(parentId, unionId);
  return await claimCreditCode(session, union.state, { isLikelyNew: true });
}

/** Puts a union, with all below it, under another one. */
export async function moveUnder(
  session: CommandSession,
  registers: Registers,
  way: { readonly unionId: string; readonly toParentId: string; readonly reason: string },
): Promise<Refusal | undefined> {
  const { unionId, toParentId } = way;
  const union = await session.load(unionDecider, unionId);
  const fromParentId = union.state.territorialParentId;
  // Loading the new upper unions guards them: two moves that would close a circle cannot both be appended.
  const upper = await session.load(unionDecider, toParentId);
  const upperUnionIds = await uppersFrom(session, upper.state.territorialParentId);
  const refusal = union.decide({ ...way, type: 'MoveUnion', upper: upper.state, upperUnionIds });
  if (refusal !== undefined || fromParentId === toParentId) return refusal;
  registers.release(fromParentId, unionId);
  registers.admit(toParentId, unionId);
  return undefined;
}

/** Dissolves a union that has nobody below it any more: its place in the register and its credit code become free. */
export async function dissolveInto(
  session: CommandSession,
  registers: Registers,
  ending: Pick<DissolveUnion, 'reason' | 'merged'> & {
    readonly unionId: string;
    /** Who takes over; empty: the upper union. */
    readonly successorId: string;
  },
): Promise<Refusal | undefined> {
  const union = await session.load(unionDecider, ending.unionId);
  const parentId = union.state.territorialParentId;
  const successorId = ending.successorId === '' ? parentId : ending.successorId;
  const subordinates = await registers.list(ending.unionId);
  const successor = await session.load(unionDecider, successorId);
  const refusal = union.decide({
    type: 'DissolveUnion',
    successorId,
    reason: ending.reason,
    merged: ending.merged ?? false,
    successor: successor.state,
    subordinates: subordinates.length,
  });
  if (refusal !== undefined) return refusal;
  const { creditCode, unionId } = union.state;
  if (creditCode !== '') {
    const claim = await session.load(creditCodeDecider, creditCode);
    claim.decide({ type: 'ReleaseCreditCode', creditCode, unionId });
  }
  registers.release(parentId, unionId);
  return undefined;
}

/** Brings a dissolved union back under the union it stood under. */
export async function restoreUnder(
  session: CommandSession,
  registers: Registers,
  { unionId, reason }: { readonly unionId: string; readonly reason: string },
): Promise<Refusal | undefined> {
  const union = await session.load(unionDecider, unionId);
  const parentId = union.state.territorialParentId;
  const upper = await stateOf(session, parentId);
  const refusal = union.decide({ type: 'RestoreUnion', reason, upper });
  if (refusal !== undefined) return refusal;
  registers.admit(parentId, unionId);
  return await claimCreditCode(session, union.state);
}

async function claimCreditCode(
  session: CommandSession,
  { creditCode, unionId }: UnionState,
  hints: { readonly isLikelyNew?: boolean } = {},
): Promise<Refusal | undefined> {
  if (creditCode === '') return undefined;
  const claim = await session.load(creditCodeDecider, creditCode, hints);
  return claim.decide({ type: 'ClaimCreditCode', creditCode, unionId });
}
