import { Gender } from '@unionfold/contracts';
import { type ProblemCode, refuse } from '@unionfold/contracts/problems';
import { type Decider, type Decision, isRefusal, type Refusal } from '@unionfold/eventsourcing';
import type { UnionStanding } from '../rosters/union-standing.ts';
import type {
  CarryOverMember,
  CorrectMember,
  EnrolMember,
  MemberCommand,
  MemberEvent,
  MemberState,
  TransferMember,
} from './member.ts';
import { readJoinedOn, readParticulars } from './particulars-policy.ts';

/** The rules of a membership's life (会籍). */
export const memberDecider: Decider<MemberState, MemberCommand, MemberEvent> = {
  aggregate: 'member',
  initialState: {
    status: 'absent',
    memberId: '',
    unionId: '',
    name: '',
    citizenNumber: '',
    citizenNumberIndex: '',
    mobile: '',
    gender: Gender.GENDER_UNSPECIFIED,
    birthDate: '',
    joinedOn: '',
    synthetic: false,
  },
  decide: (command, state) => {
    if (command.type === 'EnrolMember') return enrol(command, state);
    if (state.status === 'absent') return refuse('member-unknown', { field: 'memberId' });
    switch (command.type) {
      case 'CorrectMember':
        return correct(command, state);
      case 'TransferMember':
        return transfer(command, state);
      case 'CarryOverMember':
        return carryOver(command, state);
      case 'LeaveUnion':
        return leave(command.reason, state);
    }
  },
  evolve: (state, event) => {
    switch (event.type) {
      case 'MemberEnrolled':
        return { ...state, ...event.data, status: 'active' };
      case 'MemberCorrected': {
        const { reason: _, ...particulars } = event.data;
        return { ...state, ...particulars };
      }
      case 'MemberTransferred':
        return { ...state, unionId: event.data.toUnionId };
      case 'MemberLeft':
        return { ...state, status: 'left' };
    }
  },
};

function enrol(command: EnrolMember, state: MemberState): Decision<MemberEvent> {
  const { memberId, unionId, synthetic, today } = command;
  if (state.status !== 'absent') {
    return refuse('id-taken', { field: 'memberId', params: { id: memberId } });
  }
  const particulars = readParticulars(command);
  if (isRefusal(particulars)) return particulars;
  const { birthDate } = particulars;
  const joinedOn = readJoinedOn(command.joinedOn, { birthDate, today });
  if (isRefusal(joinedOn)) return joinedOn;
  const fault = standingFault(command.union, 'unionId');
  if (fault !== undefined) return fault;
  return [
    { type: 'MemberEnrolled', data: { memberId, unionId, ...particulars, joinedOn, synthetic } },
  ];
}

function correct(command: CorrectMember, state: MemberState): Decision<MemberEvent> {
  if (state.status === 'left') return refuse('member-not-live', { field: 'memberId' });
  const particulars = readParticulars({
    ...command,
    name: command.name === '' ? state.name : command.name,
    mobile: command.mobile === '' ? state.mobile : command.mobile,
    ...(command.citizenNumber === '' && {
      citizenNumber: state.citizenNumber,
      citizenNumberIndex: state.citizenNumberIndex,
    }),
  });
  if (isRefusal(particulars)) return particulars;
  const { name, citizenNumber, mobile } = particulars;
  if (name === state.name && citizenNumber === state.citizenNumber && mobile === state.mobile) {
    return [];
  }
  const { memberId, unionId } = state;
  return [
    {
      type: 'MemberCorrected',
      data: { memberId, unionId, ...particulars, reason: command.reason },
    },
  ];
}

function transfer(command: TransferMember, state: MemberState): Decision<MemberEvent> {
  if (state.status === 'left') return refuse('member-not-live', { field: 'memberId' });
  if (command.toUnionId === state.unionId) return [];
  return (
    standingFault(command.toUnion, 'toUnionId') ?? moved(state, command.toUnionId, command.reason)
  );
}

/** Somebody else may have moved the member on, or the member left: then there is nothing to carry. */
function carryOver(command: CarryOverMember, state: MemberState): Decision<MemberEvent> {
  const { fromUnionId, toUnionId, reason } = command;
  if (state.status === 'left' || state.unionId !== fromUnionId) return [];
  return toUnionId === fromUnionId ? [] : moved(state, toUnionId, reason);
}

function leave(reason: string, state: MemberState): Decision<MemberEvent> {
  if (state.status === 'left') return [];
  const { memberId, unionId } = state;
  return [{ type: 'MemberLeft', data: { memberId, unionId, reason } }];
}

function moved(state: MemberState, toUnionId: string, reason: string): readonly MemberEvent[] {
  const { memberId, unionId: fromUnionId } = state;
  return [{ type: 'MemberTransferred', data: { memberId, fromUnionId, toUnionId, reason } }];
}

/** Only a union in being takes members. */
function standingFault(standing: UnionStanding, field: string): Refusal<ProblemCode> | undefined {
  switch (standing) {
    case 'active':
      return undefined;
    case 'unknown':
      return refuse('union-unknown', { field });
    case 'pending':
      return refuse('union-not-live', { field });
    case 'suspended':
      return refuse('union-suspended', { field });
    case 'dissolved':
      return refuse('union-dissolved', { field });
  }
}
