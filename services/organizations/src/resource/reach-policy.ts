import { ResourceAudience, type UnionType } from '@unionfold/contracts';

/** A union as far as it matters to what reaches it. */
export interface ReachedUnion {
  readonly unionId: string;
  readonly type: UnionType;
  /** The union itself and those above it. */
  readonly lineIds: readonly string[];
}

/** An offer as far as it matters to whom it reaches. */
export interface OfferedTo {
  readonly audience: ResourceAudience;
  readonly ownerUnionId: string;
  /** The owner's upper union; empty at the top of the tree. */
  readonly ownerParentId: string;
  readonly levelUnionType: UnionType;
}

/** Whether an offer reaches a union (共享范围). The owner can always use what is its own. */
export function reaches(offer: OfferedTo, union: ReachedUnion): boolean {
  const { audience, ownerUnionId, ownerParentId } = offer;
  if (union.unionId === ownerUnionId) return true;
  const isBelowOwner = union.lineIds.includes(ownerUnionId);
  switch (audience) {
    case ResourceAudience.RESOURCE_AUDIENCE_ALL:
      return true;
    case ResourceAudience.RESOURCE_AUDIENCE_SUBTREE:
      return isBelowOwner;
    case ResourceAudience.RESOURCE_AUDIENCE_NEIGHBOURS:
      return ownerParentId === '' ? isBelowOwner : union.lineIds.includes(ownerParentId);
    case ResourceAudience.RESOURCE_AUDIENCE_LEVEL:
      return isBelowOwner && union.type === offer.levelUnionType;
    case ResourceAudience.RESOURCE_AUDIENCE_UNSPECIFIED:
      return false;
  }
}
