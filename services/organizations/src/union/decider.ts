import { UnionType } from '@unionfold/contracts';
import { refuse } from '@unionfold/contracts/problems';
import type { Decider, JsonObject } from '@unionfold/eventsourcing';
import { approve, establish, prepare } from './establishment.ts';
import { correctRecord, coverUnit, releaseUnit, verifyRecord } from './record.ts';
import {
  changeIndustryParent,
  changeType,
  dissolve,
  move,
  rename,
  restore,
  resume,
  split,
  suspend,
} from './structure.ts';
import type { UnionCommand, UnionEvent, UnionState } from './union.ts';

/** A union of which nothing is known. */
const absent: UnionState = {
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
  record: {
    legalPerson: false,
    certificateNumber: '',
    certificateValidUntil: '',
    address: '',
    addressRegionCode: '',
    contactOffice: '',
    contactPhone: '',
    duties: '',
    functions: [],
  },
  units: {},
  verifiedOn: '',
};

/** The rules of a union's life (工会). */
export const unionDecider: Decider<UnionState, UnionCommand, UnionEvent> = {
  aggregate: 'union',
  initialState: absent,
  decide: (command, state) => {
    if (command.type === 'PrepareUnion') return prepare(command, state);
    if (command.type === 'EstablishUnion') return establish(command, state);
    if (state.status === 'absent') return refuse('union-unknown', { field: 'unionId' });
    if (command.type === 'RestoreUnion') return restore(command, state);
    if (state.status === 'dissolved') return refuse('union-dissolved', { field: 'unionId' });
    switch (command.type) {
      case 'ApproveUnion':
        return approve(command.approval, state);
      case 'RenameUnion':
        return rename(command, state);
      case 'MoveUnion':
        return move(command, state);
      case 'ChangeIndustryParent':
        return changeIndustryParent(command, state);
      case 'ChangeUnionType':
        return changeType(command, state);
      case 'SuspendUnion':
        return suspend(command, state);
      case 'ResumeUnion':
        return resume(command, state);
      case 'SplitUnion':
        return split(command, state);
      case 'DissolveUnion':
        return dissolve(command, state);
      case 'CorrectUnionRecord':
        return correctRecord(command, state);
      case 'VerifyUnionRecord':
        return verifyRecord(command, state);
      case 'CoverUnit':
        return coverUnit(command, state);
      case 'ReleaseUnit':
        return releaseUnit(command, state);
    }
  },
  evolve: (state, event) => {
    switch (event.type) {
      case 'UnionPreparationBegun':
        return { ...state, ...event.data, status: 'preparing' };
      case 'UnionEstablished':
        return { ...state, ...event.data, status: 'pending' };
      case 'UnionApproved':
      case 'UnionResumed':
        return { ...state, status: 'active' };
      case 'UnionRenamed':
        return { ...state, name: event.data.name };
      case 'UnionMoved':
        return { ...state, territorialParentId: event.data.toParentId };
      case 'UnionIndustryParentChanged':
        return { ...state, industryParentId: event.data.toParentId };
      case 'UnionTypeChanged':
        return { ...state, type: event.data.toType };
      case 'UnionSuspended':
        return { ...state, status: 'suspended' };
      case 'UnionSplit':
        return state;
      case 'UnionDissolved':
        return { ...state, status: 'dissolved', successorId: event.data.successorId };
      case 'UnionRestored':
        return { ...state, status: 'active', successorId: '' };
      case 'UnionRecordCorrected':
        return { ...state, record: event.data.record ?? absent.record };
      case 'UnionRecordVerified':
        return { ...state, verifiedOn: event.data.verifiedOn };
      case 'UnitCovered': {
        const { unit } = event.data;
        return unit === undefined
          ? state
          : { ...state, units: { ...state.units, [unit.creditCode]: unit } };
      }
      case 'UnitReleased': {
        const { [event.data.creditCode]: _, ...units } = state.units;
        return { ...state, units };
      }
    }
  },
  snapshot: {
    schema: 2,
    every: 50,
    toJson: (state) => ({ ...state }) as unknown as JsonObject,
    fromJson: (json) => json as unknown as UnionState,
  },
};
