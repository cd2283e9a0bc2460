import { chinaDate } from '@unionfold/codes';
import { ElectionKind, HandOverCause, OfficerBody, VacancyCause } from '@unionfold/contracts';
import {
  ApprovalStatus,
  type CommitteesServiceService,
  type Election,
  type ElectionException,
} from '@unionfold/contracts/organizations';
import { refuse } from '@unionfold/contracts/problems';
import type { CommandContext, CommandSession, Refusal } from '@unionfold/eventsourcing';
import type { Handlers, ServiceContext } from '@unionfold/service-kit';
import { unionDecider } from '../union/decider.ts';
import { uppersFrom } from '../union/hierarchy.ts';
import type { Approval, UnionState } from '../union/union.ts';
import { committeeDecider } from './decider.ts';
import { electionDecider } from './election/decider.ts';
import type { ElectionResult, Roster } from './election/election.ts';
import { electionExceptionDecider } from './election-exception/decider.ts';
import { handOver } from './hand-over.ts';
import { officerDutiesDecider } from './officer-duties/decider.ts';
import { checkRoster, type RosterOwner } from './roster.ts';
import { type TermRules, termRulesInForce } from './term-rules/term-rules.ts';

/** Elections, the bodies that come out of them, and their officers' duties (委员会与换届选举). */
export function committeeMethods(
  { commands, answer }: Pick<ServiceContext, 'commands' | 'answer'>,
  members: RosterOwner,
): Handlers<typeof CommitteesServiceService> {
  const rosterOf = async (
    unionId: string,
    { seats }: ElectionResult,
    rules: TermRules | undefined,
    call: CommandContext,
  ): Promise<Roster> => {
    const memberIds = seats.map(({ memberId }) => memberId);
    const countUpTo = rules?.committeeFromMembers ?? 0;
    return await checkRoster(members, { unionId, memberIds, countUpTo }, call);
  };

  /** The result takes effect: posts are held, and what is open goes with them. */
  const seatElected = async (
    session: CommandSession,
    election: { readonly electionId: string; readonly unionId: string },
    effect: {
      readonly result: ElectionResult;
      readonly roster: Roster;
      readonly rules: TermRules | undefined;
      readonly approvedOn: string;
    },
  ): Promise<Refusal | undefined> => {
    const committee = await session.load(committeeDecider, election.unionId);
    const isByElection = effect.result.kind === ElectionKind.ELECTION_KIND_BY_ELECTION;
    return (
      committee.decide({
        type: 'SeatElected',
        ...election,
        ...effect,
        today: chinaDate(session.now),
      }) ??
      (await handOver(
        session,
        election.unionId,
        isByElection
          ? HandOverCause.HAND_OVER_CAUSE_FILLED
          : HandOverCause.HAND_OVER_CAUSE_NEW_TERM,
      ))
    );
  };

  return {
    reportElection: async (request, call) =>
      answer(
        await commands.execute(call, async (session) => {
          const electionId = session.newId();
          const { unionId, kind, heldOn, seats, approvedByUnionId, approvalDocument } = request;
          const isByElection = kind === ElectionKind.ELECTION_KIND_BY_ELECTION;
          const termYears = isByElection ? 0 : request.termYears;
          const result: ElectionResult = { kind, heldOn, termYears, seats };
          const election = await session.load(electionDecider, electionId);
          const union = await session.load(unionDecider, unionId);
          const committee = await session.load(committeeDecider, unionId);
          const today = chinaDate(session.now);
          const rules = termRulesInForce(union.state, heldOn);
          const roster = await rosterOf(unionId, result, rules, call);
          const refusal =
            liveFault(union.state) ??
            election.decide({
              type: 'ReportElection',
              electionId,
              unionId,
              result,
              approvedByUnionId,
              committee: committee.state,
              roster,
              rules,
              today,
            });
          if (refusal !== undefined) return refusal;
          if (approvedByUnionId === '') return electionId;
          const approvedOn = request.approvedOn === '' ? today : request.approvedOn;
          const approval = await approvalOf(session, union.state, {
            approvedByUnionId,
            approvalDocument,
          });
          return (
            election.decide({ type: 'ApproveElection', approval, approvedOn }) ??
            (await seatElected(
              session,
              { electionId, unionId },
              { result, roster, rules, approvedOn },
            )) ??
            electionId
          );
        }),
      ),

    approveElection: async (request, call) =>
      answer(
        await commands.execute(call, async (session) => {
          const { electionId } = request;
          const election = await session.load(electionDecider, electionId);
          const { unionId, result } = election.state;
          const union = await session.load(unionDecider, unionId);
          const today = chinaDate(session.now);
          const approvedOn = request.approvedOn === '' ? today : request.approvedOn;
          const refusal =
            election.expectVersion(Number(request.expectedVersion)) ??
            election.decide({
              type: 'ApproveElection',
              approval: await approvalOf(session, union.state, request),
              approvedOn,
            }) ??
            liveFault(union.state);
          if (refusal !== undefined) return refusal;
          const rules = termRulesInForce(union.state, result.heldOn);
          // Asked again: who was elected may have left since.
          const roster = await rosterOf(unionId, result, rules, call);
          const effect = { result, roster, rules, approvedOn };
          return (await seatElected(session, { electionId, unionId }, effect)) ?? electionId;
        }),
      ),

    rejectElection: async (request, call) =>
      answer(
        await commands.execute(call, async (session) => {
          const { electionId, rejectedByUnionId, reason } = request;
          const election = await session.load(electionDecider, electionId);
          const union = await session.load(unionDecider, election.state.unionId);
          return (
            election.expectVersion(Number(request.expectedVersion)) ??
            election.decide({
              type: 'RejectElection',
              rejectedByUnionId,
              upperUnionIds: await uppersFrom(session, union.state.territorialParentId),
              reason,
            }) ??
            electionId
          );
        }),
      ),

    getElection: async ({ electionId }): Promise<Election | Refusal> => {
      const { state, version } = await commands.read(electionDecider, electionId);
      if (state.status === 'absent') return refuse('election-unknown', { field: 'electionId' });
      const { unionId, result, status } = state;
      const seats = [...result.seats];
      const stands = statuses[status];
      return { electionId, unionId, ...result, seats, status: stands, version: BigInt(version) };
    },

    requestElectionException: async (request, call) =>
      answer(
        await commands.execute(call, async (session) => {
          const exceptionId = session.newId();
          const { unionId } = request;
          const exception = await session.load(electionExceptionDecider, exceptionId);
          const union = await session.load(unionDecider, unionId);
          const committee = await session.load(committeeDecider, unionId);
          const today = chinaDate(session.now);
          return (
            liveFault(union.state) ??
            exception.decide({
              ...request,
              type: 'RequestElectionException',
              exceptionId,
              committee: committee.state,
              rules: termRulesInForce(union.state, today),
              today,
            }) ??
            exceptionId
          );
        }),
      ),

    approveElectionException: async (request, call) =>
      answer(
        await commands.execute(call, async (session) => {
          const { exceptionId } = request;
          const exception = await session.load(electionExceptionDecider, exceptionId);
          const { unionId, kind, holdBy } = exception.state;
          const union = await session.load(unionDecider, unionId);
          const committee = await session.load(committeeDecider, unionId);
          const today = chinaDate(session.now);
          const approval = await approvalOf(session, union.state, request);
          return (
            exception.expectVersion(Number(request.expectedVersion)) ??
            exception.decide({ type: 'ApproveElectionException', approval }) ??
            liveFault(union.state) ??
            committee.decide({
              type: 'ChangeElectionTime',
              allowed: { exceptionId, kind, holdBy },
              rules: termRulesInForce(union.state, today),
              today,
            }) ??
            exceptionId
          );
        }),
      ),

    rejectElectionException: async (request, call) =>
      answer(
        await commands.execute(call, async (session) => {
          const { exceptionId, rejectedByUnionId, reason } = request;
          const exception = await session.load(electionExceptionDecider, exceptionId);
          const union = await session.load(unionDecider, exception.state.unionId);
          return (
            exception.expectVersion(Number(request.expectedVersion)) ??
            exception.decide({
              type: 'RejectElectionException',
              rejectedByUnionId,
              upperUnionIds: await uppersFrom(session, union.state.territorialParentId),
              reason,
            }) ??
            exceptionId
          );
        }),
      ),

    getElectionException: async ({ exceptionId }): Promise<ElectionException | Refusal> => {
      const { state, version } = await commands.read(electionExceptionDecider, exceptionId);
      if (state.status === 'absent') {
        return refuse('election-exception-unknown', { field: 'exceptionId' });
      }
      return { ...state, status: statuses[state.status], version: BigInt(version) };
    },

    vacatePost: async (request, call) =>
      answer(
        await commands.execute(call, async (session) => {
          const { unionId, memberId, body, cause, reason, expectedVersion } = request;
          const committee = await session.load(committeeDecider, unionId);
          const union = await session.load(unionDecider, unionId);
          if (cause === VacancyCause.VACANCY_CAUSE_UNSPECIFIED) {
            return refuse('vacancy-cause-missing', { field: 'cause' });
          }
          return (
            liveFault(union.state) ??
            committee.expectVersion(Number(expectedVersion)) ??
            committee.decide({
              type: 'VacatePost',
              memberId,
              body: body === OfficerBody.OFFICER_BODY_UNSPECIFIED ? undefined : body,
              cause,
              reason,
              today: chinaDate(session.now),
            }) ??
            (await handOver(session, unionId, HandOverCause.HAND_OVER_CAUSE_VACATED)) ??
            unionId
          );
        }),
      ),

    assignDuty: async (request, call) =>
      answer(
        await commands.execute(call, async (session) => {
          const { unionId } = request;
          const dutyId = session.newId();
          const duties = await session.load(officerDutiesDecider, unionId);
          const union = await session.load(unionDecider, unionId);
          const committee = await session.load(committeeDecider, unionId);
          return (
            liveFault(union.state) ??
            duties.decide({ ...request, type: 'AssignDuty', dutyId, committee: committee.state }) ??
            dutyId
          );
        }),
      ),

    completeDuty: async ({ unionId, dutyId }, call) =>
      answer(
        await commands.execute(call, async (session) => {
          const duties = await session.load(officerDutiesDecider, unionId);
          return duties.decide({ type: 'CompleteDuty', unionId, dutyId }) ?? dutyId;
        }),
      ),
  };
}

const statuses = {
  absent: ApprovalStatus.APPROVAL_STATUS_UNSPECIFIED,
  pending: ApprovalStatus.APPROVAL_STATUS_PENDING,
  approved: ApprovalStatus.APPROVAL_STATUS_APPROVED,
  rejected: ApprovalStatus.APPROVAL_STATUS_REJECTED,
} as const;

async function approvalOf(
  session: CommandSession,
  union: UnionState,
  { approvedByUnionId, approvalDocument }: Pick<Approval, 'approvedByUnionId' | 'approvalDocument'>,
): Promise<Approval> {
  const upperUnionIds = await uppersFrom(session, union.territorialParentId);
  return { approvedByUnionId, approvalDocument, upperUnionIds };
}

/** A union elects, and its officers act, while it lives. */
function liveFault({ status }: UnionState): Refusal | undefined {
  const field = 'unionId';
  if (status === 'absent') return refuse('union-unknown', { field });
  if (status === 'dissolved') return refuse('union-dissolved', { field });
  if (status === 'suspended') return refuse('union-suspended', { field });
  return status === 'active' ? undefined : refuse('union-not-live', { field });
}
