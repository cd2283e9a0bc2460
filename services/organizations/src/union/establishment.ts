import { isKnownRegion, parseCreditCode, parseDate } from '@unionfold/codes';
import { type RefusedProblem, refuse } from '@unionfold/contracts/problems';
import type { Decision } from '@unionfold/eventsourcing';
import { approvalFault } from './approval-policy.ts';
import { nameFault } from './naming.ts';
import type { Approval, EstablishUnion, PrepareUnion, UnionEvent, UnionState } from './union.ts';
import { industryUpperFault, liveUnionFault, upperFault } from './upper-union-policy.ts';

/** A group that prepares a union is noted under the union above, so that nobody prepares a second one. */
export function prepare(command: PrepareUnion, state: UnionState): Decision<UnionEvent> {
  const { unionId, territorialParentId, regionCode, synthetic, upper } = command;
  if (state.status !== 'absent') return refuse('id-taken', { field: 'unionId' });
  const fault =
    nameFault(command.name) ??
    (territorialParentId === ''
      ? refuse('parent-required', { field: 'territorialParentId' })
      : liveUnionFault(upper, 'territorialParentId')) ??
    regionFault(regionCode);
  if (fault !== undefined) return fault;
  const name = command.name.trim();
  return [
    {
      type: 'UnionPreparationBegun',
      data: { unionId, name, territorialParentId, regionCode, synthetic },
    },
  ];
}

/** Establishes a union that nobody knew, or that was being prepared in the same place. */
export function establish(command: EstablishUnion, state: UnionState): Decision<UnionEvent> {
  if (state.status !== 'absent' && state.status !== 'preparing') {
    return refuse('id-taken', { field: 'unionId' });
  }
  if (state.status === 'preparing' && command.territorialParentId !== state.territorialParentId) {
    return refuse('prepared-elsewhere', { field: 'territorialParentId' });
  }
  const fault =
    nameFault(command.name) ??
    upperFault(command.unionType, command.territorialParentId, command.upper) ??
    industryUpperFault(command.industryParentId, command.industryUpper, 'industryParentId') ??
    particularsFault(command);
  if (fault !== undefined) return fault;
  const approved =
    command.approval === undefined ? [] : approval(command.unionId, command.approval);
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

/** The upper union approves the establishment. */
export function approve(given: Approval, state: UnionState): Decision<UnionEvent> {
  if (state.status === 'preparing') return refuse('union-in-preparation', { field: 'unionId' });
  if (state.status !== 'pending') return refuse('union-already-approved', { field: 'unionId' });
  return approval(state.unionId, given);
}

/** 《工会法》 Art. 11: establishing a union needs the approval of the union above it. */
function approval(unionId: string, given: Approval): Decision<UnionEvent> {
  const fault = approvalFault(unionId, given);
  if (fault !== undefined) return fault;
  return [
    {
      type: 'UnionApproved',
      data: {
        unionId,
        approvedByUnionId: given.approvedByUnionId,
        approvalDocument: given.approvalDocument.trim(),
      },
    },
  ];
}

function particularsFault(command: EstablishUnion): RefusedProblem | undefined {
  const fault = regionFault(command.regionCode);
  if (fault !== undefined) return fault;
  if (command.creditCode !== '') {
    const parsed = parseCreditCode(command.creditCode, { union: true });
    if (!parsed.ok) return refuse(parsed.reason, { field: 'creditCode' });
  }
  if (command.foundedOn !== '' && !parseDate(command.foundedOn).ok) {
    return refuse('date-invalid', { field: 'foundedOn' });
  }
  return undefined;
}

function regionFault(code: string): RefusedProblem | undefined {
  return code === '' || isKnownRegion(code)
    ? undefined
    : refuse('region-code-unknown', { field: 'regionCode' });
}

/** As the code tables write it: people paste full-width digits and small letters. */
function normalCreditCode(text: string): string {
  const parsed = parseCreditCode(text);
  return parsed.ok ? parsed.code : '';
}
