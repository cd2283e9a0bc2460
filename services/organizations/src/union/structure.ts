import { UnionType } from '@unionfold/contracts';
import { refuse } from '@unionfold/contracts/problems';
import type { Decision } from '@unionfold/eventsourcing';
import { nameFault } from './naming.ts';
import type {
  ChangeIndustryParent,
  ChangeUnionType,
  DissolveUnion,
  MoveUnion,
  RenameUnion,
  RestoreUnion,
  ResumeUnion,
  SplitUnion,
  SuspendUnion,
  UnionEvent,
  UnionState,
} from './union.ts';
import { industryUpperFault, mayStandUnder, upperFault } from './upper-union-policy.ts';

/** 更名 */
export function rename(command: RenameUnion, state: UnionState): Decision<UnionEvent> {
  const fault = nameFault(command.name);
  if (fault !== undefined) return fault;
  const name = command.name.trim();
  if (name === state.name) return [];
  return [{ type: 'UnionRenamed', data: { unionId: state.unionId, name, reason: command.reason } }];
}

/** 变更隶属关系 */
export function move(command: MoveUnion, state: UnionState): Decision<UnionEvent> {
  if (command.toParentId === state.territorialParentId) return [];
  // One above the other would close a circle, and both would hang in the air.
  if ([command.toParentId, ...command.upperUnionIds].includes(state.unionId)) {
    return refuse('move-into-own-subtree', { field: 'toParentId' });
  }
  const fault = upperFault(state.type, command.toParentId, command.upper, 'toParentId');
  if (fault !== undefined) return fault;
  return [
    {
      type: 'UnionMoved',
      data: {
        unionId: state.unionId,
        fromParentId: state.territorialParentId,
        toParentId: command.toParentId,
        reason: command.reason,
      },
    },
  ];
}

/** 变更产业隶属 */
export function changeIndustryParent(
  { toParentId, reason, industryUpper }: ChangeIndustryParent,
  state: UnionState,
): Decision<UnionEvent> {
  const { unionId, industryParentId: fromParentId } = state;
  if (toParentId === fromParentId) return [];
  if (toParentId === unionId) return refuse('move-into-own-subtree', { field: 'toParentId' });
  return (
    industryUpperFault(toParentId, industryUpper, 'toParentId') ?? [
      { type: 'UnionIndustryParentChanged', data: { unionId, fromParentId, toParentId, reason } },
    ]
  );
}

/** The new type must fit between the union above and those below (变更类型). */
export function changeType(command: ChangeUnionType, state: UnionState): Decision<UnionEvent> {
  const { unionType: toType, upper, subordinateTypes, reason } = command;
  const { unionId, type: fromType, territorialParentId } = state;
  if (toType === fromType) return [];
  const national = UnionType.UNION_TYPE_NATIONAL;
  if (fromType === national || toType === national) {
    return refuse('national-federation-fixed', { field: 'unionType' });
  }
  const fault = upperFault(toType, territorialParentId, upper, 'unionType');
  if (fault !== undefined) return fault;
  if (!subordinateTypes.every((type) => mayStandUnder(type, toType))) {
    return refuse('subordinates-do-not-fit', { field: 'unionType' });
  }
  return [{ type: 'UnionTypeChanged', data: { unionId, fromType, toType, reason } }];
}

/** 暂停活动 */
export function suspend({ reason }: SuspendUnion, state: UnionState): Decision<UnionEvent> {
  const { unionId, status, type } = state;
  if (status === 'suspended') return [];
  if (status !== 'active') return refuse('union-not-live', { field: 'unionId' });
  if (type === UnionType.UNION_TYPE_NATIONAL) {
    return refuse('national-federation-fixed', { field: 'unionId' });
  }
  return [{ type: 'UnionSuspended', data: { unionId, reason } }];
}

/** 恢复活动 */
export function resume(
  { reason }: ResumeUnion,
  { unionId, status }: UnionState,
): Decision<UnionEvent> {
  if (status === 'active') return [];
  if (status !== 'suspended') return refuse('union-not-live', { field: 'unionId' });
  return [{ type: 'UnionResumed', data: { unionId, reason } }];
}

/** What comes out of it are unions of their own; the union itself goes on (分立). */
export function split({ parts, reason }: SplitUnion, state: UnionState): Decision<UnionEvent> {
  const { unionId, status, units } = state;
  if (status !== 'active') return refuse('union-not-live', { field: 'unionId' });
  if (parts.length === 0) return refuse('split-parts-missing', { field: 'parts' });
  const codes = parts.flatMap(({ unitCreditCodes }) => unitCreditCodes);
  const ids = parts.flatMap((part) => [...part.subordinateIds, ...part.memberIds]);
  if (new Set(codes).size < codes.length || new Set(ids).size < ids.length) {
    return refuse('split-parts-overlap', { field: 'parts' });
  }
  if (!codes.every((code) => code in units)) {
    return refuse('unit-not-covered', { field: 'parts' });
  }
  return [{ type: 'UnionSplit', data: { unionId, parts: [...parts], reason } }];
}

/** 撤销 */
export function dissolve(command: DissolveUnion, state: UnionState): Decision<UnionEvent> {
  if (command.subordinates > 0) {
    return refuse('union-has-subordinates', { field: 'unionId' });
  }
  // Members, open cases and money must go somewhere (会籍 kept at the upper union when a unit ends).
  if (command.successorId === state.unionId || command.successor.status !== 'active') {
    return refuse('successor-invalid', { field: 'successorId' });
  }
  return [
    {
      type: 'UnionDissolved',
      data: {
        unionId: state.unionId,
        parentId: state.territorialParentId,
        successorId: command.successorId,
        reason: command.reason,
        ...(command.merged === true ? { merged: true } : {}),
      },
    },
  ];
}

/** It comes back under the union above it, as it was (恢复). */
export function restore({ reason, upper }: RestoreUnion, state: UnionState): Decision<UnionEvent> {
  if (state.status !== 'dissolved') return refuse('union-not-dissolved', { field: 'unionId' });
  const { unionId, territorialParentId: parentId, successorId, type } = state;
  return (
    upperFault(type, parentId, upper, 'unionId') ?? [
      { type: 'UnionRestored', data: { unionId, parentId, successorId, reason } },
    ]
  );
}
