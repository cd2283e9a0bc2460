import { isKnownRegion, parseCreditCode, parseDate } from '@unionfold/codes';
import { UnionType } from '@unionfold/contracts';
import { type RefusedProblem, refuse } from '@unionfold/contracts/problems';
import type { Decider, Decision } from '@unionfold/eventsourcing';
import type {
  Approval,
  DissolveUnion,
  EstablishUnion,
  MoveUnion,
  RenameUnion,
  UnionCommand,
  UnionEvent,
  UnionState,
} from './union.ts';
import { mayStandUnder } from './upper-union-policy.ts';

/** Longest name of a union, in characters. */
const longestName = 120;

/** The rules of a union's life (工会). */
export const unionDecider: Decider<UnionState, UnionCommand, UnionEvent> = {
  aggregate: 'union',
  initialState: {
    status: 'absent',
    unionId: '',
    name: '',
    type: UnionType.UNION_TYPE_UNSPECIFIED,
    territorialParentId: '',
    industryParentId: '',
    regionCode: '',
    creditCode: '',
    foundedOn: '',
    synthetic: false,
    successorId: '',
  },
  decide: (command, state) => {
    if (command.type === 'EstablishUnion') return establish(command, state);
    if (state.status === 'absent') return refuse('union-unknown', { field: 'unionId' });
    if (state.status === 'dissolved') return refuse('union-dissolved', { field: 'unionId' });
    switch (command.type) {
      case 'ApproveUnion':
        return state.status === 'active'
          ? refuse('union-already-approved', { field: 'unionId' })
          : approve(state.unionId, command.approval);
      case 'RenameUnion':
        return rename(command, state);
      case 'MoveUnion':
        return move(command, state);
      case 'DissolveUnion':
        return dissolve(command, state);
    }
  },
  evolve: (state, event) => {
    switch (event.type) {
      case 'UnionEstablished':
        return { ...state, ...event.data, status: 'pending' };
      case 'UnionApproved':
        return { ...state, status: 'active' };
      case 'UnionRenamed':
        return { ...state, name: event.data.name };
      case 'UnionMoved':
        return { ...state, territorialParentId: event.data.toParentId };
      case 'UnionDissolved':
        return { ...state, status: 'dissolved', successorId: event.data.successorId };
    }
  },
  snapshot: {
    schema: 1,
    every: 50,
    toJson: (state) => ({ ...state }),
    fromJson: (json) => json as unknown as UnionState,
  },
};

function establish(command: EstablishUnion, state: UnionState): Decision<UnionEvent> {
  if (state.status !== 'absent') return refuse('id-taken', { field: 'unionId' });
  const fault =
    nameFault(command.name) ??
    upperFault(command.unionType, command.territorialParentId, command.upper) ??
    industryFault(command) ??
    particularsFault(command);
  if (fault !== undefined) return fault;
  const approved = command.approval === undefined ? [] : approve(command.unionId, command.approval);
  if ('refused' in approved) return approved;
  return [
    {
      type: 'UnionEstablished',
      data: {
        unionId: command.unionId,
        name: command.name.trim(),
        type: command.unionType,
        territorialParentId: command.territorialParentId,
        industryParentId: command.industryParentId,
        regionCode: command.regionCode,
        creditCode: normalCreditCode(command.creditCode),
        foundedOn: command.foundedOn,
        synthetic: command.synthetic,
      },
    },
    ...approved,
  ];
}

/** 《工会法》 Art. 11: establishing a union needs the approval of the union above it. */
function approve(unionId: string, approval: Approval): Decision<UnionEvent> {
  if (approval.approvalDocument.trim() === '') {
    return refuse('approval-document-missing', { field: 'approvalDocument' });
  }
  const isRoot = approval.upperUnionIds.length === 0 && approval.approvedByUnionId === unionId;
  if (!isRoot && !approval.upperUnionIds.includes(approval.approvedByUnionId)) {
    return refuse('not-an-upper-union', { field: 'approvedByUnionId' });
  }
  return [
    {
      type: 'UnionApproved',
      data: {
        unionId,
        approvedByUnionId: approval.approvedByUnionId,
        approvalDocument: approval.approvalDocument.trim(),
      },
    },
  ];
}

function rename(command: RenameUnion, state: UnionState): Decision<UnionEvent> {
  const fault = nameFault(command.name);
  if (fault !== undefined) return fault;
  const name = command.name.trim();
  if (name === state.name) return [];
  return [{ type: 'UnionRenamed', data: { unionId: state.unionId, name, reason: command.reason } }];
}

function move(command: MoveUnion, state: UnionState): Decision<UnionEvent> {
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

function dissolve(command: DissolveUnion, state: UnionState): Decision<UnionEvent> {
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
      },
    },
  ];
}

function nameFault(name: string): RefusedProblem | undefined {
  const { length } = [...name.trim()];
  if (length === 0) return refuse('name-missing', { field: 'name' });
  if (length > longestName) {
    return refuse('name-too-long', { field: 'name', params: { maximum: longestName } });
  }
  return undefined;
}

function upperFault(
  type: UnionType,
  parentId: string,
  upper: UnionState | undefined,
  field = 'territorialParentId',
): RefusedProblem | undefined {
  if (type === UnionType.UNION_TYPE_UNSPECIFIED)
    return refuse('union-type-missing', { field: 'type' });
  if (parentId === '') {
    return type === UnionType.UNION_TYPE_NATIONAL
      ? undefined
      : refuse('parent-required', { field });
  }
  if (upper === undefined || upper.status === 'absent') return refuse('parent-unknown', { field });
  if (upper.status !== 'active') return refuse('parent-not-live', { field });
  if (!mayStandUnder(type, upper.type)) return refuse('parent-level-not-allowed', { field });
  return undefined;
}

function industryFault(command: EstablishUnion): RefusedProblem | undefined {
  if (command.industryParentId === '') return undefined;
  const field = 'industryParentId';
  const upper = command.industryUpper;
  if (upper === undefined || upper.status === 'absent') return refuse('parent-unknown', { field });
  if (upper.status !== 'active') return refuse('parent-not-live', { field });
  return undefined;
}

function particularsFault(command: EstablishUnion): RefusedProblem | undefined {
  if (command.regionCode !== '' && !isKnownRegion(command.regionCode)) {
    return refuse('region-code-unknown', { field: 'regionCode' });
  }
  if (command.creditCode !== '') {
    const parsed = parseCreditCode(command.creditCode, { union: true });
    if (!parsed.ok) return refuse(parsed.reason, { field: 'creditCode' });
  }
  if (command.foundedOn !== '' && !parseDate(command.foundedOn).ok) {
    return refuse('date-invalid', { field: 'foundedOn' });
  }
  return undefined;
}

/** As the code tables write it: people paste full-width digits and small letters. */
function normalCreditCode(text: string): string {
  const parsed = parseCreditCode(text);
  return parsed.ok ? parsed.code : '';
}
