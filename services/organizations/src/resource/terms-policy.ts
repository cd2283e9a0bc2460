import { isKnownRegion, parseDate } from '@unionfold/codes';
import {
  ResourceAudience,
  type ResourceCalendar,
  type ResourceEligibility,
  type ResourceTerms,
  UnionType,
} from '@unionfold/contracts';
import { type RefusedProblem, refuse } from '@unionfold/contracts/problems';
import { clockMinutes } from '../booking/slots.ts';

/** The terms of a resource with everything filled in. */
export interface SettledTerms extends Omit<ResourceTerms, 'eligibility'> {
  readonly eligibility: ResourceEligibility;
}

/** What holds where an owner says nothing, and bounds that keep a resource's sheets within one transaction. */
const usual = { capacity: 1, bookableDays: 90 } as const;
const most = { capacity: 10_000, bookableDays: 366, hours: 50, closedDays: 400 } as const;
const slotLength = { shortest: 5, longest: 24 * 60 } as const;

/**
 * The terms with what the owner left open: one booking at a time, by whole days, 90 days ahead, by unions and workers
 * alike. Offers of before there were bookings have none at all.
 */
export function settledTerms(terms: ResourceTerms | undefined): SettledTerms {
  const { capacity = 0, bookableDays = 0, eligibility, calendar } = terms ?? {};
  return {
    capacity: capacity === 0 ? usual.capacity : capacity,
    ...(calendar === undefined ? {} : { calendar }),
    eligibility: eligibility ?? { unions: true, workers: true, unionTypes: [] },
    regionCode: terms?.regionCode ?? '',
    levelUnionType: terms?.levelUnionType ?? UnionType.UNION_TYPE_UNSPECIFIED,
    bookableDays: bookableDays === 0 ? usual.bookableDays : bookableDays,
  };
}

/** What is wrong with the terms of an offer, if anything is. */
export function termsFault(
  terms: SettledTerms,
  audience: ResourceAudience,
): RefusedProblem | undefined {
  const { capacity, bookableDays, regionCode, levelUnionType, eligibility, calendar } = terms;
  if (
    audience === ResourceAudience.RESOURCE_AUDIENCE_LEVEL &&
    levelUnionType === UnionType.UNION_TYPE_UNSPECIFIED
  ) {
    return refuse('resource-level-missing', { field: 'levelUnionType' });
  }
  if (!isWithin(capacity, 1, most.capacity)) {
    return outOfRange('capacity', 1, most.capacity);
  }
  if (!isWithin(bookableDays, 1, most.bookableDays)) {
    return outOfRange('bookableDays', 1, most.bookableDays);
  }
  if (regionCode !== '' && !isKnownRegion(regionCode)) {
    return refuse('region-code-unknown', { field: 'regionCode', params: { code: regionCode } });
  }
  if (!eligibility.unions && !eligibility.workers) {
    return refuse('resource-eligibility-empty', { field: 'eligibility' });
  }
  return calendar === undefined ? undefined : calendarFault(calendar);
}

function calendarFault(calendar: ResourceCalendar): RefusedProblem | undefined {
  const { hours, closedOn, slotMinutes } = calendar;
  const invalid = refuse('resource-calendar-invalid', { field: 'calendar.hours' });
  if (!isWithin(slotMinutes, slotLength.shortest, slotLength.longest)) {
    return outOfRange('calendar.slotMinutes', slotLength.shortest, slotLength.longest);
  }
  if (!isWithin(hours.length, 1, most.hours)) return invalid;
  const spans = hours.map(({ weekday, opensAt, closesAt }) => ({
    weekday,
    opens: clockMinutes(opensAt) ?? Number.NaN,
    closes: clockMinutes(closesAt) ?? Number.NaN,
  }));
  const isSound = spans.every(
    ({ weekday, opens, closes }, index) =>
      isWithin(weekday, 1, 7) &&
      // Not a number is not at least a slot either.
      closes - opens >= slotMinutes &&
      spans.every(
        (other, at) =>
          at === index ||
          other.weekday !== weekday ||
          other.closes <= opens ||
          closes <= other.opens,
      ),
  );
  if (!isSound) return invalid;
  const isDated = closedOn.length <= most.closedDays && closedOn.every((day) => parseDate(day).ok);
  return isDated ? undefined : refuse('date-invalid', { field: 'calendar.closedOn' });
}

function isWithin(value: number, minimum: number, maximum: number): boolean {
  return Number.isInteger(value) && value >= minimum && value <= maximum;
}

function outOfRange(field: string, minimum: number, maximum: number): RefusedProblem {
  return refuse('field-out-of-range', { field, params: { field, minimum, maximum } });
}
