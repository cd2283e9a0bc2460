import { type CoveredUnit, OfficerBody, UnionType } from '@unionfold/contracts';
import { describe, expect, it } from 'vitest';
import type { RecordDocument, UnionDocument } from './documents.ts';
import { qualityOf } from './record-quality.ts';

const {
  OFFICER_BODY_COMMITTEE: committee,
  OFFICER_BODY_AUDIT: audit,
  OFFICER_BODY_WOMEN: womens,
} = OfficerBody;

/** What of its bodies a union has to see to. */
function missing(type: UnionType, bodies: readonly OfficerBody[], women: number): string[] {
  const union = { type, regionCode: '', creditCode: '', foundedOn: '' } as UnionDocument;
  const record = {
    record: {},
    bodies,
    units: { u: { employees: 50, women } as CoveredUnit },
    approvalDocument: '',
  } as unknown as RecordDocument;
  return qualityOf(union, record).toFix.filter((name) => name.endsWith('committee'));
}

describe('The quality of a record', () => {
  it.each([
    [
      'an enterprise union without a term',
      [],
      9,
      ['committee', 'audit-committee', 'womens-committee'],
    ],
    ['where no women work', [], 0, ['committee', 'audit-committee']],
    ['with a committee alone', [committee], 9, ['audit-committee', 'womens-committee']],
    ['with all of its bodies', [committee, audit, womens], 9, []],
  ] as const)('asks for the bodies that a union has to have (%s)', (_, bodies, women, expected) => {
    expect(missing(UnionType.UNION_TYPE_ENTERPRISE, bodies, women)).toEqual(expected);
  });

  it('asks a federation for all of them, and a group for none', () => {
    expect(missing(UnionType.UNION_TYPE_COUNTY, [committee, audit], 0)).toEqual([
      'womens-committee',
    ]);
    expect(missing(UnionType.UNION_TYPE_GROUP, [], 9)).toEqual([]);
  });
});
