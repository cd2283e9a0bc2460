import { ElectionKind } from '@unionfold/contracts';
import { specificationFor } from '@unionfold/eventsourcing/specification';
import { describe, it } from 'vitest';
import { committeeAfter, committeeOf, grassroots } from '../committee.fixture.ts';
import { electionDecider } from './decider.ts';
import type { ApproveElection, ElectionEvent, RejectElection, ReportElection } from './election.ts';

const { given } = specificationFor(electionDecider);

const report = (changes: Partial<ReportElection> = {}): ReportElection => ({
  type: 'ReportElection',
  electionId: 'e',
  unionId: 'u',
  result: {
    kind: ElectionKind.ELECTION_KIND_REGULAR,
    heldOn: '2024-05-20',
    termYears: 3,
    seats: committeeOf(3),
  },
  approvedByUnionId: '',
  committee: committeeAfter(),
  roster: { absentMemberIds: [], members: 25 },
  rules: grassroots,
  today: '2024-06-01',
  ...changes,
});

const reported: ElectionEvent = {
  type: 'ElectionReported',
  data: {
    electionId: 'e',
    unionId: 'u',
    kind: ElectionKind.ELECTION_KIND_REGULAR,
    heldOn: '2024-05-20',
    termYears: 3,
    seats: committeeOf(3),
    approvedByUnionId: '',
  },
};

const approve = (
  approvedByUnionId: string,
  approvalDocument = ' 青工发〔2024〕1号 ',
): ApproveElection => ({
  type: 'ApproveElection',
  approval: { approvedByUnionId, approvalDocument, upperUnionIds: ['county', 'city'] },
  approvedOn: '2024-06-03',
});

const approved: ElectionEvent = {
  type: 'ElectionApproved',
  data: {
    electionId: 'e',
    unionId: 'u',
    approvedByUnionId: 'city',
    approvalDocument: '青工发〔2024〕1号',
    approvedOn: '2024-06-03',
  },
};

const reject = (rejectedByUnionId: string, reason = '程序不合规'): RejectElection => ({
  type: 'RejectElection',
  rejectedByUnionId,
  upperUnionIds: ['county', 'city'],
  reason,
});

const rejected: ElectionEvent = {
  type: 'ElectionRejected',
  data: { electionId: 'e', unionId: 'u', rejectedByUnionId: 'county', reason: '程序不合规' },
};

describe('an election from report to approval (报批)', () => {
  it('is reported', () => {
    given([]).when(report()).then([reported]);
  });

  it('is held against the rules when it is reported', () => {
    given([])
      .when(report({ roster: { absentMemberIds: ['c'], members: 25 } }))
      .thenRefused('officer-not-a-member');
    given([])
      .when(report({ rules: undefined }))
      .thenRefused('term-rules-not-in-force', 'heldOn');
    given([reported]).when(report()).thenRefused('id-taken');
  });

  it('is approved by an upper union, under the number of a document', () => {
    given([reported]).when(approve('city')).then([approved]);
    given([reported]).when(approve('u')).thenRefused('not-an-upper-union', 'approvedByUnionId');
    given([reported]).when(approve('elsewhere')).thenRefused('not-an-upper-union');
    given([reported])
      .when(approve('city', ' '))
      .thenRefused('approval-document-missing', 'approvalDocument');
  });

  it('is approved by the national federation itself, which has nothing above it', () => {
    const command = approve('u');
    given([reported])
      .when({ ...command, approval: { ...command.approval, upperUnionIds: [] } })
      .then([{ ...approved, data: { ...approved.data, approvedByUnionId: 'u' } } as ElectionEvent]);
  });

  it('is turned down with a reason', () => {
    given([reported]).when(reject('county')).then([rejected]);
    given([reported]).when(reject('county', '')).thenRefused('reason-missing', 'reason');
    given([reported]).when(reject('u')).thenRefused('not-an-upper-union', 'rejectedByUnionId');
  });

  it('is decided on once', () => {
    for (const decision of [approved, rejected]) {
      given([reported, decision]).when(approve('city')).thenRefused('election-already-decided');
      given([reported, decision]).when(reject('city')).thenRefused('election-already-decided');
    }
    given([]).when(approve('city')).thenRefused('election-unknown');
  });
});
