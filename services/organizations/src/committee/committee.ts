import type { ElectionKind, TermEndCause, VacancyCause } from '@unionfold/contracts';
import {
  type EventOf,
  type OfficerBody,
  OfficerPost,
  type OfficerSeat,
} from '@unionfold/contracts';
import type { ElectionResult, Roster } from './election/election.ts';
import type { TermRules } from './term-rules/term-rules.ts';

/** The events of a union's elected bodies (工会机构). */
export type CommitteeEvent = EventOf<
  | 'TermBegan'
  | 'TermEnded'
  | 'TermResumed'
  | 'PostsFilled'
  | 'PostVacated'
  | 'ElectionTimeChanged'
  | 'TermEndWarned'
>;

/** A post that nobody holds until a by-election (空缺). */
export type Vacancy = Pick<OfficerSeat, 'body' | 'post'>;

/** What an upper union allowed beside the regular time (准予提前或延期换届). */
export interface AllowedTime {
  readonly exceptionId: string;
  readonly kind: ElectionKind;
  /** 'yyyy-MM-dd', the day included. */
  readonly holdBy: string;
}

/** A union's elected bodies: who holds which post, and until when. */
export interface CommitteeState {
  /** `none`: never elected; `ended`: the union was dissolved. */
  readonly status: 'none' | 'serving' | 'ended';
  readonly unionId: string;
  /** The election that the term began with. */
  readonly electionId: string;
  /** 届次 */
  readonly termNumber: number;
  readonly electedOn: string;
  readonly beganOn: string;
  /** 换届应到日期 as it follows from the election. */
  readonly endsOn: string;
  /** When the next election is due: later than `endsOn` where an upper union put it off. */
  readonly dueOn: string;
  readonly ruleSet: string;
  readonly seats: readonly OfficerSeat[];
  readonly vacancies: readonly Vacancy[];
  /** Who held posts when the union was dissolved, as long as they may have them back. */
  readonly formerSeats: readonly OfficerSeat[];
  /** 'yyyy-MM-dd'; empty: never. */
  readonly resumedOn: string;
  readonly allowed: AllowedTime | undefined;
  /** Level of the last warning for this due day. */
  readonly warnedLevel: number | undefined;
  /** Day of the last change of posts: nothing is approved as of an earlier day. */
  readonly changedOn: string;
}

/** An election's approved result takes effect: a new term begins, or vacant posts are filled (就任). */
export interface SeatElected {
  readonly type: 'SeatElected';
  readonly electionId: string;
  readonly unionId: string;
  readonly result: ElectionResult;
  readonly roster: Roster;
  readonly rules: TermRules | undefined;
  /** 'yyyy-MM-dd'; empty means today. */
  readonly approvedOn: string;
  readonly today: string;
}

/** An upper union allowed an early or late election. */
export interface ChangeElectionTime {
  readonly type: 'ChangeElectionTime';
  readonly allowed: AllowedTime;
  readonly rules: TermRules | undefined;
  readonly today: string;
}

/** An officer ceases from a post, or from all that they hold (去职). */
export interface VacatePost {
  readonly type: 'VacatePost';
  readonly memberId: string;
  /** Undefined: every body. */
  readonly body: OfficerBody | undefined;
  readonly cause: VacancyCause;
  readonly reason: string;
  readonly today: string;
}

/** Who is no longer a member of the union holds no post in it; nothing happens where none is held. */
export interface CeaseMembership extends Omit<VacatePost, 'type' | 'body'> {
  readonly type: 'CeaseMembership';
}

/** The union ends, and the term with it. */
export interface EndTerm {
  readonly type: 'EndTerm';
  readonly cause: TermEndCause;
  readonly today: string;
}

/** The union was restored: its term goes on, and those who are members again have their posts back (任期恢复). */
export interface ResumeTerm {
  readonly type: 'ResumeTerm';
  /** Who of the former officers is a member. */
  readonly memberIds: readonly string[];
  readonly today: string;
}

/** Look whether a warning of the term's end is due, and give it once. */
export interface WarnTermEnd {
  readonly type: 'WarnTermEnd';
  readonly warningMonths: readonly number[];
  readonly today: string;
}

/** What can be asked of a union's bodies. */
export type CommitteeCommand =
  | SeatElected
  | ChangeElectionTime
  | VacatePost
  | CeaseMembership
  | EndTerm
  | ResumeTerm
  | WarnTermEnd;

/** The union's chair (主席); empty while the post is vacant. */
export function chairOf(seats: readonly OfficerSeat[]): string {
  return seats.find(({ post }) => post === OfficerPost.OFFICER_POST_CHAIR)?.memberId ?? '';
}
