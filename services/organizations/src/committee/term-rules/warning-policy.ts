import { addMonths, dateOfDayNumber, dayNumber } from '@unionfold/codes';

/** A warning that a term ends (换届预警). */
export interface TermWarning {
  /** Months before the due day; 0: it has passed. */
  readonly level: number;
  /** 'yyyy-MM-dd': from this day the warning is due. */
  readonly on: string;
}

/** The warnings of a term that is due on a day, the earliest first. */
export function warningsOf(dueOn: string, warningMonths: readonly number[]): TermWarning[] {
  return warningMonths
    .toSorted((a, b) => b - a)
    .map((level) => ({
      level,
      // On its last day a term is not overdue.
      on: level === 0 ? dateOfDayNumber(dayNumber(dueOn) + 1) : addMonths(dueOn, -level),
    }));
}

/**
 * The warning to give on a day: the most urgent one that is due, if nobody was given it or a more urgent one. A term
 * that is entered late skips those that have passed.
 * @param warnedLevel the level of the last one given for this due day; undefined when there was none
 */
export function warningDue(
  dueOn: string,
  warningMonths: readonly number[],
  warnedLevel: number | undefined,
  today: string,
): TermWarning | undefined {
  const due = warningsOf(dueOn, warningMonths).findLast(({ on }) => on <= today);
  return due === undefined || (warnedLevel !== undefined && warnedLevel <= due.level)
    ? undefined
    : due;
}

/** The warning that comes after the last one given, due or not. */
export function warningAfter(
  dueOn: string,
  warningMonths: readonly number[],
  warnedLevel: number | undefined,
): TermWarning | undefined {
  return warningsOf(dueOn, warningMonths).find(
    ({ level }) => warnedLevel === undefined || level < warnedLevel,
  );
}
