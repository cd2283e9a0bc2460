import {
  ElectionKind,
  HandOverCause,
  OfficerBody,
  OfficerPost,
  RecipientKind,
  VacancyCause,
} from '@unionfold/contracts';
import { noticeTemplates } from '@unionfold/contracts/notices';
import type { DomainEvent } from '@unionfold/eventsourcing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Neighbours } from '../neighbours.fixture.ts';
import type { CommitteeChange } from './committee-notices.ts';
import { committeeTemplates } from './committee-templates.fixture.ts';

let at: Neighbours;

beforeAll(async () => {
  at = await Neighbours.open();
  await at.establish('city', '', { approved: true });
  await at.establish('county', 'city', { approved: true });
  await at.establish('works', 'county', { approved: true });
  await at.settle();
});

afterAll(async () => {
  await at.close();
});

/** Who was told what because of the change, in any order. */
async function toldOf(aggregate: string, id: string, change: CommitteeChange): Promise<string[]> {
  await at.append('organizations', aggregate, id, [change as DomainEvent]);
  await at.settle();
  const posted = (await at.posted()).toSorted((a, b) => a.noticeId.localeCompare(b.noticeId));
  for (const { template, params } of posted) {
    const text = noticeTemplates[template as keyof typeof noticeTemplates].text.zh;
    for (const [, name = ''] of text.matchAll(/\{(\w+)\}/g)) {
      expect(params[name], `${template} ${name}`).toBeTruthy();
    }
  }
  return posted
    .filter(({ aboutId }) => aboutId === id)
    .map(({ template, recipientKind, recipientId }) => {
      const kind = recipientKind === RecipientKind.RECIPIENT_KIND_UNION ? 'union' : 'member';
      return `${kind} ${recipientId}: ${template}`;
    })
    .toSorted();
}

const reported = (electionId: string, approvedByUnionId: string): CommitteeChange => ({
  type: 'ElectionReported',
  data: {
    electionId,
    unionId: 'works',
    kind: ElectionKind.ELECTION_KIND_REGULAR,
    heldOn: '2026-05-20',
    termYears: 3,
    seats: [],
    approvedByUnionId,
  },
});

const warned = (level: number): CommitteeChange => ({
  type: 'TermEndWarned',
  data: { unionId: 'works', termNumber: 1, dueOn: '2026-07-01', level },
});

describe('The inbox, of elections', () => {
  it('asks the upper union for its approval, and tells the union of it', async () => {
    expect(await toldOf('election', 'e1', reported('e1', ''))).toEqual([
      'union county: election-awaits-approval',
    ]);
    const approved: CommitteeChange = {
      type: 'ElectionApproved',
      data: {
        electionId: 'e1',
        unionId: 'works',
        approvedByUnionId: 'city',
        approvalDocument: '1',
        approvedOn: '2026-06-01',
      },
    };
    expect(await toldOf('election', 'e1', approved)).toEqual([
      'union county: election-awaits-approval',
      'union works: election-approved',
    ]);
  });

  it('asks nobody where an upper union reported', async () => {
    expect(await toldOf('election', 'e2', reported('e2', 'county'))).toEqual([]);
  });

  it('tells of a rejection', async () => {
    const rejected: CommitteeChange = {
      type: 'ElectionRejected',
      data: { electionId: 'e3', unionId: 'works', rejectedByUnionId: 'county', reason: '程序' },
    };
    expect(await toldOf('election', 'e3', rejected)).toEqual(['union works: election-rejected']);
  });

  it('carries requests for early and late elections up and the answer down', async () => {
    const facts = { exceptionId: 'x1', unionId: 'works' };
    const requested: CommitteeChange = {
      type: 'ElectionExceptionRequested',
      data: {
        ...facts,
        kind: ElectionKind.ELECTION_KIND_LATE,
        holdBy: '2026-12-31',
        reason: '改制',
      },
    };
    const asked = 'union county: election-exception-awaits-approval';
    expect(await toldOf('election-exception', 'x1', requested)).toEqual([asked]);
    const approved: CommitteeChange = {
      type: 'ElectionExceptionApproved',
      data: { ...facts, approvedByUnionId: 'county', approvalDocument: '1' },
    };
    expect(await toldOf('election-exception', 'x1', approved)).toEqual([
      asked,
      'union works: election-exception-approved',
    ]);
    const rejected: CommitteeChange = {
      type: 'ElectionExceptionRejected',
      data: { exceptionId: 'x2', unionId: 'works', rejectedByUnionId: 'county', reason: '按期' },
    };
    expect(await toldOf('election-exception', 'x2', rejected)).toEqual([
      'union works: election-exception-rejected',
    ]);
  });

  it('warns the union that its term ends, and the upper union as well once it has ended', async () => {
    const told = async (level: number) => {
      const before = await at.posted();
      await toldOf('committee', 'works', warned(level));
      const known = new Set(before.map(({ noticeId }) => noticeId));
      return (await at.posted())
        .filter(({ noticeId }) => !known.has(noticeId))
        .map(({ recipientId, template, params }) => [recipientId, template, params['months']])
        .toSorted();
    };
    expect(await told(6)).toEqual([['works', 'term-ending', '6']]);
    expect(await told(3)).toEqual([['works', 'term-ending', '3']]);
    expect(await told(0)).toEqual([
      ['county', 'subordinate-term-overdue', '0'],
      ['works', 'term-overdue', '0'],
    ]);
  });

  it('reports up that an officer ceased', async () => {
    const before = (await at.posted()).length;
    await toldOf('committee', 'works', {
      type: 'PostVacated',
      data: {
        unionId: 'works',
        termNumber: 1,
        seat: {
          body: OfficerBody.OFFICER_BODY_COMMITTEE,
          post: OfficerPost.OFFICER_POST_CHAIR,
          memberId: 'm1',
          fullTime: true,
        },
        vacatedOn: '2026-06-01',
        cause: VacancyCause.VACANCY_CAUSE_RESIGNED,
        reason: '',
      },
    });
    const posted = await at.posted();
    expect(posted.length).toBe(before + 1);
    const notice = posted.find(({ template }) => template === 'officer-ceased');
    expect(notice?.recipientId).toBe('county');
    // Who it was stands in the union's committee, not in a notice.
    expect(Object.values(notice?.params ?? {})).not.toContain('m1');
  });

  it('tells whoever has a duty now', async () => {
    const handed = (dutyId: string, toMemberId: string, toUnionId = 'works'): CommitteeChange => ({
      type: 'DutyHandedOver',
      data: {
        unionId: 'works',
        dutyId,
        fromMemberId: 'm1',
        toMemberId,
        toUnionId,
        cause: HandOverCause.HAND_OVER_CAUSE_VACATED,
      },
    });
    expect(await toldOf('officer-duties', 'd1', handed('d1', 'm2'))).toEqual([
      'member m2: duty-handed-over',
    ]);
    expect(await toldOf('officer-duties', 'd2', handed('d2', ''))).toEqual([]);
    expect(await toldOf('officer-duties', 'd3', handed('d3', 'm3', 'county'))).toEqual([]);
    const received: CommitteeChange = {
      type: 'DutyReceived',
      data: {
        unionId: 'county',
        dutyId: 'd3',
        fromUnionId: 'works',
        title: 'verify-case',
        subjectType: 'hardship-case',
        subjectId: 'k1',
        holderId: 'm3',
        body: OfficerBody.OFFICER_BODY_COMMITTEE,
        post: OfficerPost.OFFICER_POST_CHAIR,
      },
    };
    expect(await toldOf('officer-duties', 'd3', received)).toEqual(['union county: duty-received']);
  });

  it('has sent every kind of notice by now', async () => {
    const sent = new Set((await at.posted()).map(({ template }) => template));
    expect([...sent].toSorted()).toEqual(committeeTemplates);
  });
});
