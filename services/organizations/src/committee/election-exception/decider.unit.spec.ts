import { ElectionKind } from '@unionfold/contracts';
import { specificationFor } from '@unionfold/eventsourcing/specification';
import { describe, it } from 'vitest';
import { committeeAfter, firstTerm, grassroots } from '../committee.fixture.ts';
import {
  type ElectionExceptionEvent,
  electionExceptionDecider,
  type RequestElectionException,
} from './decider.ts';

const { given } = specificationFor(electionExceptionDecider);
const { ELECTION_KIND_EARLY, ELECTION_KIND_LATE, ELECTION_KIND_REGULAR } = ElectionKind;

const request = (
  kind: ElectionKind,
  holdBy: string,
  changes: Partial<RequestElectionException> = {},
): RequestElectionException => ({
  type: 'RequestElectionException',
  exceptionId: 'x',
  unionId: 'u',
  kind,
  holdBy,
  reason: ' 企业改制 ',
  committee: committeeAfter(firstTerm),
  rules: grassroots,
  today: '2026-06-01',
  ...changes,
});

const requested = (kind: ElectionKind, holdBy: string): ElectionExceptionEvent => ({
  type: 'ElectionExceptionRequested',
  data: { exceptionId: 'x', unionId: 'u', kind, holdBy, reason: '企业改制' },
});

describe('a request to elect early or late (提前或延期换届申请)', () => {
  it.each([
    ['early, on the last day before the regular time', ELECTION_KIND_EARLY, '2027-02-19'],
    ['late, on the first day after the term', ELECTION_KIND_LATE, '2027-05-21'],
    ['late, half a year after the term', ELECTION_KIND_LATE, '2027-11-20'],
  ])('is made: %s', (_, kind, holdBy) => {
    given([])
      .when(request(kind, holdBy))
      .then([requested(kind, holdBy)]);
  });

  it.each([
    ['early, but in the regular time', ELECTION_KIND_EARLY, '2027-02-20'],
    ['early, but before the term', ELECTION_KIND_EARLY, '2024-06-02'],
    ['late, but within the term', ELECTION_KIND_LATE, '2027-05-20'],
    ['late, more than half a year', ELECTION_KIND_LATE, '2027-11-21'],
  ])('is refused: %s', (_, kind, holdBy) => {
    given([]).when(request(kind, holdBy)).thenRefused('election-exception-day-invalid', 'holdBy');
  });

  it('finds a way for a union that is overdue for years', () => {
    given([])
      .when(request(ELECTION_KIND_LATE, '2031-03-01', { today: '2030-10-01' }))
      .then([requested(ELECTION_KIND_LATE, '2031-03-01')]);
  });

  it('has a kind, a reason and a term that it is about', () => {
    given([])
      .when(request(ELECTION_KIND_REGULAR, '2027-03-01'))
      .thenRefused('election-exception-kind-invalid', 'kind');
    given([])
      .when(request(ELECTION_KIND_LATE, '2027-06-01', { reason: ' ' }))
      .thenRefused('reason-missing', 'reason');
    given([])
      .when(request(ELECTION_KIND_LATE, '2027-06-01', { committee: committeeAfter() }))
      .thenRefused('term-missing');
    given([]).when(request(ELECTION_KIND_LATE, '2027-6-1')).thenRefused('date-invalid', 'holdBy');
  });

  it('is decided on once, by an upper union', () => {
    const before = requested(ELECTION_KIND_LATE, '2027-06-01');
    const approve = (approvedByUnionId: string) => ({
      type: 'ApproveElectionException' as const,
      approval: { approvedByUnionId, approvalDocument: '1', upperUnionIds: ['county'] },
    });
    const approved: ElectionExceptionEvent = {
      type: 'ElectionExceptionApproved',
      data: { exceptionId: 'x', unionId: 'u', approvedByUnionId: 'county', approvalDocument: '1' },
    };
    given([before]).when(approve('county')).then([approved]);
    given([before]).when(approve('u')).thenRefused('not-an-upper-union');
    given([before, approved])
      .when(approve('county'))
      .thenRefused('election-exception-already-decided');
    given([before, approved])
      .when({
        type: 'RejectElectionException',
        rejectedByUnionId: 'county',
        upperUnionIds: ['county'],
        reason: '应按期换届',
      })
      .thenRefused('election-exception-already-decided');
    given([]).when(approve('county')).thenRefused('election-exception-unknown');
  });
});
