import { UnionType } from '@unionfold/contracts';

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
