import type { ResourceEligibility, UnionType } from '@unionfold/contracts';

/** Who asks for a booking. */
export interface Applicant {
  /** The union that it is for, or the worker's. */
  readonly unionId: string;
  readonly unionType: UnionType;
  /** Empty for a union. */
  readonly memberId: string;
}

/** Whether the owner's terms let this union or worker book (预约资格). */
export function isEligible(eligibility: ResourceEligibility, applicant: Applicant): boolean {
  const { unions, workers, unionTypes } = eligibility;
  if (applicant.memberId === '' ? !unions : !workers) return false;
  return unionTypes.length === 0 || unionTypes.includes(applicant.unionType);
}
