import {
  ElectionKind,
  type EventOf,
  HandOverCause,
  OfficerBody,
  OfficerPost,
  type OfficerSeat,
  TermEndCause,
  VacancyCause,
} from '@unionfold/contracts';
import { ApprovalStatus } from '@unionfold/contracts/organizations';
import { refuse } from '@unionfold/contracts/problems';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Client, GatewayWorld } from '../gateway-world.fixture.ts';

const { OFFICER_BODY_COMMITTEE, OFFICER_BODY_AUDIT } = OfficerBody;
const { OFFICER_POST_CHAIR, OFFICER_POST_VICE_CHAIR, OFFICER_POST_AUDIT_CHAIR } = OfficerPost;

let world: GatewayWorld;
/** The county's cadre, and that of the county beside it. */
let county: Client;
let other: Client;

/**
 * city > county > works, mill; city > other > plant. Works is in its second term; mill ends within three months, plant
 * is overdue.
 */
beforeAll(async () => {
  world = await GatewayWorld.open();
  await world.union('city', '');
  for (const id of ['county', 'other']) await world.union(id, 'city');
  for (const id of ['works', 'mill']) await world.union(id, 'county', { name: `${id} 工会` });
  await world.union('plant', 'other');
  await world.append('organizations', 'committee', 'works', [
    began('works', 1, '2021-05-20', [
      seat(OFFICER_POST_CHAIR, 'a'),
      seat(OFFICER_POST_VICE_CHAIR, 'b'),
    ]),
    {
      type: 'PostVacated',
      data: {
        unionId: 'works',
        termNumber: 1,
        seat: seat(OFFICER_POST_VICE_CHAIR, 'b'),
        vacatedOn: '2022-01-10',
        cause: VacancyCause.VACANCY_CAUSE_RESIGNED,
        reason: '',
      },
    },
    {
      type: 'PostsFilled',
      data: {
        unionId: 'works',
        electionId: 'by-1',
        termNumber: 1,
        filledOn: '2022-03-01',
        seats: [seat(OFFICER_POST_VICE_CHAIR, 'd')],
      },
    },
    {
      type: 'TermEnded',
      data: {
        unionId: 'works',
        termNumber: 1,
        endedOn: '2024-05-20',
        cause: TermEndCause.TERM_END_CAUSE_SUCCEEDED,
        seats: [],
      },
    },
    began('works', 2, '2024-05-20', [
      seat(OFFICER_POST_VICE_CHAIR, 'd'),
      seat(OFFICER_POST_CHAIR, 'c'),
      { ...seat(OFFICER_POST_AUDIT_CHAIR, 'x'), body: OFFICER_BODY_AUDIT },
    ]),
  ]);
  await world.append('organizations', 'committee', 'mill', [
    began('mill', 1, '2023-07-01', [seat(OFFICER_POST_CHAIR, 'e')]),
    warned('mill', 6, '2026-07-01'),
    warned('mill', 3, '2026-07-01'),
  ]);
  await world.append('organizations', 'committee', 'plant', [
    began('plant', 1, '2022-07-01', [seat(OFFICER_POST_CHAIR, 'f')]),
    warned('plant', 0, '2025-07-01'),
  ]);
  for (const [electionId, unionId] of [
    ['e-works', 'works'],
    ['e-plant', 'plant'],
  ] as const) {
    await world.append('organizations', 'election', electionId, [reported(electionId, unionId)]);
  }
  await world.settle();
  county = await world.as({ unionId: 'county', role: 'cadre', person: 'county cadre' });
  other = await world.as({ unionId: 'other', role: 'cadre', person: 'other cadre' });
});

afterAll(async () => {
  await world.close();
});

afterEach(() => {
  world.instead.clear();
  world.received.length = 0;
});

function seat(post: OfficerPost, memberId: string): OfficerSeat {
  return { body: OFFICER_BODY_COMMITTEE, post, memberId, fullTime: post === OFFICER_POST_CHAIR };
}

function began(
  unionId: string,
  termNumber: number,
  electedOn: string,
  seats: OfficerSeat[],
): EventOf<'TermBegan'> {
  const endsOn = `${Number(electedOn.slice(0, 4)) + 3}${electedOn.slice(4)}`;
  return {
    type: 'TermBegan',
    data: {
      unionId,
      electionId: `e${termNumber}`,
      termNumber,
      termYears: 3,
      electedOn,
      beganOn: electedOn,
      endsOn,
      seats,
      ruleSet: 'acftu-terms',
    },
  };
}

function warned(unionId: string, level: number, dueOn: string): EventOf<'TermEndWarned'> {
  return { type: 'TermEndWarned', data: { unionId, termNumber: 1, dueOn, level } };
}

function reported(electionId: string, unionId: string): EventOf<'ElectionReported'> {
  return {
    type: 'ElectionReported',
    data: {
      electionId,
      unionId,
      kind: ElectionKind.ELECTION_KIND_EARLY,
      heldOn: '2026-03-01',
      termYears: 3,
      seats: [seat(OFFICER_POST_CHAIR, 'c')],
      approvedByUnionId: '',
    },
  };
}

const report = {
  kind: 'regular',
  heldOn: '2026-05-20',
  termYears: 5,
  posts: [
    { body: 'committee', post: 'chair', memberId: 'c', fullTime: true },
    { body: 'audit', post: 'audit-chair', memberId: 'x', fullTime: false },
  ],
};

const accept = async () => ({ id: 'e-new', version: 1n, positions: [] });

describe('reporting an election', () => {
  it('goes to the owning service, for its upper union to approve', async () => {
    world.instead.set('organizations.reportElection', accept);
    const answer = await county('POST', '/unions/works/elections', { body: report });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toBe('/api/v1/elections/e-new');
    const [call] = world.commandsReceived();
    expect(call?.request).toEqual({
      unionId: 'works',
      kind: ElectionKind.ELECTION_KIND_REGULAR,
      heldOn: '2026-05-20',
      termYears: 5,
      seats: [
        {
          body: OFFICER_BODY_COMMITTEE,
          post: OFFICER_POST_CHAIR,
          memberId: 'c',
          fullTime: true,
        },
        {
          body: OFFICER_BODY_AUDIT,
          post: OFFICER_POST_AUDIT_CHAIR,
          memberId: 'x',
          fullTime: false,
        },
      ],
      approvalDocument: '',
      approvedByUnionId: '',
      approvedOn: '',
    });
  });

  it('approves in one on behalf of the caller’s union', async () => {
    world.instead.set('organizations.reportElection', accept);
    const body = { ...report, approvalDocument: '青工发〔2026〕18号', approvedOn: '2026-05-25' };
    expect((await county('POST', '/unions/works/elections', { body })).status).toBe(201);
    expect(world.commandsReceived()[0]?.request).toMatchObject({
      approvedByUnionId: 'county',
      approvalDocument: '青工发〔2026〕18号',
      approvedOn: '2026-05-25',
    });
  });

  it('for a union outside is like for none, and reaches nobody', async () => {
    const outside = await county('POST', '/unions/plant/elections', { body: report });
    const none = await county('POST', '/unions/nowhere/elections', { body: report });
    expect(outside.status).toBe(404);
    expect(outside.body).toMatchObject({ code: 'union-unknown' });
    expect(shapeOf(outside.body)).toEqual(shapeOf(none.body));
    expect(world.commandsReceived()).toEqual([]);
  });

  it.each([
    [{ ...report, kind: 'sudden' }, 'field-value-not-allowed'],
    [{ ...report, posts: [{ ...report.posts[0], name: '王' }] }, 'unknown-field'],
    [{ ...report, heldOn: 'yesterday' }, 'date-invalid'],
  ])('has a body that can be read (%#)', async (body, code) => {
    const answer = await county('POST', '/unions/works/elections', { body });
    expect(answer.body).toMatchObject({ code });
    expect(world.commandsReceived()).toEqual([]);
  });

  it('is for cadres', async () => {
    const worker = await world.as({ unionId: 'works', role: 'worker', person: 'c' });
    const answer = await worker('POST', '/unions/works/elections', { body: report });
    expect(answer.body).toMatchObject({ code: 'forbidden' });
  });
});

describe('deciding on an election', () => {
  it('is done in the name of the caller’s union, at the version that was seen', async () => {
    world.instead.set('organizations.approveElection', accept);
    const answer = await county('POST', '/elections/e-works/approve', {
      body: { approvalDocument: '青工发〔2026〕18号' },
      headers: { 'if-match': '"1"' },
    });
    expect(answer.status).toBe(200);
    expect(world.commandsReceived()[0]?.request).toMatchObject({
      electionId: 'e-works',
      approvedByUnionId: 'county',
      approvedOn: '',
      expectedVersion: 1n,
    });
  });

  it.each(['approve', 'reject'])('outside is like of none: %s', async (decision) => {
    world.instead.set('organizations.getElection', async () => refuse('election-unknown'));
    const body = decision === 'approve' ? { approvalDocument: '1' } : { reason: '1' };
    const outside = await county('POST', `/elections/e-plant/${decision}`, { body });
    const none = await county('POST', `/elections/nothing/${decision}`, { body });
    expect(outside.status).toBe(404);
    expect(outside.body).toMatchObject({ code: 'election-unknown' });
    expect(shapeOf(outside.body)).toEqual(shapeOf(none.body));
    expect(world.commandsReceived()).toEqual([]);
  });

  it('asks the owner of an election that the read model does not know yet', async () => {
    world.instead.set('organizations.getElection', async () => ({
      electionId: 'e-young',
      unionId: 'works',
      kind: ElectionKind.ELECTION_KIND_REGULAR,
      heldOn: '2026-05-20',
      termYears: 3,
      seats: [],
      status: ApprovalStatus.APPROVAL_STATUS_PENDING,
      version: 1n,
    }));
    world.instead.set('organizations.rejectElection', accept);
    const body = { reason: '程序不合规' };
    expect((await county('POST', '/elections/e-young/reject', { body })).status).toBe(200);
    expect((await other('POST', '/elections/e-young/reject', { body })).status).toBe(404);
    expect(world.commandsReceived()).toHaveLength(1);
  });
});

describe('lists of elections', () => {
  it('show those of a union, and of the jurisdiction by status', async () => {
    const own = await county('GET', '/unions/works/elections');
    expect(own.body.items).toMatchObject([
      {
        id: 'e-works',
        kind: 'early',
        status: 'pending',
        termYears: 3,
        posts: [{ body: 'committee', post: 'chair', memberId: 'c', fullTime: true }],
      },
    ]);
    expect(ids(await county('GET', '/elections?status=pending'))).toEqual(['e-works']);
    expect(ids(await other('GET', '/elections'))).toEqual(['e-plant']);
    expect(ids(await county('GET', '/elections?status=approved'))).toEqual([]);
    expect((await county('GET', '/elections/e-plant')).status).toBe(404);
    expect((await county('GET', '/unions/plant/elections')).status).toBe(404);
  });
});

describe('a union’s committee', () => {
  it('is told with its posts, the term and what is vacant', async () => {
    const answer = await county('GET', '/unions/works/committee');
    expect(answer.headers.get('etag')).toBe('"5"');
    expect(answer.body).toEqual({
      unionId: 'works',
      termNumber: 2,
      termYears: 3,
      electionId: 'e2',
      electedOn: '2024-05-20',
      beganOn: '2024-05-20',
      endsOn: '2027-05-20',
      dueOn: '2027-05-20',
      bodies: [
        {
          body: 'committee',
          posts: [
            { post: 'chair', memberId: 'c', fullTime: true, since: '2024-05-20' },
            { post: 'vice-chair', memberId: 'd', fullTime: false, since: '2024-05-20' },
          ],
          vacancies: [],
        },
        {
          body: 'audit',
          posts: [{ post: 'audit-chair', memberId: 'x', fullTime: false, since: '2024-05-20' }],
          vacancies: [],
        },
      ],
      version: 5,
    });
  });

  it.each([
    ['2021-05-19', undefined, [], []],
    ['2021-05-20', 1, ['a', 'b'], []],
    ['2022-01-09', 1, ['a', 'b'], []],
    ['2022-01-10', 1, ['a'], ['vice-chair']],
    ['2022-03-01', 1, ['a', 'd'], []],
    ['2024-05-19', 1, ['a', 'd'], []],
    ['2024-05-20', 2, ['c', 'd'], []],
  ])('as of %s', async (day, termNumber, officers, vacancies) => {
    const { body } = await county('GET', `/unions/works/committee?asOf=${day}`);
    expect(body.termNumber).toBe(termNumber);
    const [committee] = body.bodies as {
      posts: { memberId: string }[];
      vacancies: string[];
    }[];
    expect(committee?.posts.map(({ memberId }) => memberId) ?? []).toEqual(officers);
    expect(committee?.vacancies ?? []).toEqual(vacancies);
  });

  it('of a union that never elected is empty; outside there is none', async () => {
    expect((await county('GET', '/unions/county/committee')).body).toEqual({
      unionId: 'county',
      bodies: [],
      version: 0,
    });
    expect((await county('GET', '/unions/plant/committee')).status).toBe(404);
  });

  it('goes on with the term after the union was dissolved and restored', async () => {
    await world.union('shop', 'county');
    const seats = [seat(OFFICER_POST_CHAIR, 'g'), seat(OFFICER_POST_VICE_CHAIR, 'h')];
    const place = { unionId: 'shop', termNumber: 1 };
    const cause = TermEndCause.TERM_END_CAUSE_UNION_DISSOLVED;
    const resumed = { resumedOn: '2026-02-01', dueOn: '2028-01-10', ruleSet: 'acftu-terms' };
    await world.append('organizations', 'committee', 'shop', [
      began('shop', 1, '2025-01-10', seats),
      { type: 'TermEnded', data: { ...place, endedOn: '2026-01-10', cause, seats } },
      { type: 'TermResumed', data: { ...place, ...resumed, seats: seats.slice(0, 1) } },
    ]);
    await world.settle();
    const { body } = await county('GET', '/unions/shop/committee');
    expect(body).toMatchObject({
      termNumber: 1,
      dueOn: '2028-01-10',
      bodies: [
        {
          posts: [{ post: 'chair', memberId: 'g', since: '2026-02-01' }],
          vacancies: ['vice-chair'],
        },
      ],
    });
    const before = await county('GET', '/unions/shop/committee?asOf=2026-01-09');
    expect(before.body.bodies[0].posts).toHaveLength(2);
  });

  it('loses an officer by a report', async () => {
    world.instead.set('organizations.vacatePost', accept);
    const answer = await county('POST', '/unions/works/officers/d/resign', {
      body: { cause: 'removed', body: 'committee', reason: '违纪' },
      headers: { 'if-match': '"5"' },
    });
    expect(answer.status).toBe(200);
    expect(world.commandsReceived()[0]?.request).toEqual({
      unionId: 'works',
      memberId: 'd',
      body: OFFICER_BODY_COMMITTEE,
      cause: VacancyCause.VACANCY_CAUSE_REMOVED,
      reason: '违纪',
      expectedVersion: 5n,
    });
    world.received.length = 0;
    expect((await county('POST', '/unions/plant/officers/f/resign', { body: {} })).status).toBe(
      404,
    );
    expect(world.commandsReceived()).toEqual([]);
  });
});

describe('terms that end', () => {
  it('are listed by urgency within the jurisdiction', async () => {
    const city = await world.as({ unionId: 'city', role: 'cadre', person: 'city cadre' });
    const listed = async (who: Client, within: string) => {
      const { body } = await who('GET', `/terms-ending?within=${within}`);
      return body.items.map((item: { unionId: string; warning: string }) => [
        item.unionId,
        item.warning,
      ]);
    };
    expect(await listed(city, '6')).toEqual([
      ['mill', '3'],
      ['plant', '0'],
    ]);
    expect(await listed(city, '0')).toEqual([['plant', '0']]);
    expect(await listed(county, '3')).toEqual([['mill', '3']]);
    expect(await listed(county, '0')).toEqual([]);
    const { body } = await county('GET', '/terms-ending');
    expect(body.items[0]).toEqual({
      unionId: 'mill',
      unionName: 'mill 工会',
      termNumber: 1,
      electedOn: '2023-07-01',
      endsOn: '2026-07-01',
      dueOn: '2026-07-01',
      warning: '3',
    });
  });

  it('come a page at a time', async () => {
    const city = await world.as({ unionId: 'city', role: 'cadre', person: 'city cadre' });
    const first = await city('GET', '/terms-ending?limit=1');
    const second = await city('GET', `/terms-ending?limit=1&cursor=${first.body.next}`);
    expect([...first.body.items, ...second.body.items].map(({ unionId }) => unionId)).toEqual([
      'mill',
      'plant',
    ]);
    expect(second.body.next).toBeUndefined();
  });

  it('go with their union when it moves, and leave the list with the next term', async () => {
    await world.union('mover', 'county');
    await world.append('organizations', 'committee', 'mover', [
      began('mover', 1, '2023-07-01', [seat(OFFICER_POST_CHAIR, 'g')]),
      warned('mover', 6, '2026-07-01'),
    ]);
    await world.append('organizations', 'election', 'e-mover', [reported('e-mover', 'mover')]);
    await world.settle();
    const ending = async (who: Client) => {
      const { body } = await who('GET', '/terms-ending');
      return body.items.map((item: { unionId: string }) => item.unionId);
    };
    expect(await ending(county)).toContain('mover');
    await world.move('mover', 'county', 'other');
    await world.settle();
    expect(await ending(county)).not.toContain('mover');
    expect(await ending(other)).toContain('mover');
    expect((await county('GET', '/elections/e-mover')).status).toBe(404);
    expect((await other('GET', '/elections/e-mover')).status).toBe(200);
    await world.append('organizations', 'committee', 'mover', [
      {
        type: 'TermEnded',
        data: {
          unionId: 'mover',
          termNumber: 1,
          endedOn: '2026-06-20',
          cause: TermEndCause.TERM_END_CAUSE_SUCCEEDED,
          seats: [],
        },
      },
      began('mover', 2, '2026-06-20', [seat(OFFICER_POST_CHAIR, 'g')]),
    ]);
    await world.settle();
    expect(await ending(other)).not.toContain('mover');
  });

  it('are found where the union stands, though its establishment is heard of later', async () => {
    await world.append('organizations', 'committee', 'young', [
      began('young', 1, '2023-07-01', [seat(OFFICER_POST_CHAIR, 'y')]),
      warned('young', 6, '2026-07-01'),
    ]);
    await world.settle();
    await world.union('young', 'county');
    await world.settle();
    const { body } = await county('GET', '/terms-ending');
    expect(body.items.map((item: { unionId: string }) => item.unionId)).toContain('young');
  });

  it('are off the list while the election is put off', async () => {
    await world.union('late', 'county');
    await world.append('organizations', 'committee', 'late', [
      began('late', 1, '2023-07-01', [seat(OFFICER_POST_CHAIR, 'h')]),
      warned('late', 0, '2026-07-01'),
      {
        type: 'ElectionTimeChanged',
        data: {
          unionId: 'late',
          termNumber: 1,
          exceptionId: 'x',
          kind: ElectionKind.ELECTION_KIND_LATE,
          holdBy: '2026-12-31',
          dueOn: '2026-12-31',
        },
      },
    ]);
    await world.settle();
    expect((await county('GET', '/unions/late/committee')).body).toMatchObject({
      endsOn: '2026-07-01',
      dueOn: '2026-12-31',
    });
    const { body } = await county('GET', '/terms-ending');
    expect(body.items.map((item: { unionId: string }) => item.unionId)).not.toContain('late');
  });
});

describe('requests to elect early or late', () => {
  it('are made, decided on and listed within the jurisdiction', async () => {
    world.instead.set('organizations.requestElectionException', accept);
    const body = { kind: 'late', holdBy: '2026-12-31', reason: '企业改制' };
    const path = '/unions/mill/election-exceptions';
    expect((await county('POST', path, { body })).status).toBe(201);
    expect(world.commandsReceived()[0]?.request).toEqual({
      unionId: 'mill',
      kind: ElectionKind.ELECTION_KIND_LATE,
      holdBy: '2026-12-31',
      reason: '企业改制',
    });
    expect((await other('POST', path, { body })).body).toMatchObject({ code: 'union-unknown' });
    await world.append('organizations', 'election-exception', 'x-mill', [
      {
        type: 'ElectionExceptionRequested',
        data: {
          exceptionId: 'x-mill',
          unionId: 'mill',
          kind: ElectionKind.ELECTION_KIND_LATE,
          holdBy: '2026-12-31',
          reason: '企业改制',
        },
      },
      {
        type: 'ElectionExceptionApproved',
        data: {
          exceptionId: 'x-mill',
          unionId: 'mill',
          approvedByUnionId: 'city',
          approvalDocument: '青工发〔2026〕16号',
        },
      },
    ]);
    await world.settle();
    const { body: shown } = await county('GET', '/election-exceptions/x-mill');
    // Who approved stands above the caller, and is not told.
    expect(shown).toEqual({
      id: 'x-mill',
      unionId: 'mill',
      kind: 'late',
      holdBy: '2026-12-31',
      reason: '企业改制',
      status: 'approved',
      approvalDocument: '青工发〔2026〕16号',
      version: 2,
    });
    const city = await world.as({ unionId: 'city', role: 'cadre', person: 'city cadre' });
    expect((await city('GET', '/election-exceptions/x-mill')).body.decidedByUnionId).toBe('city');
    expect(ids(await county('GET', '/election-exceptions'))).toEqual(['x-mill']);
    expect(ids(await other('GET', '/election-exceptions'))).toEqual([]);
    world.instead.set('organizations.getElectionException', async () =>
      refuse('election-exception-unknown'),
    );
    const approval = { body: { approvalDocument: '1' } };
    const outside = await other('POST', '/election-exceptions/x-mill/approve', approval);
    const none = await other('POST', '/election-exceptions/nothing/approve', approval);
    expect(outside.body).toMatchObject({ code: 'election-exception-unknown' });
    expect(shapeOf(outside.body)).toEqual(shapeOf(none.body));
  });
});

describe('duties', () => {
  const duty = {
    title: 'verify-case',
    subjectType: 'hardship-case',
    subjectId: 'k1',
    body: OFFICER_BODY_COMMITTEE,
    post: OFFICER_POST_VICE_CHAIR,
  };

  it('are given to posts of unions inside', async () => {
    world.instead.set('organizations.assignDuty', accept);
    const body = {
      title: 'verify-case',
      subjectType: 'hardship-case',
      subjectId: 'k1',
      body: 'committee',
      post: 'vice-chair',
    };
    expect((await county('POST', '/unions/works/duties', { body })).status).toBe(201);
    expect(world.commandsReceived()[0]?.request).toEqual({
      unionId: 'works',
      memberId: '',
      ...duty,
    });
    expect((await county('POST', '/unions/plant/duties', { body })).status).toBe(404);
    world.instead.set('organizations.completeDuty', accept);
    expect((await county('POST', '/unions/works/duties/d1/complete')).status).toBe(200);
    expect((await county('POST', '/unions/plant/duties/d1/complete')).status).toBe(404);
  });

  it('are listed by who holds them now, in whatever order two unions tell of it', async () => {
    const cause = HandOverCause.HAND_OVER_CAUSE_UNION_DISSOLVED;
    const receivedThere: EventOf<'DutyReceived' | 'DutyCompleted'>[] = [
      {
        type: 'DutyReceived',
        data: {
          unionId: 'mill',
          dutyId: 'd2',
          fromUnionId: 'works',
          title: 'verify-case',
          subjectType: 'hardship-case',
          subjectId: 'k1',
          holderId: 'e',
          body: OfficerBody.OFFICER_BODY_COMMITTEE,
          post: OfficerPost.OFFICER_POST_CHAIR,
        },
      },
      { type: 'DutyCompleted', data: { unionId: 'mill', dutyId: 'd2', holderId: 'e' } },
    ];
    await world.append('organizations', 'officer-duties', 'mill', receivedThere);
    await world.settle();
    await world.append('organizations', 'officer-duties', 'works', [
      ...['d1', 'd2', 'd3'].map((dutyId) => ({
        type: 'DutyAssigned',
        data: { unionId: 'works', dutyId, ...duty, holderId: 'd' },
      })),
      {
        type: 'DutyHandedOver',
        data: {
          unionId: 'works',
          dutyId: 'd1',
          fromMemberId: 'd',
          toMemberId: 'c',
          toUnionId: 'works',
          cause: HandOverCause.HAND_OVER_CAUSE_VACATED,
        },
      },
      {
        type: 'DutyHandedOver',
        data: {
          unionId: 'works',
          dutyId: 'd2',
          fromMemberId: 'd',
          toMemberId: 'e',
          toUnionId: 'mill',
          cause,
        },
      },
    ]);
    await world.settle();
    const held = async (path: string) => ids(await county('GET', path));
    expect(await held('/unions/works/duties?holder=c')).toEqual(['d1']);
    expect(await held('/unions/works/duties?holder=d')).toEqual(['d3']);
    expect(await held('/unions/works/duties?status=passed-on')).toEqual(['d2']);
    expect(await held('/unions/mill/duties')).toEqual([]);
    expect(await held('/unions/mill/duties?status=done')).toEqual(['d2']);
    expect((await other('GET', '/unions/works/duties?holder=c')).status).toBe(404);

    // Those in office and what they have open are what a structural change touches, too.
    world.instead.set('organizations.previewChange', async () => ({
      movedSubordinateIds: [],
      movedUnitCodes: [],
      successorId: 'mill',
      needsApproval: true,
      undoable: true,
    }));
    const merge = { kind: 'merge', unionId: 'works', successorId: 'mill', reason: '合并' };
    const preview = await county('POST', '/changes/preview', { body: merge });
    expect(preview.body).toMatchObject({ officers: 3, openDuties: 2 });
  });
});

function ids({ body }: { readonly body: { readonly items: readonly { id: string }[] } }): string[] {
  return body.items.map(({ id }) => id);
}

/** A problem without what tells one request from another. */
function shapeOf(problem: Record<string, unknown>): unknown {
  const { instance: _, correlationId: __, ...rest } = problem;
  return rest;
}
