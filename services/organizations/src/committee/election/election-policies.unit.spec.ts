import { addMonths, dateOfDayNumber, dayNumber } from '@unionfold/codes';
import { ElectionKind, OfficerPost } from '@unionfold/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  auditOf,
  committeeAfter,
  committeeOf,
  firstTerm,
  grassroots,
  seat,
  womenOf,
} from '../committee.fixture.ts';
import type { ElectionCircumstances, ElectionResult } from './election.ts';
import { electionFault } from './election-policies.ts';

const result = (changes: Partial<ElectionResult> = {}): ElectionResult => ({
  kind: ElectionKind.ELECTION_KIND_REGULAR,
  heldOn: '2024-05-20',
  termYears: 3,
  seats: committeeOf(5),
  ...changes,
});

const circumstances = (changes: Partial<ElectionCircumstances> = {}): ElectionCircumstances => ({
  committee: committeeAfter(),
  roster: { absentMemberIds: [], members: 25 },
  rules: grassroots,
  today: '2024-06-01',
  ...changes,
});

const faultOf = (
  election: Partial<ElectionResult>,
  against: Partial<ElectionCircumstances> = {},
): string | undefined => electionFault(result(election), circumstances(against))?.refused;

describe('an election', () => {
  it('with everything in order has nothing against it', () => {
    expect(faultOf({ seats: [...committeeOf(5), ...auditOf(3), ...womenOf(2)] })).toBeUndefined();
  });

  it.each<[string, Partial<ElectionResult>]>([
    ['election-kind-missing', { kind: ElectionKind.ELECTION_KIND_UNSPECIFIED }],
    ['date-invalid', { heldOn: '2024-02-30' }],
    ['date-in-future', { heldOn: '2024-06-02' }],
    ['election-empty', { seats: [] }],
    ['post-not-of-body', { seats: [seat(OfficerPost.OFFICER_POST_AUDIT_CHAIR, 'c')] }],
    ['term-years-not-allowed', { termYears: 4 }],
  ])('is complete: %s', (code, election) => {
    expect(faultOf(election)).toBe(code);
  });

  it('has a committee, and no audit committee alone', () => {
    expect(faultOf({ seats: auditOf(3) })).toBe('post-not-single');
  });

  it('has one chair in each body', () => {
    const chairless = committeeOf(5).slice(1);
    expect(faultOf({ seats: chairless })).toBe('post-not-single');
    const twoChairs = [
      ...chairless,
      ...['c', 'd'].map((id) => seat(OfficerPost.OFFICER_POST_CHAIR, id)),
    ];
    expect(faultOf({ seats: twoChairs })).toBe('post-not-single');
    expect(faultOf({ seats: [...committeeOf(5), ...auditOf(4).slice(1)] })).toBe('post-not-single');
  });

  it('seats nobody twice in a body, but in two bodies', () => {
    const twice = committeeOf(5).map((held) =>
      held.memberId === 'm1' ? { ...held, memberId: 'm2' } : held,
    );
    expect(faultOf({ seats: twice })).toBe('post-held-twice');
    const women = womenOf(1).map((held) => ({ ...held, memberId: 'c' }));
    expect(faultOf({ seats: [...committeeOf(5), ...women] })).toBeUndefined();
  });

  it('has the size that the rules say', () => {
    const allowed = [3, 5, 7, 9, 11];
    for (let size = 2; size <= 13; size++) {
      const fault = faultOf({ seats: committeeOf(size) });
      expect(fault === undefined, `${size}: ${fault}`).toBe(allowed.includes(size));
    }
    expect(faultOf({ seats: committeeOf(4) })).toBe('body-size-even');
    expect(faultOf({ seats: committeeOf(13) })).toBe('body-size-not-allowed');
    const audits = [1, 3, 4, 5, 7].map((size) =>
      faultOf({ seats: [...committeeOf(3), ...auditOf(size)] }),
    );
    expect(audits).toEqual([
      'body-size-not-allowed',
      undefined,
      'body-size-even',
      undefined,
      'body-size-not-allowed',
    ]);
  });

  it('may be of one organiser alone while there are fewer than 25 members', () => {
    const alone = { seats: committeeOf(1) };
    const members = (number: number) => ({ roster: { absentMemberIds: [], members: number } });
    expect(faultOf(alone, members(24))).toBeUndefined();
    expect(faultOf(alone, members(25))).toBe('committee-required');
  });

  it('does not have the chair audit', () => {
    const audit = auditOf(3).map((held, index) =>
      index === 2 ? { ...held, memberId: 'c' } : held,
    );
    const election = { seats: [...committeeOf(3), ...audit] };
    expect(faultOf(election)).toBe('chair-audits-self');
    expect(faultOf(election, { rules: { ...grassroots, chairMayAudit: true } })).toBeUndefined();
  });

  it('elects members of the union', () => {
    const roster = { absentMemberIds: ['m1', 'm2'], members: 25 };
    const fault = electionFault(result(), circumstances({ roster }));
    expect(fault).toMatchObject({ refused: 'officer-not-a-member', params: { number: 2 } });
  });

  it('is a regular one when it is the first', () => {
    expect(faultOf({ kind: ElectionKind.ELECTION_KIND_EARLY })).toBe('term-missing');
    expect(faultOf({ kind: ElectionKind.ELECTION_KIND_BY_ELECTION })).toBe('term-missing');
  });

  it('is early, regular or late by its day, and never two of these', () => {
    const committee = committeeAfter(firstTerm);
    const { beganOn, endsOn } = committee;
    const opensOn = addMonths(endsOn, -3);
    const kinds = [
      ElectionKind.ELECTION_KIND_EARLY,
      ElectionKind.ELECTION_KIND_REGULAR,
      ElectionKind.ELECTION_KIND_LATE,
    ] as const;
    const allowedFor = (kind: ElectionKind) => ({
      ...committee,
      allowed: { exceptionId: 'x', kind, holdBy: '2039-01-01' },
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3_000 }), (days) => {
        const heldOn = dateOfDayNumber(dayNumber(beganOn) + days);
        const fitting = kinds.filter(
          (kind) =>
            faultOf({ kind, heldOn }, { committee: allowedFor(kind), today: '2040-01-01' }) ===
            undefined,
        );
        const right = heldOn < opensOn ? kinds[0] : heldOn <= endsOn ? kinds[1] : kinds[2];
        expect(fitting).toEqual([right]);
      }),
    );
  });

  it('says what it is when it was reported as something else', () => {
    const committee = committeeAfter(firstTerm);
    const against = { committee, today: '2030-01-01' };
    expect(faultOf({ heldOn: '2027-02-19' }, against)).toBe('election-is-early');
    expect(faultOf({ heldOn: '2027-02-20' }, against)).toBeUndefined();
    expect(faultOf({ heldOn: '2027-05-20' }, against)).toBeUndefined();
    expect(faultOf({ heldOn: '2027-05-21' }, against)).toBe('election-is-late');
    const early = { kind: ElectionKind.ELECTION_KIND_EARLY, heldOn: '2027-05-01' };
    expect(faultOf(early, against)).toBe('election-is-regular');
    expect(faultOf({ heldOn: '2024-06-03' }, against)).toBe('election-before-term');
  });
});
