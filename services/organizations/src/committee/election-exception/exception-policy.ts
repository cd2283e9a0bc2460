import { addMonths, dateOfDayNumber, dayNumber, parseDate } from '@unionfold/codes';
import { ElectionKind } from '@unionfold/contracts';
import { type RefusedProblem, refuse } from '@unionfold/contracts/problems';
import type { CommitteeState } from '../committee.ts';
import { opensOnOf } from '../election/election-policies.ts';
import type { TermRules } from '../term-rules/term-rules.ts';

/**
 * What stands against an early or late election; asked when it is requested and again when it is allowed. An early one
 * is held before the time of the regular one. A late one is put off no further than the rules say, counted from the
 * term's end, or from today where that has long passed: such a union, too, has to elect some day.
 */
export function exceptionFault(
  { kind, holdBy }: { readonly kind: ElectionKind; readonly holdBy: string },
  committee: CommitteeState,
  rules: TermRules | undefined,
  today: string,
): RefusedProblem | undefined {
  if (kind !== ElectionKind.ELECTION_KIND_EARLY && kind !== ElectionKind.ELECTION_KIND_LATE) {
    return refuse('election-exception-kind-invalid', { field: 'kind' });
  }
  if (committee.status !== 'serving') return refuse('term-missing', { field: 'unionId' });
  if (rules === undefined) return refuse('term-rules-not-in-force', { field: 'unionId' });
  const field = 'holdBy';
  if (!parseDate(holdBy).ok) return refuse('date-invalid', { field, params: { field } });
  const { earliest, latest } = span(kind, committee, rules, today);
  return earliest <= holdBy && holdBy <= latest
    ? undefined
    : refuse('election-exception-day-invalid', { field, params: { earliest, latest } });
}

function span(
  kind: ElectionKind,
  committee: CommitteeState,
  rules: TermRules,
  today: string,
): { readonly earliest: string; readonly latest: string } {
  const { beganOn, endsOn } = committee;
  if (kind === ElectionKind.ELECTION_KIND_EARLY) {
    // The election may have been held already: the leave then comes after it.
    return { earliest: beganOn, latest: dayBefore(opensOnOf(committee, rules)) };
  }
  const from = endsOn > today ? endsOn : today;
  return { earliest: dayAfter(endsOn), latest: addMonths(from, rules.postponementMonths) };
}

function dayBefore(date: string): string {
  return dateOfDayNumber(dayNumber(date) - 1);
}

function dayAfter(date: string): string {
  return dateOfDayNumber(dayNumber(date) + 1);
}
