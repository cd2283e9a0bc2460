import { OfficerBody, OfficerPost, type OfficerSeat, UnionType } from '@unionfold/contracts';
import type { CommitteeEvent, CommitteeState } from './committee.ts';
import { committeeDecider } from './decider.ts';
import { termRulesInForce } from './term-rules/term-rules.ts';

const { OFFICER_BODY_COMMITTEE, OFFICER_BODY_AUDIT, OFFICER_BODY_WOMEN } = OfficerBody;

/** A seat of the committee. */
export function seat(
  post: OfficerPost,
  memberId: string,
  body: OfficerBody = OFFICER_BODY_COMMITTEE,
): OfficerSeat {
  return { body, post, memberId, fullTime: false };
}

/** 主席 c, 副主席 v, 委员 m1 and on: a committee of so many. */
export function committeeOf(size: number): OfficerSeat[] {
  return [
    seat(OfficerPost.OFFICER_POST_CHAIR, 'c'),
    seat(OfficerPost.OFFICER_POST_VICE_CHAIR, 'v'),
    ...Array.from({ length: Math.max(0, size - 2) }, (_, index) =>
      seat(OfficerPost.OFFICER_POST_MEMBER, `m${index + 1}`),
    ),
  ].slice(0, size);
}

/** 经审主任 a, 委员 a1 and on. */
export function auditOf(size: number): OfficerSeat[] {
  return Array.from({ length: size }, (_, index) =>
    index === 0
      ? seat(OfficerPost.OFFICER_POST_AUDIT_CHAIR, 'a', OFFICER_BODY_AUDIT)
      : seat(OfficerPost.OFFICER_POST_MEMBER, `a${index}`, OFFICER_BODY_AUDIT),
  );
}

/** 女工主任 w, 委员 w1 and on. */
export function womenOf(size: number): OfficerSeat[] {
  return Array.from({ length: size }, (_, index) =>
    index === 0
      ? seat(OfficerPost.OFFICER_POST_WOMEN_CHAIR, 'w', OFFICER_BODY_WOMEN)
      : seat(OfficerPost.OFFICER_POST_MEMBER, `w${index}`, OFFICER_BODY_WOMEN),
  );
}

const found = termRulesInForce(
  { type: UnionType.UNION_TYPE_ENTERPRISE, regionCode: '370202' },
  '2024-05-20',
);
if (found === undefined) throw new Error('no rules for enterprises');

/** The rules of a grassroots union. */
export const grassroots = found;

/** The first term of union u: elected on 20 May 2024 for three years, approved in June. */
export const firstTerm: CommitteeEvent = {
  type: 'TermBegan',
  data: {
    unionId: 'u',
    electionId: 'e1',
    termNumber: 1,
    termYears: 3,
    electedOn: '2024-05-20',
    beganOn: '2024-06-03',
    endsOn: '2027-05-20',
    seats: committeeOf(5),
    ruleSet: grassroots.id,
  },
};

/** What a committee is after these events. */
export function committeeAfter(...events: readonly CommitteeEvent[]): CommitteeState {
  return events.reduce(committeeDecider.evolve, committeeDecider.initialState);
}
