import type { EventOf } from '@unionfold/contracts';
import { type AddressedNotice, toMember, toUnion } from './addressing.ts';
import type { Lookups } from './lookups.ts';

/** The events of elections, terms and officers that concern somebody. */
export type CommitteeChange = EventOf<
  | 'ElectionReported'
  | 'ElectionApproved'
  | 'ElectionRejected'
  | 'ElectionExceptionRequested'
  | 'ElectionExceptionApproved'
  | 'ElectionExceptionRejected'
  | 'TermEndWarned'
  | 'PostVacated'
  | 'DutyHandedOver'
  | 'DutyReceived'
>;

/** Whom a change in a union's committee concerns. What has no notice here concerns nobody. */
export async function onCommitteeChange(
  change: CommitteeChange,
  lookups: Lookups,
): Promise<readonly AddressedNotice[]> {
  switch (change.type) {
    case 'ElectionReported':
      return await onReported(change, lookups);
    case 'ElectionApproved':
      return await onElectionApproved(change, lookups);
    case 'ElectionRejected':
      return await onElectionRejected(change, lookups);
    case 'ElectionExceptionRequested':
      return await onExceptionRequested(change, lookups);
    case 'ElectionExceptionApproved':
      return await onExceptionApproved(change, lookups);
    case 'ElectionExceptionRejected':
      return await onExceptionRejected(change, lookups);
    case 'TermEndWarned':
      return await onTermEndWarned(change, lookups);
    case 'PostVacated':
      return await onPostVacated(change, lookups);
    case 'DutyHandedOver':
      return await onHandedOver(change, lookups);
    case 'DutyReceived':
      return await onReceived(change, lookups);
    default:
      return [];
  }
}

/** The upper union is asked for its approval, unless it reported itself. */
async function onReported(
  { data }: EventOf<'ElectionReported'>,
  lookups: Lookups,
): Promise<AddressedNotice[]> {
  const { electionId: aboutId, unionId, approvedByUnionId } = data;
  if (approvedByUnionId !== '') return [];
  const { name: unionName, parentId } = await lookups.union(unionId);
  const template = 'election-awaits-approval';
  const params = { unionId, unionName };
  return [toUnion(parentId, { template, aboutType: 'election', aboutId, params })];
}

async function onElectionApproved(
  { data }: EventOf<'ElectionApproved'>,
  lookups: Lookups,
): Promise<AddressedNotice[]> {
  const { electionId: aboutId, unionId } = data;
  const params = await approvalParams(data, lookups);
  const template = 'election-approved';
  return [toUnion(unionId, { template, aboutType: 'election', aboutId, params })];
}

async function onElectionRejected(
  { data }: EventOf<'ElectionRejected'>,
  lookups: Lookups,
): Promise<AddressedNotice[]> {
  const { electionId: aboutId, unionId } = data;
  const params = await rejectionParams(data, lookups);
  const template = 'election-rejected';
  return [toUnion(unionId, { template, aboutType: 'election', aboutId, params })];
}

async function onExceptionRequested(
  { data }: EventOf<'ElectionExceptionRequested'>,
  lookups: Lookups,
): Promise<AddressedNotice[]> {
  const { exceptionId: aboutId, unionId, holdBy } = data;
  const { name: unionName, parentId } = await lookups.union(unionId);
  const params = { unionId, unionName, holdBy };
  const template = 'election-exception-awaits-approval';
  return [toUnion(parentId, { template, aboutType: 'election-exception', aboutId, params })];
}

async function onExceptionApproved(
  { data }: EventOf<'ElectionExceptionApproved'>,
  lookups: Lookups,
): Promise<AddressedNotice[]> {
  const { exceptionId: aboutId, unionId } = data;
  const params = await approvalParams(data, lookups);
  const template = 'election-exception-approved';
  return [toUnion(unionId, { template, aboutType: 'election-exception', aboutId, params })];
}

async function onExceptionRejected(
  { data }: EventOf<'ElectionExceptionRejected'>,
  lookups: Lookups,
): Promise<AddressedNotice[]> {
  const { exceptionId: aboutId, unionId } = data;
  const params = await rejectionParams(data, lookups);
  const template = 'election-exception-rejected';
  return [toUnion(unionId, { template, aboutType: 'election-exception', aboutId, params })];
}

/** The union's cadres; once the day has passed, those of the upper union as well. */
async function onTermEndWarned(
  { data }: EventOf<'TermEndWarned'>,
  lookups: Lookups,
): Promise<AddressedNotice[]> {
  const { unionId, dueOn, level } = data;
  const { name: unionName, parentId } = await lookups.union(unionId);
  const params = { unionId, unionName, dueOn, months: String(level) };
  const about = { aboutType: 'union', aboutId: unionId, params } as const;
  if (level > 0) return [toUnion(unionId, { template: 'term-ending', ...about })];
  return [
    toUnion(unionId, { template: 'term-overdue', ...about }),
    toUnion(parentId, { template: 'subordinate-term-overdue', ...about }),
  ];
}

/** Changes of officers are reported up. */
async function onPostVacated(
  { data }: EventOf<'PostVacated'>,
  lookups: Lookups,
): Promise<AddressedNotice[]> {
  const { unionId } = data;
  const { name: unionName, parentId } = await lookups.union(unionId);
  const params = { unionId, unionName };
  const about = { aboutType: 'union', aboutId: unionId, params } as const;
  return [toUnion(parentId, { template: 'officer-ceased', ...about })];
}

/** Whoever has it now; where it went to another union, that one is told by its own event. */
async function onHandedOver(
  { data }: EventOf<'DutyHandedOver'>,
  lookups: Lookups,
): Promise<AddressedNotice[]> {
  const { unionId, dutyId: aboutId, toMemberId, toUnionId } = data;
  if (toMemberId === '' || toUnionId !== unionId) return [];
  const params = { unionId, unionName: await lookups.nameOf(unionId) };
  return [
    toMember(toMemberId, { template: 'duty-handed-over', aboutType: 'duty', aboutId, params }),
  ];
}

async function onReceived(
  { data }: EventOf<'DutyReceived'>,
  lookups: Lookups,
): Promise<AddressedNotice[]> {
  const { unionId, dutyId: aboutId, fromUnionId } = data;
  const params = { fromUnionId, fromUnionName: await lookups.nameOf(fromUnionId) };
  return [toUnion(unionId, { template: 'duty-received', aboutType: 'duty', aboutId, params })];
}

async function approvalParams(
  data: {
    readonly unionId: string;
    readonly approvedByUnionId: string;
    readonly approvalDocument: string;
  },
  lookups: Lookups,
): Promise<Readonly<Record<string, string>>> {
  const { unionId, approvedByUnionId, approvalDocument } = data;
  return {
    unionId,
    unionName: await lookups.nameOf(unionId),
    approvedByUnionId,
    approvedByUnionName: await lookups.nameOf(approvedByUnionId),
    approvalDocument,
  };
}

async function rejectionParams(
  { unionId, rejectedByUnionId }: { readonly unionId: string; readonly rejectedByUnionId: string },
  lookups: Lookups,
): Promise<Readonly<Record<string, string>>> {
  return {
    unionId,
    unionName: await lookups.nameOf(unionId),
    rejectedByUnionId,
    rejectedByUnionName: await lookups.nameOf(rejectedByUnionId),
  };
}
