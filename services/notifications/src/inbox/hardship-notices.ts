import { type EventOf, HardshipCategory } from '@unionfold/contracts';
import { type AddressedNotice, toMember, toUnion } from './addressing.ts';
import type { Lookups } from './lookups.ts';

/** The events of hardship cases that concern somebody. */
export type HardshipChange = EventOf<
  | 'HardshipDeclared'
  | 'HardshipVerified'
  | 'HardshipApproved'
  | 'HardshipRejected'
  | 'AidPaid'
  | 'CaseReassigned'
>;

/** The union that has to verify. */
export function onDeclared(
  { data: { caseId, memberId, unionId } }: EventOf<'HardshipDeclared'>,
  lookups: Lookups,
): AddressedNotice[] {
  lookups.rememberCase({ id: caseId, memberId, unionId });
  return [toUnion(unionId, { template: 'hardship-declared', ...about(caseId) })];
}

/** The worker; and where the household qualifies, the upper union, which has to approve. */
export async function onVerified(
  { data: { caseId, category } }: EventOf<'HardshipVerified'>,
  lookups: Lookups,
): Promise<AddressedNotice[]> {
  const { memberId, unionId } = await lookups.caseOf(caseId);
  if (category === HardshipCategory.HARDSHIP_CATEGORY_UNSPECIFIED) {
    return [toMember(memberId, { template: 'hardship-not-eligible', ...about(caseId) })];
  }
  const { name: unionName, parentId } = await lookups.union(unionId);
  return [
    toMember(memberId, { template: 'hardship-verified', ...about(caseId) }),
    toUnion(parentId, {
      template: 'hardship-awaits-approval',
      ...about(caseId, { unionId, unionName }),
    }),
  ];
}

/** The worker. */
export async function onAidApproved(
  { data: { caseId, amountFen } }: EventOf<'HardshipApproved'>,
  lookups: Lookups,
): Promise<AddressedNotice[]> {
  const { memberId } = await lookups.caseOf(caseId);
  return [
    toMember(memberId, { template: 'hardship-approved', ...about(caseId, money(amountFen)) }),
  ];
}

/** The worker. The opinion is personal: it stays in the case. */
export function onRejected({
  data: { caseId, memberId },
}: EventOf<'HardshipRejected'>): AddressedNotice[] {
  return [toMember(memberId, { template: 'hardship-rejected', ...about(caseId) })];
}

/** The worker. */
export function onPaid({
  data: { caseId, memberId, amountFen },
}: EventOf<'AidPaid'>): AddressedNotice[] {
  return [toMember(memberId, { template: 'aid-paid', ...about(caseId, money(amountFen)) })];
}

/** The union that has the case now. */
export async function onReassigned(
  { data: { caseId, fromUnionId, toUnionId } }: EventOf<'CaseReassigned'>,
  lookups: Lookups,
): Promise<AddressedNotice[]> {
  lookups.rememberCase({ ...(await lookups.caseOf(caseId)), unionId: toUnionId });
  const fromUnionName = await lookups.nameOf(fromUnionId);
  return [
    toUnion(toUnionId, {
      template: 'case-received',
      ...about(caseId, { fromUnionId, fromUnionName }),
    }),
  ];
}

function about(caseId: string, params: Readonly<Record<string, string>> = {}) {
  return { aboutType: 'hardship-case', aboutId: caseId, params } as const;
}

/** For programs in fen, for readers in yuan. */
function money(amountFen: bigint): { readonly amountFen: string; readonly amountYuan: string } {
  const fen = String(amountFen % 100n).padStart(2, '0');
  return { amountFen: String(amountFen), amountYuan: `${amountFen / 100n}.${fen}` };
}
