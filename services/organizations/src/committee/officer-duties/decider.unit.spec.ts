import { HandOverCause, OfficerBody, OfficerPost, type OfficerSeat } from '@unionfold/contracts';
import { specificationFor } from '@unionfold/eventsourcing/specification';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { committeeAfter, firstTerm, seat } from '../committee.fixture.ts';
import {
  type AssignDuty,
  chairsPost,
  type OfficerDutiesEvent,
  type OfficerDutiesState,
  officerDutiesDecider,
} from './decider.ts';

const { given } = specificationFor(officerDutiesDecider);
const { OFFICER_POST_CHAIR, OFFICER_POST_VICE_CHAIR, OFFICER_POST_MEMBER } = OfficerPost;

const matter = {
  title: 'verify-case',
  subjectType: 'hardship-case',
  subjectId: 'k1',
  body: OfficerBody.OFFICER_BODY_COMMITTEE,
};

const assign = (changes: Partial<AssignDuty> = {}): AssignDuty => ({
  type: 'AssignDuty',
  unionId: 'u',
  dutyId: 'd',
  ...matter,
  post: OFFICER_POST_VICE_CHAIR,
  memberId: '',
  committee: committeeAfter(firstTerm),
  ...changes,
});

const assigned = (dutyId: string, post: OfficerPost, holderId: string): OfficerDutiesEvent => ({
  type: 'DutyAssigned',
  data: { unionId: 'u', dutyId, ...matter, post, holderId },
});

const handedOver = (
  dutyId: string,
  fromMemberId: string,
  toMemberId: string,
  cause = HandOverCause.HAND_OVER_CAUSE_VACATED,
): OfficerDutiesEvent => ({
  type: 'DutyHandedOver',
  data: { unionId: 'u', dutyId, fromMemberId, toMemberId, toUnionId: 'u', cause },
});

const handOver = (
  seats: readonly OfficerSeat[],
  cause = HandOverCause.HAND_OVER_CAUSE_VACATED,
) => ({ type: 'HandOver' as const, unionId: 'u', seats, cause });

describe('a duty (待办)', () => {
  it('goes to the holder of the post', () => {
    given([])
      .when(assign())
      .then([assigned('d', OFFICER_POST_VICE_CHAIR, 'v')]);
  });

  it('goes to the one of several holders who was named, or who has the fewest', () => {
    const post = OFFICER_POST_MEMBER;
    given([])
      .when(assign({ post, memberId: 'm2' }))
      .then([assigned('d', post, 'm2')]);
    given([assigned('d1', post, 'm1'), assigned('d2', post, 'm2')])
      .when(assign({ post }))
      .then([assigned('d', post, 'm3')]);
    given([])
      .when(assign({ post, memberId: 'v' }))
      .thenRefused('post-not-held', 'memberId');
  });

  it('goes to the chair while the post is vacant', () => {
    const committee = committeeAfter(firstTerm);
    const seats = committee.seats.filter(({ memberId }) => memberId !== 'v');
    given([])
      .when(assign({ committee: { ...committee, seats } }))
      .then([assigned('d', OFFICER_POST_VICE_CHAIR, 'c')]);
  });

  it('needs a committee, a code and a post', () => {
    given([])
      .when(assign({ committee: committeeAfter() }))
      .thenRefused('term-missing');
    given([])
      .when(assign({ title: '核实困难' }))
      .thenRefused('duty-title-invalid', 'title');
    given([])
      .when(assign({ post: OfficerPost.OFFICER_POST_AUDIT_CHAIR }))
      .thenRefused('post-not-of-body', 'post');
  });

  it('is done once', () => {
    const complete = { type: 'CompleteDuty', unionId: 'u', dutyId: 'd' } as const;
    const done: OfficerDutiesEvent = {
      type: 'DutyCompleted',
      data: { unionId: 'u', dutyId: 'd', holderId: 'v' },
    };
    const before = assigned('d', OFFICER_POST_VICE_CHAIR, 'v');
    given([before]).when(complete).then([done]);
    given([before, done]).when(complete).thenRefused('duty-unknown', 'dutyId');
    given([]).when(complete).thenRefused('duty-unknown', 'dutyId');
    given([])
      .when({ ...complete, dutyId: 'constructor' })
      .thenRefused('duty-unknown');
  });
});

describe('the hand-over (移交)', () => {
  const chair = seat(OFFICER_POST_CHAIR, 'c');

  it('passes what is open to the successor in the post', () => {
    given([assigned('d', OFFICER_POST_VICE_CHAIR, 'v'), assigned('e', OFFICER_POST_CHAIR, 'c')])
      .when(handOver([chair, seat(OFFICER_POST_VICE_CHAIR, 'n')]))
      .then([handedOver('d', 'v', 'n')]);
  });

  it('passes it to the chair while the post is vacant, and on to who fills it', () => {
    const before = [assigned('d', OFFICER_POST_VICE_CHAIR, 'v')];
    given(before)
      .when(handOver([chair]))
      .then([handedOver('d', 'v', 'c')]);
    given([...before, handedOver('d', 'v', 'c')])
      .when(
        handOver([chair, seat(OFFICER_POST_VICE_CHAIR, 'n')], HandOverCause.HAND_OVER_CAUSE_FILLED),
      )
      .then([handedOver('d', 'c', 'n', HandOverCause.HAND_OVER_CAUSE_FILLED)]);
  });

  it('spreads what one had over those who are left', () => {
    const post = OFFICER_POST_MEMBER;
    given([assigned('d1', post, 'x'), assigned('d2', post, 'x'), assigned('d3', post, 'm1')])
      .when(handOver([chair, seat(post, 'm1'), seat(post, 'm2')]))
      .then([handedOver('d1', 'x', 'm2'), handedOver('d2', 'x', 'm1')]);
  });

  it('leaves alone what was done', () => {
    given([
      assigned('d', OFFICER_POST_VICE_CHAIR, 'v'),
      { type: 'DutyCompleted', data: { unionId: 'u', dutyId: 'd', holderId: 'v' } },
    ])
      .when(handOver([chair]))
      .thenNothing();
  });

  it('takes everything to another union and back to nobody', () => {
    const cause = HandOverCause.HAND_OVER_CAUSE_UNION_DISSOLVED;
    const passed: OfficerDutiesEvent = {
      type: 'DutyHandedOver',
      data: {
        unionId: 'u',
        dutyId: 'd',
        fromMemberId: 'v',
        toMemberId: 'h',
        toUnionId: 'heir',
        cause,
      },
    };
    const passOn = { type: 'PassOn', unionId: 'u', toUnionId: 'heir', toMemberId: 'h' } as const;
    const before = assigned('d', OFFICER_POST_VICE_CHAIR, 'v');
    given([before]).when(passOn).then([passed]);
    given([before, passed]).when(passOn).thenNothing();
  });

  it('what has passed on is given back while it is open, and known to be away until then', () => {
    const cause = HandOverCause.HAND_OVER_CAUSE_UNION_RESTORED;
    const before = assigned('d', OFFICER_POST_VICE_CHAIR, 'v');
    const giveBack = { type: 'GiveBack', unionId: 'u', toUnionId: 'old', dutyId: 'd' } as const;
    const away: OfficerDutiesEvent = {
      type: 'DutyHandedOver',
      data: {
        ...{ unionId: 'u', dutyId: 'd', fromMemberId: 'v', toMemberId: '', toUnionId: 'old' },
        cause,
      },
    };
    given([before]).when(giveBack).then([away]);
    given([before, away]).when(giveBack).thenNothing();
    const { passedOn } = [before, away].reduce(
      officerDutiesDecider.evolve,
      officerDutiesDecider.initialState,
    );
    expect(passedOn).toEqual({
      d: { toUnionId: 'old', body: matter.body, post: OFFICER_POST_VICE_CHAIR },
    });
  });

  it('received duties are the chair’s, and are received once', () => {
    const receive = {
      type: 'ReceiveDuty',
      unionId: 'u',
      fromUnionId: 'old',
      dutyId: 'd',
      duty: {
        ...{ title: 'verify-case', subjectType: 'hardship-case', subjectId: 'k1' },
        ...chairsPost,
      },
      holderId: '',
    } as const;
    const received: OfficerDutiesEvent = {
      type: 'DutyReceived',
      data: {
        unionId: 'u',
        dutyId: 'd',
        fromUnionId: 'old',
        title: 'verify-case',
        subjectType: 'hardship-case',
        subjectId: 'k1',
        holderId: '',
        ...chairsPost,
      },
    };
    given([]).when(receive).then([received]);
    given([received]).when(receive).thenNothing();
    // Nobody could take it before; the first chair does.
    given([received])
      .when(handOver([chair], HandOverCause.HAND_OVER_CAUSE_NEW_TERM))
      .then([handedOver('d', '', 'c', HandOverCause.HAND_OVER_CAUSE_NEW_TERM)]);
  });

  const people = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
  const postsOfCommittee = fc.constantFrom(
    OFFICER_POST_CHAIR,
    OFFICER_POST_VICE_CHAIR,
    OFFICER_POST_MEMBER,
  );
  const officers = fc.uniqueArray(fc.record({ post: postsOfCommittee, memberId: people }), {
    selector: ({ memberId }) => memberId,
  });
  const duties = fc.array(fc.record({ post: postsOfCommittee, holderId: people }), {
    maxLength: 12,
  });

  it('whoever holds posts: every open duty is with its post, else with the chair, and once only', () => {
    fc.assert(
      fc.property(officers, duties, (held, open) => {
        const seats = held.map(({ post, memberId }) => seat(post, memberId));
        const before = open.reduce<OfficerDutiesState>(
          (state, { post, holderId }, index) =>
            officerDutiesDecider.evolve(state, assigned(`d${index}`, post, holderId)),
          officerDutiesDecider.initialState,
        );
        const decision = officerDutiesDecider.decide(handOver(seats), before);
        if ('refused' in decision) throw new Error(decision.refused);
        const after = decision.reduce(officerDutiesDecider.evolve, before);
        expect(Object.keys(after.open)).toEqual(Object.keys(before.open));
        const chairId = held.find(({ post }) => post === OFFICER_POST_CHAIR)?.memberId ?? '';
        for (const { post, holderId } of Object.values(after.open)) {
          const holders = held.filter((officer) => officer.post === post);
          const right = holders.length === 0 ? [chairId] : holders.map(({ memberId }) => memberId);
          expect(right).toContain(holderId);
        }
        expect(officerDutiesDecider.decide(handOver(seats), after)).toEqual([]);
      }),
    );
  });
});
