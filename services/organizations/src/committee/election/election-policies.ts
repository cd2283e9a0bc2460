import { addMonths, parseDate } from '@unionfold/codes';
import { ElectionKind, OfficerBody, OfficerPost, type OfficerSeat } from '@unionfold/contracts';
import { type RefusedProblem, refuse } from '@unionfold/contracts/problems';
import type { CommitteeState } from '../committee.ts';
import type { BodySize, TermRules } from '../term-rules/term-rules.ts';
import type { ElectionCircumstances, ElectionResult } from './election.ts';

/** A rule of elections: what stands against a result, if it is this. */
type ElectionPolicy = (
  result: ElectionResult,
  circumstances: ElectionCircumstances,
) => RefusedProblem | undefined;

/** The posts of each body; the first is the one that exactly one person holds. */
const postsOf: Readonly<Record<OfficerBody, readonly OfficerPost[]>> = {
  [OfficerBody.OFFICER_BODY_UNSPECIFIED]: [],
  [OfficerBody.OFFICER_BODY_COMMITTEE]: [
    OfficerPost.OFFICER_POST_CHAIR,
    OfficerPost.OFFICER_POST_VICE_CHAIR,
    OfficerPost.OFFICER_POST_MEMBER,
  ],
  [OfficerBody.OFFICER_BODY_AUDIT]: [
    OfficerPost.OFFICER_POST_AUDIT_CHAIR,
    OfficerPost.OFFICER_POST_MEMBER,
  ],
  [OfficerBody.OFFICER_BODY_WOMEN]: [
    OfficerPost.OFFICER_POST_WOMEN_CHAIR,
    OfficerPost.OFFICER_POST_MEMBER,
  ],
};

/** Whether a body has the post. */
export function isPostOf(body: OfficerBody, post: OfficerPost): boolean {
  return postsOf[body]?.includes(post) ?? false;
}

/** The report says what was elected, when, and to which posts. */
const isComplete: ElectionPolicy = ({ kind, heldOn, seats }, { today }) => {
  if (!(kind in ElectionKind) || kind === ElectionKind.ELECTION_KIND_UNSPECIFIED) {
    return refuse('election-kind-missing', { field: 'kind' });
  }
  if (!parseDate(heldOn).ok) {
    return refuse('date-invalid', { field: 'heldOn', params: { field: 'heldOn' } });
  }
  if (heldOn > today) {
    return refuse('date-in-future', { field: 'heldOn', params: { field: 'heldOn' } });
  }
  if (seats.length === 0) return refuse('election-empty', { field: 'posts' });
  if (!seats.every(({ body, post }) => isPostOf(body, post))) {
    return refuse('post-not-of-body', { field: 'posts' });
  }
  return undefined;
};

/** 任期: a term has one of the lengths that the rules allow; a by-election fills posts for the rest of one. */
const hasTermLength: ElectionPolicy = ({ kind, termYears }, { rules }) =>
  kind === ElectionKind.ELECTION_KIND_BY_ELECTION || rules.termYears.includes(termYears)
    ? undefined
    : refuse('term-years-not-allowed', {
        field: 'termYears',
        params: { allowed: rules.termYears.join(' / ') },
      });

/** Nobody stands twice in a body, together with those who hold posts on. */
const standsOnce: ElectionPolicy = (result, { committee }) => {
  const places = seatsAfter(result, committee).map(({ body, memberId }) => `${body} ${memberId}`);
  return new Set(places).size === places.length
    ? undefined
    : refuse('post-held-twice', { field: 'posts' });
};

/** Each body that was elected has one at its head: 主席, 经审主任, 女工主任. */
const hasOneHead: ElectionPolicy = (result) => {
  if (result.kind === ElectionKind.ELECTION_KIND_BY_ELECTION) return undefined;
  const hasHead = electedBodies(result).every(
    (body) => result.seats.filter(({ post }) => post === postsOf[body][0]).length === 1,
  );
  return hasHead ? undefined : refuse('post-not-single', { field: 'posts' });
};

/** 委员名额: the committee is elected with every term; with few members one organiser stands in for it. */
const committeeSize: ElectionPolicy = (result, { roster, rules }) => {
  if (result.kind === ElectionKind.ELECTION_KIND_BY_ELECTION) return undefined;
  const size = sizeOf(result, OfficerBody.OFFICER_BODY_COMMITTEE);
  if (size === 1 && rules.committee.minimum > 1) {
    const { committeeFromMembers: members } = rules;
    return roster.members < members
      ? undefined
      : refuse('committee-required', { field: 'posts', params: { members } });
  }
  return sizeFault(size, rules.committee);
};

/** The sizes of the audit committee and the women workers' committee, where they were elected. */
const otherSizes: ElectionPolicy = (result, { rules }) => {
  if (result.kind === ElectionKind.ELECTION_KIND_BY_ELECTION) return undefined;
  const audit = sizeOf(result, OfficerBody.OFFICER_BODY_AUDIT);
  const women = sizeOf(result, OfficerBody.OFFICER_BODY_WOMEN);
  return (
    (audit === 0 ? undefined : sizeFault(audit, rules.audit)) ??
    (women === 0 ? undefined : sizeFault(women, rules.women))
  );
};

/** 工会主席不得担任同级经审委员: who answers for the money does not look into the books. */
const chairDoesNotAudit: ElectionPolicy = (result, { committee, rules }) => {
  if (rules.chairMayAudit) return undefined;
  const seats = seatsAfter(result, committee);
  const chair = seats.find(({ post }) => post === OfficerPost.OFFICER_POST_CHAIR)?.memberId;
  const audits = seats.some(
    ({ body, memberId }) => body === OfficerBody.OFFICER_BODY_AUDIT && memberId === chair,
  );
  return audits ? refuse('chair-audits-self', { field: 'posts' }) : undefined;
};

/** Officers are members of the union. */
const areMembers: ElectionPolicy = (_, { roster }) =>
  roster.absentMemberIds.length === 0
    ? undefined
    : refuse('officer-not-a-member', {
        field: 'posts',
        params: { number: roster.absentMemberIds.length },
      });

/** 按期换届, 提前换届, 延期换届: each in its time, the last two with the upper union's leave. */
const isHeldInTime: ElectionPolicy = ({ kind, heldOn }, { committee, rules }) => {
  if (kind === ElectionKind.ELECTION_KIND_BY_ELECTION) return undefined;
  const isRegular = kind === ElectionKind.ELECTION_KIND_REGULAR;
  if (committee.status !== 'serving') {
    return isRegular ? undefined : refuse('term-missing', { field: 'kind' });
  }
  const { beganOn, endsOn, allowed } = committee;
  if (heldOn <= beganOn) {
    return refuse('election-before-term', { field: 'heldOn', params: { beganOn } });
  }
  const opensOn = opensOnOf(committee, rules);
  const time = timeOf(heldOn, opensOn, endsOn);
  if (kind !== time) return wrongTime(time, opensOn, endsOn);
  if (isRegular) return undefined;
  if (allowed?.kind !== kind) return refuse('election-exception-missing', { field: 'kind' });
  const { holdBy } = allowed;
  return heldOn > holdBy
    ? refuse('election-exception-expired', { field: 'heldOn', params: { holdBy } })
    : undefined;
};

/** 补选: vacant posts are filled for the rest of the term. */
const fillsVacancies: ElectionPolicy = ({ kind, heldOn, seats }, { committee }) => {
  if (kind !== ElectionKind.ELECTION_KIND_BY_ELECTION) return undefined;
  if (committee.status !== 'serving') return refuse('term-missing', { field: 'kind' });
  const { beganOn } = committee;
  if (heldOn < beganOn) {
    return refuse('election-before-term', { field: 'heldOn', params: { beganOn } });
  }
  const open = [...committee.vacancies];
  for (const { body, post } of seats) {
    const index = open.findIndex((vacancy) => vacancy.body === body && vacancy.post === post);
    if (index < 0) return refuse('post-not-vacant', { field: 'posts' });
    open.splice(index, 1);
  }
  return undefined;
};

/** The rules of elections, in the order in which they are told. */
export const electionPolicies: readonly ElectionPolicy[] = [
  isComplete,
  hasTermLength,
  fillsVacancies,
  hasOneHead,
  standsOnce,
  committeeSize,
  otherSizes,
  chairDoesNotAudit,
  areMembers,
  isHeldInTime,
];

/** What stands against an election's result; asked when it is reported and again when it is approved. */
export function electionFault(
  result: ElectionResult,
  circumstances: ElectionCircumstances,
): RefusedProblem | undefined {
  for (const policy of electionPolicies) {
    const fault = policy(result, circumstances);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** A result is approved after the election and after whatever changed in the committee since, and not ahead. */
export function approvalDayFault(
  approvedOn: string,
  { heldOn }: ElectionResult,
  { changedOn }: CommitteeState,
  today: string,
): RefusedProblem | undefined {
  const field = 'approvedOn';
  if (!parseDate(approvedOn).ok) return refuse('date-invalid', { field, params: { field } });
  const earliest = heldOn > changedOn ? heldOn : changedOn;
  return earliest <= approvedOn && approvedOn <= today
    ? undefined
    : refuse('approval-day-invalid', { field, params: { earliest, latest: today } });
}

/** From this day a regular election may be held. */
export function opensOnOf({ endsOn }: CommitteeState, rules: TermRules): string {
  return addMonths(endsOn, -rules.regularMonthsBefore);
}

function timeOf(heldOn: string, opensOn: string, endsOn: string): ElectionKind {
  if (heldOn < opensOn) return ElectionKind.ELECTION_KIND_EARLY;
  return heldOn > endsOn ? ElectionKind.ELECTION_KIND_LATE : ElectionKind.ELECTION_KIND_REGULAR;
}

function wrongTime(time: ElectionKind, opensOn: string, endsOn: string): RefusedProblem {
  const field = 'kind';
  if (time === ElectionKind.ELECTION_KIND_EARLY) {
    return refuse('election-is-early', { field, params: { opensOn, endsOn } });
  }
  return time === ElectionKind.ELECTION_KIND_LATE
    ? refuse('election-is-late', { field, params: { endsOn } })
    : refuse('election-is-regular', { field, params: { opensOn, endsOn } });
}

/** Who would hold posts: those elected, and with a by-election those who hold posts already. */
function seatsAfter(result: ElectionResult, committee: CommitteeState): readonly OfficerSeat[] {
  return result.kind === ElectionKind.ELECTION_KIND_BY_ELECTION
    ? [...committee.seats, ...result.seats]
    : result.seats;
}

function electedBodies({ seats }: ElectionResult): readonly OfficerBody[] {
  return [...new Set([OfficerBody.OFFICER_BODY_COMMITTEE, ...seats.map(({ body }) => body)])];
}

function sizeOf({ seats }: ElectionResult, body: OfficerBody): number {
  return seats.filter((seat) => seat.body === body).length;
}

function sizeFault(size: number, rule: BodySize): RefusedProblem | undefined {
  const { minimum, maximum, odd } = rule;
  if (size < minimum || size > maximum) {
    return refuse('body-size-not-allowed', { field: 'posts', params: { minimum, maximum } });
  }
  return odd && size % 2 === 0 ? refuse('body-size-even', { field: 'posts' }) : undefined;
}
