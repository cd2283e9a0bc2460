import { deepStrictEqual, equal } from 'node:assert/strict';
import {
  BookingCanceller,
  CellCadreReleaseCause,
  CellCadreRole,
  type EventOf,
  HardshipCategory,
  RecipientKind,
} from '@unionfold/contracts';
import { type NoticeTemplate, noticeTemplates } from '@unionfold/contracts/notices';
import { isRefusal } from '@unionfold/eventsourcing';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { committeeTemplates } from './inbox/committee-templates.fixture.ts';
import { Neighbours } from './neighbours.fixture.ts';

let at: Neighbours;
const reader = { actor: 'reader', correlationId: 'test' };
const { RECIPIENT_KIND_UNION: union, RECIPIENT_KIND_MEMBER: member } = RecipientKind;

beforeAll(async () => {
  at = await Neighbours.open();
  await at.establish('city', '', { approved: true });
  await at.establish('county', 'city', { approved: true });
  await at.establish('works', 'county', { approved: true });
  await at.establish('mill', 'county', { approved: true });
  await at.settle();
});

afterAll(async () => {
  await at.close();
});

/** Who was told what about something, in any order. */
async function told(aboutId: string): Promise<string[]> {
  await at.settle();
  return (await at.posted())
    .filter((notice) => notice.aboutId === aboutId)
    .map(({ template, recipientKind, recipientId }) => {
      const kind = recipientKind === union ? 'union' : 'member';
      return `${kind} ${recipientId}: ${template}`;
    })
    .sort();
}

type HardshipEvent = EventOf<
  | 'HardshipDeclared'
  | 'HardshipVerified'
  | 'HardshipApproved'
  | 'HardshipRejected'
  | 'AidPaid'
  | 'CaseReassigned'
>;

async function happenTo(caseId: string, event: HardshipEvent): Promise<void> {
  await at.append('welfare', 'hardship-case', caseId, [event]);
}

async function declare(caseId: string, memberId: string, unionId = 'works'): Promise<void> {
  const household = {
    householdSize: 3,
    annualIncomeFen: 2_000_000n,
    rigidExpenditureFen: 0n,
    accidentCostFen: 0n,
    statement: '长期患病',
    consent: true,
  };
  await happenTo(caseId, {
    type: 'HardshipDeclared',
    data: { caseId, memberId, unionId, ...household },
  });
}

async function verify(caseId: string, category: HardshipCategory): Promise<void> {
  await happenTo(caseId, {
    type: 'HardshipVerified',
    data: {
      caseId,
      verifiedByUnionId: 'works',
      verifiedBy: 'wang',
      checks: [],
      category,
      ruleSet: 'sd-2020',
    },
  });
}

describe('The inbox, of cells', () => {
  const { CELL_CADRE_ROLE_RESPONSIBLE: responsible, CELL_CADRE_ROLE_ASSISTANT: assistant } =
    CellCadreRole;
  const {
    CELL_CADRE_RELEASE_CAUSE_BY_UNION: byUnion,
    CELL_CADRE_RELEASE_CAUSE_REPLACED: replaced,
    CELL_CADRE_RELEASE_CAUSE_LEFT: left,
    CELL_CADRE_RELEASE_CAUSE_TRANSFERRED: transferred,
  } = CellCadreReleaseCause;

  it.each([
    ['left', responsible, left, ['union county: cell-without-cadre']],
    ['transferred', responsible, transferred, ['union county: cell-without-cadre']],
    ['by-union', responsible, byUnion, []],
    ['replaced', responsible, replaced, []],
    ['assistant', assistant, left, []],
  ] as const)(
    'tells the union when nobody is responsible any more (%s)',
    async (name, role, cause, notices) => {
      const cellId = `cell-${name}`;
      const about = { cellId, unionId: 'county', cellName: '第一网格', memberId: 'm1', reason: '' };
      await at.append('organizations', 'cell', cellId, [
        { type: 'CellCadreReleased', data: { ...about, role, cause } },
      ]);
      deepStrictEqual(await told(cellId), [...notices]);
    },
  );
});

describe('The inbox, of unions', () => {
  it('asks the upper union for an approval, and tells the union of it', async () => {
    await at.establish('plant', 'county');
    deepStrictEqual(await told('plant'), ['union county: union-awaits-approval']);
    await at.approve('plant', 'county');
    deepStrictEqual(await told('plant'), [
      'union county: union-awaits-approval',
      'union plant: union-approved',
    ]);
    const [asked] = (await at.posted()).filter(({ aboutId }) => aboutId === 'plant');
    equal(asked?.params['unionName'], '工会 plant');
  });

  it('asks for nothing and tells nothing where the establishment was approved at once', async () => {
    await at.establish('at-once', 'county', { approved: true });
    deepStrictEqual(await told('at-once'), []);
  });

  it('does not flood anyone with unions that are made up', async () => {
    await at.establish('made-up', 'county', { synthetic: true });
    deepStrictEqual(await told('made-up'), []);
    await at.approve('made-up', 'county');
    deepStrictEqual(await told('made-up'), []);
  });

  it('does not ask for an approval that was given before the inbox came to it', async () => {
    await at.stop();
    await at.establish('quick', 'county');
    await at.approve('quick', 'county');
    await at.start();
    deepStrictEqual(await told('quick'), ['union quick: union-approved']);
  });

  it('does not ask for an approval that has been given but has not reached it', async () => {
    await at.establish('ahead', 'county', { approvedAtOwner: true });
    deepStrictEqual(await told('ahead'), []);
  });

  it('loads a tree that is approved at once without asking for each union', async () => {
    await at.stop();
    const before = at.asked;
    for (let i = 0; i < 200; i++) await at.establish(`tree-${i}`, 'county', { approved: true });
    await at.start();
    await at.settle();
    // At most where an establishment ends a batch and its approval begins the next.
    equal(at.asked - before <= 3, true, `asked ${at.asked - before} times`);
  });

  it('tells a moved union and both upper unions, by the name it has now', async () => {
    await at.append('organizations', 'union', 'plant', [
      { type: 'UnionRenamed', data: { unionId: 'plant', name: '新厂工会', reason: 'test' } },
    ]);
    await at.append('organizations', 'union', 'plant', [
      {
        type: 'UnionMoved',
        data: { unionId: 'plant', fromParentId: 'county', toParentId: 'city', reason: 'test' },
      },
    ]);
    deepStrictEqual((await told('plant')).slice(0, 2), [
      'union city: subordinate-joined',
      'union county: subordinate-left',
    ]);
    const moved = (await at.posted()).find(({ template }) => template === 'union-moved');
    equal(moved?.recipientId, 'plant');
    equal(moved?.params['unionName'], '新厂工会');
    equal(moved?.params['toUnionName'], '工会 city');
  });

  it('tells the successor of a dissolved union', async () => {
    await at.establish('old', 'county', { approved: true });
    await at.append('organizations', 'union', 'old', [
      {
        type: 'UnionDissolved',
        data: { unionId: 'old', parentId: 'county', successorId: 'mill', reason: 'test' },
      },
    ]);
    deepStrictEqual(await told('old'), ['union mill: union-taken-over']);
  });
});

describe('The inbox, of members', () => {
  const transfer = (memberId: string): EventOf<'MemberTransferred'> => ({
    type: 'MemberTransferred',
    data: { memberId, fromUnionId: 'works', toUnionId: 'mill', reason: 'test' },
  });

  it('tells the member and both unions of a transfer', async () => {
    await at.append('members', 'member', 'li', [transfer('li')]);
    deepStrictEqual(await told('li'), [
      'member li: membership-transferred',
      'union mill: member-transferred-in',
      'union works: member-transferred-out',
    ]);
  });

  it('tells the member alone where the platform carried a dissolved union’s members over', async () => {
    await at.append('members', 'member', 'wang', [transfer('wang')], 'system:succession');
    deepStrictEqual(await told('wang'), ['member wang: membership-transferred']);
  });
});

describe('The inbox, of hardship', () => {
  it('leads a case from desk to desk and tells the worker', async () => {
    await declare('c1', 'li');
    deepStrictEqual(await told('c1'), ['union works: hardship-declared']);
    await verify('c1', HardshipCategory.HARDSHIP_CATEGORY_DEEP);
    await happenTo('c1', {
      type: 'HardshipApproved',
      data: {
        caseId: 'c1',
        approvedByUnionId: 'county',
        approvedBy: 'zhao',
        amountFen: 300_005n,
      },
    });
    await happenTo('c1', {
      type: 'AidPaid',
      data: {
        caseId: 'c1',
        paymentId: 'p1',
        fundLineId: 'spring',
        amountFen: 300_005n,
        paidBy: 'qian',
        unionId: 'works',
        memberId: 'li',
      },
    });
    deepStrictEqual(await told('c1'), [
      'member li: aid-paid',
      'member li: hardship-approved',
      'member li: hardship-verified',
      'union county: hardship-awaits-approval',
      'union works: hardship-declared',
    ]);
    const paid = (await at.posted()).find(({ template }) => template === 'aid-paid');
    deepStrictEqual(paid?.params, { amountFen: '300005', amountYuan: '3000.05' });
  });

  it('asks nobody to approve what is not eligible', async () => {
    await declare('c2', 'sun');
    await verify('c2', HardshipCategory.HARDSHIP_CATEGORY_UNSPECIFIED);
    await happenTo('c2', {
      type: 'HardshipRejected',
      data: {
        caseId: 'c2',
        rejectedByUnionId: 'works',
        rejectedBy: 'wang',
        opinion: '收入超过标准',
        memberId: 'sun',
      },
    });
    deepStrictEqual(await told('c2'), [
      'member sun: hardship-not-eligible',
      'member sun: hardship-rejected',
      'union works: hardship-declared',
    ]);
  });

  it('goes on at the union that a case passed to', async () => {
    await declare('c3', 'wu');
    await happenTo('c3', {
      type: 'CaseReassigned',
      data: { caseId: 'c3', fromUnionId: 'works', toUnionId: 'plant', reason: 'test' },
    });
    await verify('c3', HardshipCategory.HARDSHIP_CATEGORY_RELATIVE);
    deepStrictEqual(await told('c3'), [
      'member wu: hardship-verified',
      'union city: hardship-awaits-approval',
      'union plant: case-received',
      'union works: hardship-declared',
    ]);
  });

  it('asks the owner for a union of which it has not heard', async () => {
    const county = at.unions.get('county');
    if (county === undefined) throw new Error('no county');
    at.unions.set('unheard', { ...county, unionId: 'unheard', territorialParentId: 'county' });
    await declare('c4', 'zhou', 'unheard');
    await verify('c4', HardshipCategory.HARDSHIP_CATEGORY_DEEP);
    deepStrictEqual((await told('c4')).slice(1), [
      'union county: hardship-awaits-approval',
      'union unheard: hardship-declared',
    ]);
  });
});

describe('The inbox, of bookings', () => {
  const core = {
    resourceId: 'hall',
    resourceName: '报告厅',
    unionId: 'works',
    startsAt: '2026-12-02T09:00',
    endsAt: '2026-12-02T11:00',
  };
  const cancel = async (bookingId: string, cancelledBy: BookingCanceller, memberId = '') =>
    await at.append('organizations', 'booking', bookingId, [
      {
        type: 'BookingCancelled',
        data: { bookingId, memberId, ...core, cancelledBy, reason: '停电', wasWaiting: false },
      },
    ]);

  it('tells who moved up: the union, or the worker alone', async () => {
    for (const [bookingId, memberId] of [
      ['union-books', ''],
      ['worker-books', 'm-books'],
    ] as const) {
      await at.append('organizations', 'booking', bookingId, [
        { type: 'BookingMovedUp', data: { bookingId, memberId, ...core } },
      ]);
    }
    deepStrictEqual(await told('union-books'), ['union works: booking-moved-up']);
    deepStrictEqual(await told('worker-books'), ['member m-books: booking-moved-up']);
  });

  it('tells of a cancellation by others, and not of one’s own', async () => {
    await cancel('by-owner', BookingCanceller.BOOKING_CANCELLER_OWNER);
    await cancel('by-withdrawal', BookingCanceller.BOOKING_CANCELLER_WITHDRAWAL, 'm-books');
    await cancel('by-party', BookingCanceller.BOOKING_CANCELLER_PARTY);
    deepStrictEqual(await told('by-owner'), ['union works: booking-cancelled-by-owner']);
    deepStrictEqual(await told('by-withdrawal'), [
      'member m-books: booking-cancelled-by-withdrawal',
    ]);
    deepStrictEqual(await told('by-party'), []);
    const [notice] = (await at.posted()).filter(({ aboutId }) => aboutId === 'by-owner');
    deepStrictEqual(notice?.params, {
      resourceId: 'hall',
      resourceName: '报告厅',
      startsAt: '2026-12-02 09:00',
      reason: '停电',
    });
  });
});

describe('The inbox', () => {
  it('fills every text, and names nobody', async () => {
    await at.settle();
    const notices = await at.posted();
    deepStrictEqual(
      [...new Set(notices.map(({ template }) => template))].sort(),
      (Object.keys(noticeTemplates) as NoticeTemplate[])
        .filter((template) => !committeeTemplates.includes(template))
        .sort(),
    );
    for (const { template, params } of notices) {
      const { text } = noticeTemplates[template as NoticeTemplate];
      for (const [, name = ''] of text.zh.matchAll(/\{(\w+)\}/g)) {
        equal(typeof params[name], 'string', `${template}: ${name}`);
        equal(params[name] === '', false, `${template}: ${name}`);
      }
      for (const person of ['li', 'wang', 'sun', 'wu', 'zhou', 'zhao', 'qian', '收入', '患病']) {
        equal(Object.values(params).includes(person), false, template);
      }
    }
  });

  it('posts nothing twice when every event comes again', async () => {
    const before = await at.posted();
    await at.redeliver();
    deepStrictEqual(await at.posted(), before);
  });
});

describe('A notice', () => {
  it('is read, and marked as read by its recipient alone', async () => {
    const posted = (await at.posted()).find(({ recipientKind }) => recipientKind === member);
    if (posted === undefined) throw new Error('no notice for a member');
    const { noticeId, recipientId } = posted;
    const request = { noticeId, recipientKind: member, recipientId };
    const stranger = { ...request, recipientId: 'stranger' };
    const refused = await at.notifications.markNoticeRead(stranger, reader);
    equal(isRefusal(refused) && refused.refused, 'notice-unknown');
    const before = await at.notifications.getNotice({ noticeId }, reader);
    equal(isRefusal(before) || before.read, false);
    const marked = await at.notifications.markNoticeRead(request, reader);
    if (isRefusal(marked)) throw new Error(marked.refused);
    equal(marked.version, 2n);
    const again = await at.notifications.markNoticeRead(request, reader);
    if (isRefusal(again)) throw new Error(again.refused);
    equal(again.version, 2n);
    const after = await at.notifications.getNotice({ noticeId }, reader);
    if (isRefusal(after)) throw new Error(after.refused);
    const { causeEventId: _, ...content } = posted;
    deepStrictEqual(after, { ...content, read: true, version: 2n });
  });

  it('that was never posted is unknown', async () => {
    const answer = await at.notifications.getNotice({ noticeId: 'none' }, reader);
    equal(isRefusal(answer) && answer.refused, 'notice-unknown');
  });
});
