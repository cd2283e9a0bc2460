import { type EventOf, UnionType } from '@unionfold/contracts';
import { specificationFor } from '@unionfold/eventsourcing/specification';
import { describe, expect, it } from 'vitest';
import { unionDecider } from './decider.ts';
import type { EstablishUnion, UnionState } from './union.ts';
import { mayStandUnder, upperUnionTypes } from './upper-union-policy.ts';

const { given } = specificationFor(unionDecider);

const county: UnionState = {
  ...unionDecider.initialState,
  status: 'active',
  unionId: 'cn-370202',
  name: '市南区总工会',
  type: UnionType.UNION_TYPE_COUNTY,
  territorialParentId: 'cn-3702',
};

const establish: EstablishUnion = {
  type: 'EstablishUnion',
  unionId: 'e1',
  name: ' 青岛示例机械有限公司工会委员会 ',
  unionType: UnionType.UNION_TYPE_ENTERPRISE,
  territorialParentId: county.unionId,
  industryParentId: '',
  regionCode: '370202',
  creditCode: '',
  foundedOn: '2026-01-05',
  synthetic: true,
  upper: county,
  industryUpper: undefined,
  approval: undefined,
};

const established: EventOf<'UnionEstablished'> = {
  type: 'UnionEstablished',
  data: {
    unionId: 'e1',
    name: '青岛示例机械有限公司工会委员会',
    type: UnionType.UNION_TYPE_ENTERPRISE,
    territorialParentId: county.unionId,
    industryParentId: '',
    regionCode: '370202',
    creditCode: '',
    foundedOn: '2026-01-05',
    synthetic: true,
  },
};

const approval = {
  approvedByUnionId: 'cn-370202',
  approvalDocument: '南工发〔2026〕1号',
  upperUnionIds: ['cn-370202', 'cn-3702', 'cn-37', 'cn'],
};

const approved: EventOf<'UnionApproved'> = {
  type: 'UnionApproved',
  data: {
    unionId: 'e1',
    approvedByUnionId: 'cn-370202',
    approvalDocument: '南工发〔2026〕1号',
  },
};

const dissolved: EventOf<'UnionDissolved'> = {
  type: 'UnionDissolved',
  data: { unionId: 'e1', parentId: 'cn-370202', successorId: 'cn-370202', reason: '企业终止' },
};

describe('establishing a union (成立)', () => {
  it('waits for the approval of the upper union', () => {
    given([]).when(establish).then([established]);
  });

  it('is approved in one when an upper union establishes it', () => {
    given([])
      .when({ ...establish, approval })
      .then([established, approved]);
  });

  it('is refused under an id that is taken, even by a dissolved union', () => {
    given([established]).when(establish).thenRefused('id-taken', 'unionId');
    given([established, approved, dissolved]).when(establish).thenRefused('id-taken', 'unionId');
  });

  it.each([
    [{ name: '  ' }, 'name-missing', 'name'],
    [{ name: '工'.repeat(121) }, 'name-too-long', 'name'],
    [{ unionType: UnionType.UNION_TYPE_UNSPECIFIED }, 'union-type-missing', 'type'],
    [{ territorialParentId: '', upper: undefined }, 'parent-required', 'territorialParentId'],
    [{ upper: unionDecider.initialState }, 'parent-unknown', 'territorialParentId'],
    [{ upper: { ...county, status: 'pending' } }, 'parent-not-live', 'territorialParentId'],
    [{ upper: { ...county, status: 'dissolved' } }, 'parent-not-live', 'territorialParentId'],
    [
      { unionType: UnionType.UNION_TYPE_PROVINCIAL },
      'parent-level-not-allowed',
      'territorialParentId',
    ],
    [{ industryParentId: 'x' }, 'parent-unknown', 'industryParentId'],
    [{ regionCode: '379999' }, 'region-code-unknown', 'regionCode'],
    [{ creditCode: '81370200MC1234566A' }, 'credit-code-invalid-check-digit', 'creditCode'],
    [{ creditCode: '91350100M000100Y43' }, 'credit-code-not-a-union', 'creditCode'],
    [{ foundedOn: '2026-02-30' }, 'date-invalid', 'foundedOn'],
  ] as const)('with %j is refused as %s', (fault, code, field) => {
    given([])
      .when({ ...establish, ...fault } as EstablishUnion)
      .thenRefused(code, field);
  });

  it('takes a credit code of a union', () => {
    given([])
      .when({ ...establish, creditCode: '81370200MC1234566U' })
      .then([{ ...established, data: { ...established.data, creditCode: '81370200MC1234566U' } }]);
  });
});

describe('approving an establishment (批复)', () => {
  it('makes the union live', () => {
    given([established]).when({ type: 'ApproveUnion', approval }).then([approved]);
  });

  it('is refused to a union that is not above it', () => {
    given([established])
      .when({ type: 'ApproveUnion', approval: { ...approval, approvedByUnionId: 'cn-3701' } })
      .thenRefused('not-an-upper-union', 'approvedByUnionId');
  });

  it('is refused to the union itself', () => {
    given([established])
      .when({ type: 'ApproveUnion', approval: { ...approval, approvedByUnionId: 'e1' } })
      .thenRefused('not-an-upper-union', 'approvedByUnionId');
  });

  it('needs the number of the document', () => {
    given([established])
      .when({ type: 'ApproveUnion', approval: { ...approval, approvalDocument: ' ' } })
      .thenRefused('approval-document-missing', 'approvalDocument');
  });

  it('is refused the second time', () => {
    given([established, approved])
      .when({ type: 'ApproveUnion', approval })
      .thenRefused('union-already-approved');
  });
});

describe('renaming (更名)', () => {
  const rename = { type: 'RenameUnion', name: '新名称工会', reason: '企业更名' } as const;
  const renamed = {
    type: 'UnionRenamed',
    data: { unionId: 'e1', name: '新名称工会', reason: '企业更名' },
  } as const;

  it('changes the name, and the second time nothing', () => {
    given([established, approved]).when(rename).then([renamed]);
    given([established, approved, renamed]).when(rename).thenNothing();
  });

  it('is refused for a union that is not there or no longer', () => {
    given([]).when(rename).thenRefused('union-unknown');
    given([established, approved, dissolved]).when(rename).thenRefused('union-dissolved');
  });
});

describe('moving under another upper union (变更隶属)', () => {
  const other: UnionState = { ...county, unionId: 'cn-370203' };
  const move = {
    type: 'MoveUnion',
    toParentId: 'cn-370203',
    reason: '迁址',
    upper: other,
    upperUnionIds: ['cn-3702', 'cn-37', 'cn'],
  } as const;
  const moved = {
    type: 'UnionMoved',
    data: { unionId: 'e1', fromParentId: 'cn-370202', toParentId: 'cn-370203', reason: '迁址' },
  } as const;

  it('tells from where to where, and the second time nothing', () => {
    given([established, approved]).when(move).then([moved]);
    given([established, approved, moved]).when(move).thenNothing();
  });

  it('is refused into the own subtree', () => {
    given([established, approved])
      .when({ ...move, upperUnionIds: ['e1', 'cn-3702'] })
      .thenRefused('move-into-own-subtree', 'toParentId');
    given([established, approved])
      .when({ ...move, toParentId: 'e1' })
      .thenRefused('move-into-own-subtree', 'toParentId');
  });

  it('is refused under a union that is unknown, or not live', () => {
    given([established, approved])
      .when({ ...move, upper: unionDecider.initialState })
      .thenRefused('parent-unknown', 'toParentId');
    given([established, approved])
      .when({ ...move, upper: { ...other, status: 'dissolved' } })
      .thenRefused('parent-not-live', 'toParentId');
  });
});

describe('dissolving (撤销)', () => {
  const dissolve = {
    type: 'DissolveUnion',
    successorId: 'cn-370202',
    reason: '企业终止',
    successor: county,
    subordinates: 0,
  } as const;

  it('names the successor, who takes over', () => {
    given([established, approved]).when(dissolve).then([dissolved]);
  });

  it('is refused while unions stand below', () => {
    given([established, approved])
      .when({ ...dissolve, subordinates: 2 })
      .thenRefused('union-has-subordinates');
  });

  it('is refused without a live successor other than itself', () => {
    given([established, approved])
      .when({ ...dissolve, successorId: 'e1' })
      .thenRefused('successor-invalid', 'successorId');
    given([established, approved])
      .when({ ...dissolve, successor: { ...county, status: 'dissolved' } })
      .thenRefused('successor-invalid', 'successorId');
  });
});

describe('the levels of unions', () => {
  it('let only the national federation stand at the top', () => {
    for (const type of Object.values(UnionType)) {
      if (type === UnionType.UNION_TYPE_UNSPECIFIED) continue;
      expect(upperUnionTypes[type].length > 0).toBe(type !== UnionType.UNION_TYPE_NATIONAL);
    }
  });

  it('never let a union stand under a lower federation', () => {
    const { UNION_TYPE_PROVINCIAL: province, UNION_TYPE_COUNTY: district } = UnionType;
    expect(mayStandUnder(district, province)).toBe(true);
    expect(mayStandUnder(province, district)).toBe(false);
  });
});

describe('a snapshot', () => {
  it('brings back the state', () => {
    const state = [established, approved].reduce(unionDecider.evolve, unionDecider.initialState);
    const { toJson, fromJson } = unionDecider.snapshot ?? {};
    expect(fromJson?.(JSON.parse(JSON.stringify(toJson?.(state))))).toEqual(state);
  });
});
