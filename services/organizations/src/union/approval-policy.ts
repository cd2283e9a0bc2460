import { type RefusedProblem, refuse } from '@unionfold/contracts/problems';
import type { Approval } from './union.ts';

/**
 * What is decided on a union is decided by one above it, under a document's number (批复). The national federation, with
 * nothing above, decides for itself.
 */
export function approvalFault(unionId: string, approval: Approval): RefusedProblem | undefined {
  if (approval.approvalDocument.trim() === '') {
    return refuse('approval-document-missing', { field: 'approvalDocument' });
  }
  return deciderFault(unionId, approval.approvedByUnionId, approval.upperUnionIds);
}

/** Whether the union that decides stands above the one concerned. */
export function deciderFault(
  unionId: string,
  byUnionId: string,
  upperUnionIds: readonly string[],
  field = 'approvedByUnionId',
): RefusedProblem | undefined {
  const isRoot = upperUnionIds.length === 0 && byUnionId === unionId;
  return isRoot || upperUnionIds.includes(byUnionId)
    ? undefined
    : refuse('not-an-upper-union', { field });
}
