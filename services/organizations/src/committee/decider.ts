import { addMonths, addYears } from '@unionfold/codes';
import { ElectionKind, type OfficerSeat, TermEndCause } from '@unionfold/contracts';
import { refuse } from '@unionfold/contracts/problems';
import type { Decider, Decision } from '@unionfold/eventsourcing';
import type {
  ChangeElectionTime,
  CommitteeCommand,
  CommitteeEvent,
  CommitteeState,
  ResumeTerm,
  SeatElected,
  Vacancy,
  VacatePost,
  WarnTermEnd,
} from './committee.ts';
import { approvalDayFault, electionFault } from './election/election-policies.ts';
import { exceptionFault } from './election-exception/exception-policy.ts';
import { warningDue } from './term-rules/warning-policy.ts';

/** So long after their union was restored its officers may come back to their posts; members return by themselves. */
const monthsToComeBack = 1;

/** The rules of a union's elected bodies (委员会, 经费审查委员会, 女职工委员会) from term to term. */
export const committeeDecider: Decider<CommitteeState, CommitteeCommand, CommitteeEvent> = {
  aggregate: 'committee',
  initialState: {
    status: 'none',
    unionId: '',
    electionId: '',
    termNumber: 0,
    electedOn: '',
    beganOn: '',
    endsOn: '',
    dueOn: '',
    ruleSet: '',
    seats: [],
    vacancies: [],
    formerSeats: [],
    resumedOn: '',
    allowed: undefined,
    warnedLevel: undefined,
    changedOn: '',
  },
  decide: (command, state) => {
    switch (command.type) {
      case 'SeatElected':
        return seatElected(command, state);
      case 'ChangeElectionTime':
        return changeElectionTime(command, state);
      case 'VacatePost':
        return vacatePost(command, state);
      case 'CeaseMembership': {
        const held = state.seats.some(({ memberId }) => memberId === command.memberId);
        return held ? vacatePost({ ...command, type: 'VacatePost', body: undefined }, state) : [];
      }
      case 'EndTerm':
        return state.status === 'serving' ? [ended(state, command.today, command.cause)] : [];
      case 'ResumeTerm':
        return resumeTerm(command, state);
      case 'WarnTermEnd':
        return warnTermEnd(command, state);
    }
  },
  evolve: (state, event) => {
    switch (event.type) {
      case 'TermBegan': {
        const { termYears: _, ...term } = event.data;
        return {
          ...term,
          status: 'serving',
          dueOn: term.endsOn,
          vacancies: [],
          formerSeats: [],
          resumedOn: '',
          allowed: undefined,
          warnedLevel: undefined,
          changedOn: term.beganOn,
        };
      }
      case 'TermEnded':
        // Should the union be restored, those in office get their posts back, and vacant ones are vacant still.
        return {
          ...state,
          status: 'ended',
          seats: [],
          formerSeats: event.data.seats,
          allowed: undefined,
          changedOn: event.data.endedOn,
        };
      case 'TermResumed': {
        const { seats, resumedOn } = event.data;
        const formerSeats = seats.reduce(withoutSeat, state.formerSeats);
        const vacant = formerSeats.map(({ body, post }) => ({ body, post }));
        return {
          ...state,
          status: 'serving',
          seats,
          vacancies: [...state.vacancies, ...vacant],
          formerSeats,
          resumedOn,
          warnedLevel: undefined,
          changedOn: resumedOn,
        };
      }
      case 'PostsFilled':
        return {
          ...state,
          seats: [...state.seats, ...event.data.seats],
          formerSeats: event.data.seats.reduce(withoutSeat, state.formerSeats),
          vacancies: event.data.seats.reduce(withoutVacancy, state.vacancies),
          changedOn: event.data.filledOn,
        };
      case 'PostVacated': {
        const { seat, vacatedOn } = event.data;
        if (seat === undefined) return state;
        const { body, post } = seat;
        return {
          ...state,
          seats: withoutSeat(state.seats, seat),
          vacancies: [...state.vacancies, { body, post }],
          changedOn: vacatedOn,
        };
      }
      case 'ElectionTimeChanged': {
        const { exceptionId, kind, holdBy, dueOn } = event.data;
        const isPutOff = dueOn !== state.dueOn;
        return {
          ...state,
          dueOn,
          allowed: { exceptionId, kind, holdBy },
          warnedLevel: isPutOff ? undefined : state.warnedLevel,
        };
      }
      case 'TermEndWarned':
        return { ...state, warnedLevel: event.data.level };
    }
  },
};

function seatElected(command: SeatElected, state: CommitteeState): Decision<CommitteeEvent> {
  const { electionId, unionId, result, roster, rules, today } = command;
  const approvedOn = command.approvedOn === '' ? today : command.approvedOn;
  if (rules === undefined) return refuse('term-rules-not-in-force', { field: 'heldOn' });
  const fault =
    electionFault(result, { committee: state, roster, rules, today }) ??
    approvalDayFault(approvedOn, result, state, today);
  if (fault !== undefined) return fault;
  const { heldOn, termYears, seats } = result;
  if (result.kind === ElectionKind.ELECTION_KIND_BY_ELECTION) {
    const { termNumber } = state;
    const data = { unionId, electionId, termNumber, filledOn: approvedOn, seats: [...seats] };
    return [{ type: 'PostsFilled', data }];
  }
  const former =
    state.status === 'serving'
      ? [ended(state, approvedOn, TermEndCause.TERM_END_CAUSE_SUCCEEDED)]
      : [];
  return [
    ...former,
    {
      type: 'TermBegan',
      data: {
        unionId,
        electionId,
        termNumber: state.termNumber + 1,
        termYears,
        electedOn: heldOn,
        beganOn: approvedOn,
        endsOn: addYears(heldOn, termYears),
        seats: [...seats],
        ruleSet: rules.id,
      },
    },
  ];
}

function changeElectionTime(
  { allowed, rules, today }: ChangeElectionTime,
  state: CommitteeState,
): Decision<CommitteeEvent> {
  const fault = exceptionFault(allowed, state, rules, today);
  if (fault !== undefined) return fault;
  const { unionId, termNumber } = state;
  const isLate = allowed.kind === ElectionKind.ELECTION_KIND_LATE;
  const dueOn = isLate ? allowed.holdBy : state.dueOn;
  return [{ type: 'ElectionTimeChanged', data: { unionId, termNumber, ...allowed, dueOn } }];
}

function vacatePost(command: VacatePost, state: CommitteeState): Decision<CommitteeEvent> {
  if (state.status !== 'serving') return refuse('term-missing', { field: 'unionId' });
  const { memberId, body, cause, reason } = command;
  const held = state.seats.filter(
    (seat) => seat.memberId === memberId && (body === undefined || seat.body === body),
  );
  if (held.length === 0) return refuse('post-not-held', { field: 'memberId' });
  const { unionId, termNumber } = state;
  // Approvals may have been entered as of a day that is still ahead of a slower clock.
  const vacatedOn = later(command.today, state.changedOn);
  return held.map((seat) => ({
    type: 'PostVacated',
    data: { unionId, termNumber, seat, vacatedOn, cause, reason },
  }));
}

/**
 * Goes on with a term that ended with its union. Members come back one by one and may be later than their union: who
 * does so soon has the post back, if nobody has been elected to it.
 */
function resumeTerm(
  { memberIds, today }: ResumeTerm,
  state: CommitteeState,
): Decision<CommitteeEvent> {
  const { unionId, electionId, termNumber, formerSeats, dueOn, ruleSet } = state;
  const back = formerSeats.filter(({ memberId }) => memberIds.includes(memberId));
  const on = later(today, state.changedOn);
  if (state.status === 'ended') {
    if (formerSeats.length === 0) return [];
    const data = { unionId, termNumber, resumedOn: on, seats: back, dueOn, ruleSet };
    return [{ type: 'TermResumed', data }];
  }
  if (today > addMonths(state.resumedOn, monthsToComeBack)) return [];
  const seats: OfficerSeat[] = [];
  let { vacancies } = state;
  for (const seat of back) {
    const left = withoutVacancy(vacancies, seat);
    if (left !== vacancies) seats.push(seat);
    vacancies = left;
  }
  if (seats.length === 0) return [];
  return [{ type: 'PostsFilled', data: { unionId, electionId, termNumber, filledOn: on, seats } }];
}

function warnTermEnd(
  { warningMonths, today }: WarnTermEnd,
  state: CommitteeState,
): Decision<CommitteeEvent> {
  if (state.status !== 'serving') return [];
  const { unionId, termNumber, dueOn, warnedLevel } = state;
  const due = warningDue(dueOn, warningMonths, warnedLevel, today);
  if (due === undefined) return [];
  return [{ type: 'TermEndWarned', data: { unionId, termNumber, dueOn, level: due.level } }];
}

function ended(state: CommitteeState, today: string, cause: TermEndCause): CommitteeEvent {
  const { unionId, termNumber, seats } = state;
  const endedOn = later(today, state.changedOn);
  return { type: 'TermEnded', data: { unionId, termNumber, endedOn, cause, seats: [...seats] } };
}

function withoutSeat(
  seats: readonly OfficerSeat[],
  { body, post, memberId }: OfficerSeat,
): readonly OfficerSeat[] {
  return seats.filter(
    (seat) => seat.memberId !== memberId || seat.body !== body || seat.post !== post,
  );
}

function withoutVacancy(
  vacancies: readonly Vacancy[],
  { body, post }: OfficerSeat,
): readonly Vacancy[] {
  const index = vacancies.findIndex((vacancy) => vacancy.body === body && vacancy.post === post);
  return index < 0 ? vacancies : vacancies.toSpliced(index, 1);
}

function later(a: string, b: string): string {
  return a > b ? a : b;
}
