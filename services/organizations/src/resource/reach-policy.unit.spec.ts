import { ResourceAudience, UnionType } from '@unionfold/contracts';
import { describe, expect, it } from 'vitest';
import { reaches } from './reach-policy.ts';

const { UNION_TYPE_COUNTY: county, UNION_TYPE_ENTERPRISE: enterprise } = UnionType;
const lines: Readonly<Record<string, { type: UnionType; lineIds: string[] }>> = {
  cn: { type: UnionType.UNION_TYPE_NATIONAL, lineIds: ['cn'] },
  qd: { type: UnionType.UNION_TYPE_MUNICIPAL, lineIds: ['qd', 'cn'] },
  sn: { type: county, lineIds: ['sn', 'qd', 'cn'] },
  sb: { type: county, lineIds: ['sb', 'qd', 'cn'] },
  works: { type: enterprise, lineIds: ['works', 'sn', 'qd', 'cn'] },
  mill: { type: enterprise, lineIds: ['mill', 'sb', 'qd', 'cn'] },
};

function reached(audience: ResourceAudience, ownerUnionId: string, ownerParentId: string) {
  const offer = { audience, ownerUnionId, ownerParentId, levelUnionType: county };
  return Object.entries(lines).flatMap(([unionId, line]) =>
    reaches(offer, { unionId, ...line }) ? [unionId] : [],
  );
}

describe('An offer reaches', () => {
  it('the owner and those below it', () => {
    const { RESOURCE_AUDIENCE_SUBTREE: subtree } = ResourceAudience;
    expect(reached(subtree, 'sn', 'qd')).toEqual(['sn', 'works']);
  });

  it('its neighbours and theirs; at the top of the tree, those below', () => {
    const { RESOURCE_AUDIENCE_NEIGHBOURS: neighbours } = ResourceAudience;
    expect(reached(neighbours, 'sn', 'qd')).toEqual(['qd', 'sn', 'sb', 'works', 'mill']);
    expect(reached(neighbours, 'cn', '')).toEqual(Object.keys(lines));
  });

  it('one level below the owner, and the owner itself', () => {
    const { RESOURCE_AUDIENCE_LEVEL: level } = ResourceAudience;
    expect(reached(level, 'qd', 'cn')).toEqual(['qd', 'sn', 'sb']);
    expect(reached(level, 'works', 'sn')).toEqual(['works']);
  });

  it('everybody', () => {
    expect(reached(ResourceAudience.RESOURCE_AUDIENCE_ALL, 'works', 'sn')).toEqual(
      Object.keys(lines),
    );
  });
});
