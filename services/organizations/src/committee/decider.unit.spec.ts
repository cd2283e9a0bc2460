import {
  ElectionKind,
  OfficerBody,
  OfficerPost,
  type OfficerSeat,
  TermEndCause,
  VacancyCause,
} from '@unionfold/contracts';
import { specificationFor } from '@unionfold/eventsourcing/specification';
import { describe, expect, it } from 'vitest';
import {
  auditOf,
  committeeAfter,
  committeeOf,
  firstTerm,
  grassroots,
  seat,
} from './committee.fixture.ts';
import type { CommitteeEvent, SeatElected, VacatePost } from './committee.ts';
import { committeeDecider } from './decider.ts';

const { given } = specificationFor(committeeDecider);
const {
  ELECTION_KIND_REGULAR,
  ELECTION_KIND_BY_ELECTION,
  ELECTION_KIND_EARLY,
  ELECTION_KIND_LATE,
} = ElectionKind;

const seatElected = (changes: {
  readonly kind?: ElectionKind;
  readonly heldOn?: string;
  readonly termYears?: number;
  readonly seats?: SeatElected['result']['seats'];
  readonly approvedOn?: string;
  readonly today?: string;
}): SeatElected => {
  const { kind = ELECTION_KIND_REGULAR, heldOn = '2027-05-10', termYears = 5 } = changes;
  const { seats = committeeOf(3), approvedOn = '', today = '2027-05-30' } = changes;
  return {
    type: 'SeatElected',
    electionId: 'e2',
    unionId: 'u',
    result: { kind, heldOn, termYears, seats },
    roster: { absentMemberIds: [], members: 25 },
    rules: grassroots,
    approvedOn,
    today,
  };
};

const vacate = (memberId: string, body?: OfficerBody): VacatePost => ({
  type: 'VacatePost',
  memberId,
  body,
  cause: VacancyCause.VACANCY_CAUSE_RESIGNED,
  reason: '工作调动',
  today: '2025-03-01',
});

const vacated = (
  memberId: string,
  post: OfficerPost,
  vacatedOn = '2025-03-01',
): CommitteeEvent => ({
  type: 'PostVacated',
  data: {
    unionId: 'u',
    termNumber: 1,
    seat: seat(post, memberId),
    vacatedOn,
    cause: VacancyCause.VACANCY_CAUSE_RESIGNED,
    reason: '工作调动',
  },
});

const timeChanged = (kind: ElectionKind, holdBy: string, dueOn: string): CommitteeEvent => ({
  type: 'ElectionTimeChanged',
  data: { unionId: 'u', termNumber: 1, exceptionId: 'x', kind, holdBy, dueOn },
});

describe('a term (届)', () => {
  it('begins with the first election on the day of its approval', () => {
    given([])
      .when(seatElected({ heldOn: '2024-05-20', termYears: 3, approvedOn: '2024-06-03' }))
      .then([
        {
          type: 'TermBegan',
          data: {
            unionId: 'u',
            electionId: 'e2',
            termNumber: 1,
            termYears: 3,
            electedOn: '2024-05-20',
            beganOn: '2024-06-03',
            endsOn: '2027-05-20',
            seats: committeeOf(3),
            ruleSet: grassroots.id,
          },
        },
      ]);
  });

  it('ends when the next one begins, with all who held posts to the end', () => {
    given([firstTerm, vacated('v', OfficerPost.OFFICER_POST_VICE_CHAIR)])
      .when(seatElected({ approvedOn: '2027-05-28' }))
      .then([
        {
          type: 'TermEnded',
          data: {
            unionId: 'u',
            termNumber: 1,
            endedOn: '2027-05-28',
            cause: TermEndCause.TERM_END_CAUSE_SUCCEEDED,
            seats: committeeOf(5).filter(({ memberId }) => memberId !== 'v'),
          },
        },
        {
          type: 'TermBegan',
          data: {
            unionId: 'u',
            electionId: 'e2',
            termNumber: 2,
            termYears: 5,
            electedOn: '2027-05-10',
            beganOn: '2027-05-28',
            endsOn: '2032-05-10',
            seats: committeeOf(3),
            ruleSet: grassroots.id,
          },
        },
      ]);
  });

  it('is not begun twice by the same election', () => {
    const { data } = firstTerm as Extract<CommitteeEvent, { type: 'TermBegan' }>;
    const second: CommitteeEvent = {
      type: 'TermBegan',
      data: {
        ...data,
        termNumber: 2,
        electedOn: '2027-05-10',
        beganOn: '2027-05-10',
        endsOn: '2032-05-10',
      },
    };
    given([firstTerm, second]).when(seatElected({})).thenRefused('election-before-term', 'heldOn');
  });

  it.each([
    ['before the election', '2027-05-09'],
    ['after today', '2027-05-31'],
  ])('is not approved as of a day %s', (_, approvedOn) => {
    given([firstTerm])
      .when(seatElected({ approvedOn }))
      .thenRefused('approval-day-invalid', 'approvedOn');
  });

  it('is not approved as of a day before the last change of officers', () => {
    given([firstTerm, vacated('v', OfficerPost.OFFICER_POST_VICE_CHAIR, '2027-05-20')])
      .when(seatElected({ approvedOn: '2027-05-19' }))
      .thenRefused('approval-day-invalid', 'approvedOn');
  });

  it('ends with the union', () => {
    const endTerm = {
      type: 'EndTerm',
      cause: TermEndCause.TERM_END_CAUSE_UNION_DISSOLVED,
      today: '2025-01-01',
    } as const;
    given([firstTerm])
      .when(endTerm)
      .then([
        {
          type: 'TermEnded',
          data: {
            unionId: 'u',
            termNumber: 1,
            endedOn: '2025-01-01',
            cause: TermEndCause.TERM_END_CAUSE_UNION_DISSOLVED,
            seats: committeeOf(5),
          },
        },
      ]);
    given([]).when(endTerm).thenNothing();
  });

  describe('of a union that was restored', () => {
    const cause = TermEndCause.TERM_END_CAUSE_UNION_DISSOLVED;
    const place = { unionId: 'u', termNumber: 1 };
    const endedWith = (seats: OfficerSeat[]): CommitteeEvent => ({
      type: 'TermEnded',
      data: { ...place, endedOn: '2025-01-01', cause, seats },
    });
    const [chair, vice, ...others] = committeeOf(5) as [OfficerSeat, OfficerSeat, ...OfficerSeat[]];
    const resumed = (seats: OfficerSeat[]): CommitteeEvent => ({
      type: 'TermResumed',
      data: {
        ...place,
        resumedOn: '2025-02-01',
        seats,
        dueOn: '2027-05-20',
        ruleSet: grassroots.id,
      },
    });
    const resume = (memberIds: readonly string[], today = '2025-02-01') =>
      ({ type: 'ResumeTerm', memberIds, today }) as const;
    const filled = (seats: OfficerSeat[], filledOn: string): CommitteeEvent => ({
      type: 'PostsFilled',
      data: { ...place, electionId: 'e1', filledOn, seats },
    });
    const ended = [firstTerm, endedWith([chair, vice, ...others])];

    it('goes on with those who are members again, and with others as they come', () => {
      given(ended)
        .when(resume(['c', 'm1', 'm2', 'm3']))
        .then([resumed([chair, ...others])]);
      given([...ended, resumed([chair, ...others])])
        .when(resume(['c', 'v'], '2025-02-03'))
        .then([filled([vice], '2025-02-03')]);
      given([...ended, resumed([chair, ...others]), filled([vice], '2025-02-03')])
        .when(resume(['c', 'v'], '2025-02-03'))
        .thenNothing();
    });

    it('gives nobody back a post that another holds, nor after a month', () => {
      const without = [...ended, resumed([chair, ...others])];
      const elected = seat(OfficerPost.OFFICER_POST_VICE_CHAIR, 'n');
      given([...without, filled([elected], '2025-02-02')])
        .when(resume(['v'], '2025-02-03'))
        .thenNothing();
      given(without)
        .when(resume(['v'], '2025-03-01'))
        .then([filled([vice], '2025-03-01')]);
      given(without)
        .when(resume(['v'], '2025-03-02'))
        .thenNothing();
    });

    it('does not go on where nobody was in office, or where the term ended with an election', () => {
      given([firstTerm, endedWith([])])
        .when(resume(['c']))
        .thenNothing();
      given([firstTerm])
        .when(resume(['c']))
        .thenNothing();
    });

    it('has the vacancies that it had, for a by-election', () => {
      const gone = vacated('v', OfficerPost.OFFICER_POST_VICE_CHAIR, '2024-12-01');
      const state = committeeAfter(
        firstTerm,
        gone,
        endedWith([chair, ...others]),
        resumed([chair, ...others]),
      );
      expect(state).toMatchObject({
        status: 'serving',
        seats: [chair, ...others],
        vacancies: [{ post: OfficerPost.OFFICER_POST_VICE_CHAIR }],
      });
    });
  });
});

describe('a by-election (补选)', () => {
  const byElection = (post: OfficerPost, memberId: string) =>
    seatElected({
      kind: ELECTION_KIND_BY_ELECTION,
      heldOn: '2025-04-01',
      termYears: 0,
      seats: [seat(post, memberId)],
      today: '2025-04-10',
    });

  it('fills a vacant post for the rest of the term', () => {
    given([firstTerm, vacated('v', OfficerPost.OFFICER_POST_VICE_CHAIR)])
      .when(byElection(OfficerPost.OFFICER_POST_VICE_CHAIR, 'n'))
      .then([
        {
          type: 'PostsFilled',
          data: {
            unionId: 'u',
            electionId: 'e2',
            termNumber: 1,
            filledOn: '2025-04-10',
            seats: [seat(OfficerPost.OFFICER_POST_VICE_CHAIR, 'n')],
          },
        },
      ]);
  });

  it('fills no post twice', () => {
    const filled: CommitteeEvent = {
      type: 'PostsFilled',
      data: {
        unionId: 'u',
        electionId: 'e',
        termNumber: 1,
        filledOn: '2025-04-01',
        seats: [seat(OfficerPost.OFFICER_POST_VICE_CHAIR, 'n')],
      },
    };
    given([firstTerm, vacated('v', OfficerPost.OFFICER_POST_VICE_CHAIR), filled])
      .when(byElection(OfficerPost.OFFICER_POST_VICE_CHAIR, 'o'))
      .thenRefused('post-not-vacant');
  });

  it('fills no other post, and none without a term', () => {
    given([firstTerm, vacated('v', OfficerPost.OFFICER_POST_VICE_CHAIR)])
      .when(byElection(OfficerPost.OFFICER_POST_MEMBER, 'n'))
      .thenRefused('post-not-vacant');
    given([]).when(byElection(OfficerPost.OFFICER_POST_MEMBER, 'n')).thenRefused('term-missing');
  });

  it('seats nobody twice in a body', () => {
    given([firstTerm, vacated('v', OfficerPost.OFFICER_POST_VICE_CHAIR)])
      .when(byElection(OfficerPost.OFFICER_POST_VICE_CHAIR, 'm1'))
      .thenRefused('post-held-twice');
  });
});

describe('an officer who ceases (去职)', () => {
  it('leaves the post vacant', () => {
    given([firstTerm])
      .when(vacate('v'))
      .then([vacated('v', OfficerPost.OFFICER_POST_VICE_CHAIR)]);
    expect(
      committeeAfter(firstTerm, vacated('v', OfficerPost.OFFICER_POST_VICE_CHAIR)).vacancies,
    ).toEqual([
      {
        body: OfficerBody.OFFICER_BODY_COMMITTEE,
        post: OfficerPost.OFFICER_POST_VICE_CHAIR,
      },
    ]);
  });

  it('ceases from all posts, or from that in one body', () => {
    const { data } = firstTerm as Extract<CommitteeEvent, { type: 'TermBegan' }>;
    const audit = auditOf(3).map((held, index) =>
      index === 1 ? { ...held, memberId: 'm1' } : held,
    );
    const both: CommitteeEvent = {
      type: 'TermBegan',
      data: { ...data, seats: [...data.seats, ...audit] },
    };
    const bodiesLeft = (command: VacatePost) => {
      const decision = committeeDecider.decide(command, committeeAfter(both));
      if ('refused' in decision) throw new Error(decision.refused);
      return decision.map((event) => event.type === 'PostVacated' && event.data.seat?.body);
    };
    const { OFFICER_BODY_COMMITTEE, OFFICER_BODY_AUDIT } = OfficerBody;
    expect(bodiesLeft(vacate('m1'))).toEqual([OFFICER_BODY_COMMITTEE, OFFICER_BODY_AUDIT]);
    expect(bodiesLeft(vacate('m1', OFFICER_BODY_AUDIT))).toEqual([OFFICER_BODY_AUDIT]);
  });

  it('must hold a post, in a term', () => {
    given([firstTerm]).when(vacate('x')).thenRefused('post-not-held', 'memberId');
    given([firstTerm])
      .when(vacate('v', OfficerBody.OFFICER_BODY_AUDIT))
      .thenRefused('post-not-held', 'memberId');
    given([]).when(vacate('v')).thenRefused('term-missing');
  });

  it('is no matter when a member who holds no post leaves the union', () => {
    const { type: _, body: __, ...ceased } = vacate('x');
    given([firstTerm])
      .when({ ...ceased, type: 'CeaseMembership' })
      .thenNothing();
    given([firstTerm])
      .when({ ...ceased, memberId: 'v', type: 'CeaseMembership' })
      .then([vacated('v', OfficerPost.OFFICER_POST_VICE_CHAIR)]);
  });
});

describe('early and late elections (提前, 延期换届)', () => {
  const early = { kind: ELECTION_KIND_EARLY, heldOn: '2026-01-10', today: '2026-02-01' };
  const late = { kind: ELECTION_KIND_LATE, heldOn: '2027-08-01', today: '2027-08-10' };

  it('need the leave of an upper union', () => {
    given([firstTerm]).when(seatElected(early)).thenRefused('election-exception-missing', 'kind');
    given([firstTerm]).when(seatElected(late)).thenRefused('election-exception-missing', 'kind');
  });

  it.each([
    ['early', early, timeChanged(ELECTION_KIND_EARLY, '2026-01-10', '2027-05-20')],
    ['late', late, timeChanged(ELECTION_KIND_LATE, '2027-08-01', '2027-08-01')],
  ])('begin a term with it: %s', (_, election, leave) => {
    const decision = committeeDecider.decide(
      seatElected(election),
      committeeAfter(firstTerm, leave),
    );
    expect('refused' in decision ? decision : decision.map(({ type }) => type)).toEqual([
      'TermEnded',
      'TermBegan',
    ]);
  });

  it('are held by the day that was allowed', () => {
    given([firstTerm, timeChanged(ELECTION_KIND_LATE, '2027-07-31', '2027-07-31')])
      .when(seatElected(late))
      .thenRefused('election-exception-expired', 'heldOn');
  });

  it('use their leave up', () => {
    const again = committeeAfter(
      firstTerm,
      timeChanged(ELECTION_KIND_EARLY, '2026-01-10', '2027-05-20'),
      { ...firstTerm, data: { ...firstTerm.data, termNumber: 2 } } as CommitteeEvent,
    );
    expect(again.allowed).toBeUndefined();
  });

  it('put the due day off when late, and leave it when early', () => {
    const allow = (kind: ElectionKind, holdBy: string) => ({
      type: 'ChangeElectionTime' as const,
      allowed: { exceptionId: 'x', kind, holdBy },
      rules: grassroots,
      today: '2026-01-01',
    });
    given([firstTerm])
      .when(allow(ELECTION_KIND_LATE, '2027-11-20'))
      .then([timeChanged(ELECTION_KIND_LATE, '2027-11-20', '2027-11-20')]);
    given([firstTerm])
      .when(allow(ELECTION_KIND_EARLY, '2026-03-01'))
      .then([timeChanged(ELECTION_KIND_EARLY, '2026-03-01', '2027-05-20')]);
  });
});

describe('a warning that the term ends (换届预警)', () => {
  const warn = (today: string) => ({
    type: 'WarnTermEnd' as const,
    warningMonths: grassroots.warningMonths,
    today,
  });
  const warned = (level: number, dueOn = '2027-05-20'): CommitteeEvent => ({
    type: 'TermEndWarned',
    data: { unionId: 'u', termNumber: 1, dueOn, level },
  });

  it('is given six months before, three months before, and on the day after', () => {
    given([firstTerm]).when(warn('2026-11-19')).thenNothing();
    given([firstTerm])
      .when(warn('2026-11-20'))
      .then([warned(6)]);
    given([firstTerm, warned(6)])
      .when(warn('2027-02-19'))
      .thenNothing();
    given([firstTerm, warned(6)])
      .when(warn('2027-02-20'))
      .then([warned(3)]);
    given([firstTerm, warned(6), warned(3)])
      .when(warn('2027-05-20'))
      .thenNothing();
    given([firstTerm, warned(6), warned(3)])
      .when(warn('2027-05-21'))
      .then([warned(0)]);
  });

  it('is given once', () => {
    given([firstTerm, warned(6)])
      .when(warn('2026-11-20'))
      .thenNothing();
    given([firstTerm, warned(0)])
      .when(warn('2030-01-01'))
      .thenNothing();
  });

  it('skips what has passed', () => {
    given([firstTerm])
      .when(warn('2027-03-01'))
      .then([warned(3)]);
  });

  it('comes again for a later due day', () => {
    const putOff = timeChanged(ELECTION_KIND_LATE, '2027-11-20', '2027-11-20');
    given([firstTerm, warned(6), warned(3), putOff])
      .when(warn('2027-05-19'))
      .thenNothing();
    given([firstTerm, warned(6), warned(3), putOff])
      .when(warn('2027-05-20'))
      .then([warned(6, '2027-11-20')]);
  });

  it('is not repeated because an early election was allowed', () => {
    const leave = timeChanged(ELECTION_KIND_EARLY, '2027-02-01', '2027-05-20');
    given([firstTerm, warned(6), leave])
      .when(warn('2026-12-01'))
      .thenNothing();
  });

  it('is for those in office', () => {
    given([]).when(warn('2027-05-21')).thenNothing();
  });
});
