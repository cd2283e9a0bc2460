import { type CoveredUnit, type EventOf, UnionType } from '@unionfold/contracts';
import { specificationFor } from '@unionfold/eventsourcing/specification';
import { describe, it } from 'vitest';
import { unionDecider } from './decider.ts';

const { given } = specificationFor(unionDecider);

const established: EventOf<'UnionEstablished'> = {
  type: 'UnionEstablished',
  data: {
    unionId: 'e1',
    name: '青岛示例机械有限公司工会委员会',
    type: UnionType.UNION_TYPE_ENTERPRISE,
    territorialParentId: 'cn-370202',
    industryParentId: '',
    regionCode: '370202',
    creditCode: '',
    foundedOn: '2026-01-05',
    synthetic: true,
  },
};

const approved: EventOf<'UnionApproved'> = {
  type: 'UnionApproved',
  data: {
    unionId: 'e1',
    approvedByUnionId: 'cn-370202',
    approvalDocument: '南工发〔2026〕1号',
  },
};

const unit: CoveredUnit = {
  creditCode: '91350100M000100Y43',
  name: '青岛示例重工有限公司',
  ownership: '170',
  industry: 'C34',
  employees: 260,
  women: 100,
  migrantWorkers: 30,
  dispatched: 0,
  newForms: 0,
};

describe('covering an employer (登记覆盖单位)', () => {
  it.each([
    {},
    { ownership: '', industry: '' },
    { ownership: '700', industry: 'C' },
    { industry: 'A01' },
    { industry: 'T97' },
  ])('with %j is noted', (codes) => {
    const noted = { ...unit, ...codes };
    given([established, approved])
      .when({ type: 'CoverUnit', unit: noted })
      .then([{ type: 'UnitCovered', data: { unionId: 'e1', unit: noted } }]);
  });

  it.each([
    [{ ownership: '150' }, 'ownership-code-unknown', 'unit.ownership'],
    [{ ownership: '私营' }, 'ownership-code-unknown', 'unit.ownership'],
    [{ industry: '34' }, 'industry-code-unknown', 'unit.industry'],
    [{ industry: 'D34' }, 'industry-code-unknown', 'unit.industry'],
    [{ industry: 'c34' }, 'industry-code-unknown', 'unit.industry'],
    [{ industry: 'U' }, 'industry-code-unknown', 'unit.industry'],
  ] as const)('with %j is refused as %s', (fault, code, field) => {
    given([established, approved])
      .when({ type: 'CoverUnit', unit: { ...unit, ...fault } })
      .thenRefused(code, field);
  });
});
