import { UnionType } from '@unionfold/contracts';
import { type RefusedProblem, refuse } from '@unionfold/contracts/problems';
import type { UnionState } from './union.ts';

/**
 * Which kinds of union may stand directly above which (地方隶属). Territorial federations follow the administrative
 * levels; a county may stand directly under a province (省直辖县). Source: 《中国工会章程》 on the levels of
 * organisation; provinces differ below the county, so the lower rows are wide.
 */
export const upperUnionTypes: Readonly<Record<UnionType, readonly UnionType[]>> = {
  [UnionType.UNION_TYPE_UNSPECIFIED]: [],
  [UnionType.UNION_TYPE_NATIONAL]: [],
  [UnionType.UNION_TYPE_PROVINCIAL]: [UnionType.UNION_TYPE_NATIONAL],
  [UnionType.UNION_TYPE_MUNICIPAL]: [UnionType.UNION_TYPE_PROVINCIAL],
  [UnionType.UNION_TYPE_COUNTY]: [UnionType.UNION_TYPE_MUNICIPAL, UnionType.UNION_TYPE_PROVINCIAL],
  [UnionType.UNION_TYPE_TOWNSHIP]: [UnionType.UNION_TYPE_COUNTY, UnionType.UNION_TYPE_MUNICIPAL],
  [UnionType.UNION_TYPE_INDUSTRY]: [
    UnionType.UNION_TYPE_NATIONAL,
    UnionType.UNION_TYPE_PROVINCIAL,
    UnionType.UNION_TYPE_MUNICIPAL,
    UnionType.UNION_TYPE_COUNTY,
  ],
  [UnionType.UNION_TYPE_AREA]: [
    UnionType.UNION_TYPE_MUNICIPAL,
    UnionType.UNION_TYPE_COUNTY,
    UnionType.UNION_TYPE_TOWNSHIP,
  ],
  [UnionType.UNION_TYPE_JOINT]: [
    UnionType.UNION_TYPE_PROVINCIAL,
    UnionType.UNION_TYPE_MUNICIPAL,
    UnionType.UNION_TYPE_COUNTY,
    UnionType.UNION_TYPE_TOWNSHIP,
    UnionType.UNION_TYPE_INDUSTRY,
    UnionType.UNION_TYPE_AREA,
  ],
  [UnionType.UNION_TYPE_ENTERPRISE]: [
    UnionType.UNION_TYPE_NATIONAL,
    UnionType.UNION_TYPE_PROVINCIAL,
    UnionType.UNION_TYPE_MUNICIPAL,
    UnionType.UNION_TYPE_COUNTY,
    UnionType.UNION_TYPE_TOWNSHIP,
    UnionType.UNION_TYPE_INDUSTRY,
    UnionType.UNION_TYPE_AREA,
    UnionType.UNION_TYPE_JOINT,
    UnionType.UNION_TYPE_ENTERPRISE,
  ],
  [UnionType.UNION_TYPE_SUB_UNION]: [
    UnionType.UNION_TYPE_JOINT,
    UnionType.UNION_TYPE_ENTERPRISE,
    UnionType.UNION_TYPE_SUB_UNION,
  ],
  [UnionType.UNION_TYPE_GROUP]: [
    UnionType.UNION_TYPE_JOINT,
    UnionType.UNION_TYPE_ENTERPRISE,
    UnionType.UNION_TYPE_SUB_UNION,
  ],
};

/** Whether a union of this type may stand directly below one of that type. */
export function mayStandUnder(type: UnionType, upper: UnionType): boolean {
  return upperUnionTypes[type].includes(upper);
}

/** Why a union of this type cannot stand under that one; undefined when it can. */
export function upperFault(
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
  const fault = liveUnionFault(upper, field);
  if (fault !== undefined || upper === undefined) return fault;
  if (!mayStandUnder(type, upper.type)) return refuse('parent-level-not-allowed', { field });
  return undefined;
}

/** Why nothing can be put under a union; undefined when it can. */
export function liveUnionFault(
  upper: UnionState | undefined,
  field: string,
): RefusedProblem | undefined {
  if (upper === undefined || upper.status === 'absent') return refuse('parent-unknown', { field });
  return upper.status === 'active' ? undefined : refuse('parent-not-live', { field });
}

/** Why that cannot be the industry line's upper union; undefined when it can, or none is named. */
export function industryUpperFault(
  parentId: string,
  upper: UnionState | undefined,
  field: string,
): RefusedProblem | undefined {
  return parentId === '' ? undefined : liveUnionFault(upper, field);
}
