import {
  ElectionKind,
  HandOverCause,
  OfficerBody,
  OfficerPost,
  TermEndCause,
  UnionType,
  VacancyCause,
} from '@unionfold/contracts';
import { ApprovalStatus } from '@unionfold/contracts/organizations';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CommitteesWorld, told } from './committees-world.fixture.ts';
import { committeeDecider } from './decider.ts';
import { officerDutiesDecider } from './officer-duties/decider.ts';
import { warnDue } from './term-warnings/term-warnings.ts';

const { OFFICER_BODY_COMMITTEE } = OfficerBody;
const { OFFICER_POST_CHAIR, OFFICER_POST_VICE_CHAIR, OFFICER_POST_MEMBER } = OfficerPost;
const origin = { actor: 'cadre', correlationId: 'test' };

let world: CommitteesWorld;

beforeEach(async () => {
  world = await CommitteesWorld.open();
  await world.union('cn', '', UnionType.UNION_TYPE_NATIONAL);
  await world.union('p', 'cn', UnionType.UNION_TYPE_PROVINCIAL);
  await world.union('u', 'p');
});

afterEach(async () => {
  await world.close();
});

const committeeOf = async (unionId: string) =>
  (await world.context.commands.read(committeeDecider, unionId)).state;

const duties = async (unionId: string) =>
  (await world.context.commands.read(officerDutiesDecider, unionId)).state.open;

const types = async (stream: string) => (await world.events(stream)).map(({ type }) => type);

describe('an election', () => {
  it('waits for the upper union, which has the term begin', async () => {
    const electionId = await world.elect('u');
    expect((await committeeOf('u')).status).toBe('none');
    expect(await world.committees.getElection({ electionId }, origin)).toMatchObject({
      unionId: 'u',
      status: ApprovalStatus.APPROVAL_STATUS_PENDING,
      version: 1n,
    });
    expect(await world.approve(electionId, 'u')).toBe('not-an-upper-union');
    expect(await world.approve(electionId, 'cn')).toBe(electionId);
    expect(await committeeOf('u')).toMatchObject({
      status: 'serving',
      termNumber: 1,
      endsOn: '2027-06-03',
      seats: world.seats('u'),
    });
    expect(await world.approve(electionId, 'cn')).toBe('election-already-decided');
  });

  it('is of members of the union', async () => {
    const stranger = world.seat('p', OFFICER_POST_MEMBER, 'm1');
    const seats = [...world.seats('u').slice(0, 2), stranger];
    expect(await world.elect('u', { seats })).toBe('officer-not-a-member');
    const electionId = await world.elect('u');
    world.members.delete('u-v');
    expect(await world.approve(electionId, 'p')).toBe('officer-not-a-member');
    expect((await committeeOf('u')).status).toBe('none');
  });

  it('is refused while nobody can tell who is a member', async () => {
    await world.stopMembers();
    await expect(world.elect('u')).rejects.toThrow('does not answer');
    await world.startMembers();
    expect(await world.elect('u')).toHaveLength(20);
  });

  it('of an unknown or dissolved union is none', async () => {
    expect(await world.elect('nowhere')).toBe('union-unknown');
    expect(await world.dissolve('u')).toBe('u');
    expect(await world.elect('u')).toBe('union-dissolved');
  });

  it('is approved once, whoever is first', async () => {
    const electionId = await world.elect('u');
    const outcomes = await Promise.all(
      ['p', 'cn', 'p', 'cn'].map((upper) => world.approve(electionId, upper)),
    );
    expect(outcomes.toSorted()).toEqual(
      [electionId, ...Array(3).fill('election-already-decided')].toSorted(),
    );
    expect(await types('committee-u')).toEqual(['TermBegan']);
  });

  it('does not begin two terms when two reports of it are approved at the same time', async () => {
    const [first, second] = [await world.elect('u'), await world.elect('u')];
    const outcomes = await Promise.all([world.approve(first, 'p'), world.approve(second, 'p')]);
    expect(outcomes).toContain('election-before-term');
    expect(await types('committee-u')).toEqual(['TermBegan']);
  });

  it('before or after its time needs leave, and uses it up', async () => {
    await world.elect('u', { approvedBy: 'p' });
    world.today = '2026-01-10';
    const early = { kind: ElectionKind.ELECTION_KIND_EARLY, approvedBy: 'p' };
    expect(await world.elect('u', early)).toBe('election-exception-missing');
    const exceptionId = told(
      await world.committees.requestElectionException(
        {
          unionId: 'u',
          kind: ElectionKind.ELECTION_KIND_EARLY,
          holdBy: '2026-01-31',
          reason: '企业改制',
        },
        origin,
      ),
    );
    expect(await world.elect('u', early)).toBe('election-exception-missing');
    const approval = { exceptionId, approvalDocument: '批复 3', expectedVersion: 0n };
    const allow = async (approvedByUnionId: string) =>
      told(
        await world.committees.approveElectionException({ ...approval, approvedByUnionId }, origin),
      );
    expect(await allow('u')).toBe('not-an-upper-union');
    expect(await allow('p')).toBe(exceptionId);
    expect(await world.elect('u', early)).toHaveLength(20);
    expect((await committeeOf('u')).termNumber).toBe(2);
    world.today = '2026-01-11';
    expect(await world.elect('u', early)).toBe('election-exception-missing');
  });
});

describe('the hand-over (移交)', () => {
  beforeEach(async () => {
    await world.elect('u', { approvedBy: 'p' });
  });

  it('happens with the approval of the next election, in the same transaction', async () => {
    const dutyId = await world.assign('u', OFFICER_POST_VICE_CHAIR, OFFICER_BODY_COMMITTEE);
    expect((await duties('u'))[dutyId]?.holderId).toBe('u-v');
    world.today = '2027-05-01';
    const seats = world
      .seats('u')
      .map((held) => (held.memberId === 'u-v' ? { ...held, memberId: 'u-n' } : held));
    await world.elect('u', { seats, approvedBy: 'p' });
    expect((await duties('u'))[dutyId]?.holderId).toBe('u-n');
    const handed = (await world.events('officer-duties-u')).at(-1);
    expect(handed).toEqual({
      type: 'DutyHandedOver',
      data: {
        unionId: 'u',
        dutyId,
        fromMemberId: 'u-v',
        toMemberId: 'u-n',
        toUnionId: 'u',
        cause: HandOverCause.HAND_OVER_CAUSE_NEW_TERM,
      },
    });
  });

  it('goes to the chair when an officer resigns, and on to the winner of the by-election', async () => {
    const dutyId = await world.assign('u', OFFICER_POST_VICE_CHAIR, OFFICER_BODY_COMMITTEE);
    await world.committees.vacatePost(
      {
        unionId: 'u',
        memberId: 'u-v',
        body: OfficerBody.OFFICER_BODY_UNSPECIFIED,
        cause: VacancyCause.VACANCY_CAUSE_RESIGNED,
        reason: '',
        expectedVersion: 0n,
      },
      origin,
    );
    expect((await duties('u'))[dutyId]?.holderId).toBe('u-c');
    await world.elect('u', {
      kind: ElectionKind.ELECTION_KIND_BY_ELECTION,
      seats: [world.seat('u', OFFICER_POST_VICE_CHAIR, 'n')],
      approvedBy: 'p',
    });
    expect((await duties('u'))[dutyId]?.holderId).toBe('u-n');
  });

  it('loses no duty that is given while the officers change', async () => {
    world.today = '2027-05-01';
    const seats = world
      .seats('u')
      .map((held) => (held.memberId === 'u-v' ? { ...held, memberId: 'u-n' } : held));
    await Promise.all([
      world.elect('u', { seats, approvedBy: 'p' }),
      ...Array.from({ length: 20 }, () =>
        world.assign('u', OFFICER_POST_VICE_CHAIR, OFFICER_BODY_COMMITTEE),
      ),
    ]);
    const holders = Object.values(await duties('u')).map(({ holderId }) => holderId);
    expect(holders).toEqual(Array(20).fill('u-n'));
  });
});

describe('officers who leave (会籍转出, 退会)', () => {
  beforeEach(async () => {
    await world.elect('u', { approvedBy: 'p' });
  });

  it('cease from their posts, and what they had open goes to the chair', async () => {
    const dutyId = await world.assign('u', OFFICER_POST_VICE_CHAIR, OFFICER_BODY_COMMITTEE);
    // Their term has to be heard of first, or they are found to be no members by it.
    await world.settle();
    await world.transfer('u-v', 'p');
    await world.leave('u-m1');
    await world.settle();
    const ceased = (await world.events<'PostVacated' | 'TermBegan'>('committee-u')).flatMap(
      (event) => (event.type === 'PostVacated' ? event.data : []),
    );
    expect(ceased.map(({ seat, cause }) => [seat?.memberId, cause]).toSorted()).toEqual([
      ['u-m1', VacancyCause.VACANCY_CAUSE_LEFT_UNION],
      ['u-v', VacancyCause.VACANCY_CAUSE_TRANSFERRED],
    ]);
    expect((await duties('u'))[dutyId]?.holderId).toBe('u-c');
  });

  it('stay when they came back before the old event was heard of', async () => {
    await world.stop();
    await world.transfer('u-v', 'p');
    await world.transfer('u-v', 'u');
    await world.start();
    await world.settle();
    expect(await types('committee-u')).toEqual(['TermBegan']);
  });

  it('are found though the election was approved after they had left', async () => {
    const electionId = await world.elect('p', {
      seats: Array.from({ length: 5 }, (_, index) =>
        index === 0
          ? world.seat('p', OFFICER_POST_CHAIR, 'c')
          : world.seat('p', OFFICER_POST_MEMBER, `m${index}`),
      ),
      termYears: 5,
    });
    await world.transfer('p-m1', 'cn');
    await world.settle();
    world.outdatedAnswers = 1;
    expect(await world.approve(electionId, 'cn')).toBe(electionId);
    await world.settle();
    expect((await committeeOf('p')).seats.map(({ memberId }) => memberId)).not.toContain('p-m1');
  });
});

describe('a union that ends (撤销)', () => {
  it('has no officers, and its successor’s chair has what was open', async () => {
    await world.union('heir', 'p');
    await world.elect('u', { approvedBy: 'p' });
    await world.elect('heir', { approvedBy: 'p' });
    const dutyId = await world.assign('u', OFFICER_POST_MEMBER, OFFICER_BODY_COMMITTEE);
    await world.dissolve('u', 'heir');
    await world.settle();
    expect((await world.events('committee-u')).at(-1)).toMatchObject({
      type: 'TermEnded',
      data: { cause: TermEndCause.TERM_END_CAUSE_UNION_DISSOLVED },
    });
    expect(await duties('u')).toEqual({});
    expect((await duties('heir'))[dutyId]).toMatchObject({
      holderId: 'heir-c',
      title: 'verify-case',
      post: OFFICER_POST_CHAIR,
    });
  });

  it('and is restored has its officers again, as its members come back', async () => {
    await world.union('heir', 'p');
    await world.elect('u', { approvedBy: 'p' });
    await world.dissolve('u', 'heir');
    for (const name of ['c', 'v', 'm1']) await world.transfer(`u-${name}`, 'heir');
    await world.settle();
    expect(await committeeOf('u')).toMatchObject({ status: 'ended', seats: [] });
    await world.transfer('u-c', 'u');
    await world.restore('u');
    await world.settle();
    expect(await committeeOf('u')).toMatchObject({
      status: 'serving',
      termNumber: 1,
      dueOn: '2027-06-03',
      seats: [world.seat('u', OFFICER_POST_CHAIR, 'c')],
    });
    await world.transfer('u-m1', 'u');
    await world.settle();
    expect((await committeeOf('u')).seats.map(({ memberId }) => memberId)).toEqual(['u-c', 'u-m1']);
    expect(await types('committee-u')).toEqual([
      'TermBegan',
      'TermEnded',
      'TermResumed',
      'PostsFilled',
    ]);
    const [due] = await world.dueWarnings.find('due_warnings', { where: { id: 'u' }, limit: 1 });
    expect(due).toMatchObject({ dueOn: '2027-06-03' });
  });

  it('and is restored has back what is still open, from wherever it has passed on to', async () => {
    await world.union('heir', 'p');
    await world.elect('u', { approvedBy: 'p' });
    await world.elect('heir', { approvedBy: 'p' });
    const [open, done] = [
      await world.assign('u', OFFICER_POST_VICE_CHAIR, OFFICER_BODY_COMMITTEE),
      await world.assign('u', OFFICER_POST_MEMBER, OFFICER_BODY_COMMITTEE),
    ];
    await world.dissolve('u', 'heir');
    await world.settle();
    await world.dissolve('heir', 'p');
    await world.settle();
    expect(Object.keys(await duties('p')).toSorted()).toEqual([open, done].toSorted());
    await world.complete('p', done);
    await world.restore('u');
    await world.settle();
    expect(await duties('p')).toEqual({});
    expect(await duties('u')).toMatchObject({
      [open]: { post: OFFICER_POST_VICE_CHAIR, holderId: 'u-v', title: 'verify-case' },
    });
    expect(Object.keys(await duties('u'))).toEqual([open]);
  });

  it('hands on along a chain of successors, and to a chair who is elected later', async () => {
    await world.union('heir', 'p');
    await world.elect('u', { approvedBy: 'p' });
    const dutyId = await world.assign('u', OFFICER_POST_MEMBER, OFFICER_BODY_COMMITTEE);
    await world.stop();
    await world.start();
    await world.dissolve('u', 'heir');
    await world.dissolve('heir', 'p');
    await world.settle();
    expect((await duties('p'))[dutyId]?.holderId).toBe('');
    await world.elect('p', {
      seats: Array.from({ length: 5 }, (_, index) =>
        index === 0
          ? world.seat('p', OFFICER_POST_CHAIR, 'c')
          : world.seat('p', OFFICER_POST_MEMBER, `m${index}`),
      ),
      termYears: 5,
      approvedBy: 'cn',
    });
    expect((await duties('p'))[dutyId]?.holderId).toBe('p-c');
  });
});

describe('warnings of a term’s end (换届预警)', () => {
  const look = async () =>
    await warnDue(
      {
        commands: world.context.commands,
        due: world.dueWarnings,
        logger: world.context.logger,
      },
      world.clock(),
    );
  const levels = async (unionId: string) =>
    (await world.events<'TermEndWarned'>(`committee-${unionId}`)).flatMap((event) =>
      event.type === 'TermEndWarned' ? event.data.level : [],
    );

  it('are given once each, by any number of replicas, to those alone who are due', async () => {
    await world.union('later', 'p');
    await world.elect('u', { approvedBy: 'p' });
    await world.elect('later', { approvedBy: 'p', termYears: 5 });
    await world.settle();
    const replicas = Array.from({ length: 4 }, () => look);
    for (const today of ['2026-12-02', '2026-12-03', '2027-03-03', '2027-06-03', '2027-06-04']) {
      world.today = today;
      await Promise.all(replicas.map((each) => each()));
      // The list may not have heard of it yet: nothing is given twice.
      await Promise.all(replicas.map((each) => each()));
      await world.settle();
    }
    expect(await levels('u')).toEqual([6, 3, 0]);
    expect(await levels('later')).toEqual([]);
    expect(await look()).toBe(0);
  });

  it('are given by the service itself once the day has come', async () => {
    await world.elect('u', { approvedBy: 'p' });
    await world.settle();
    await world.stop();
    world.today = '2027-03-10';
    await world.start();
    for (let tries = 0; (await levels('u')).length === 0 && tries < 100; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(await levels('u')).toEqual([3]);
  });

  it('look at more unions than a page holds', async () => {
    const ids = Array.from({ length: 130 }, (_, index) => `e${index}`);
    for (const id of ids) await world.union(id, 'p');
    await Promise.all(ids.map((id) => world.elect(id, { approvedBy: 'p' })));
    await world.settle();
    world.today = '2027-01-01';
    expect(await look()).toBe(130);
    await world.settle();
    expect(await look()).toBe(0);
  });

  it('are planned anew when the election is put off, and not any more after the next one', async () => {
    await world.elect('u', { approvedBy: 'p' });
    world.today = '2027-05-20';
    await world.settle();
    await look();
    const exceptionId = told(
      await world.committees.requestElectionException(
        {
          unionId: 'u',
          kind: ElectionKind.ELECTION_KIND_LATE,
          holdBy: '2027-12-03',
          reason: '企业改制',
        },
        origin,
      ),
    );
    await world.committees.approveElectionException(
      { exceptionId, approvedByUnionId: 'p', approvalDocument: '1', expectedVersion: 0n },
      origin,
    );
    await world.settle();
    await look();
    expect(await levels('u')).toEqual([3]);
    world.today = '2027-06-03';
    await look();
    expect(await levels('u')).toEqual([3, 6]);
    world.today = '2027-08-01';
    await world.elect('u', { kind: ElectionKind.ELECTION_KIND_LATE, approvedBy: 'p' });
    await world.settle();
    world.today = '2027-12-10';
    await look();
    expect(await levels('u')).toEqual([3, 6]);
  });
});
