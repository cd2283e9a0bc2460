import type { JsonObject } from '@unionfold/eventsourcing';

const counts = [
  'resources',
  'bookings',
  'minutes',
  'lent',
  'ratings',
  'stars',
  'borrowed',
  'borrowedMinutes',
  'borrowingUnions',
  'spared',
] as const;

/**
 * Use of shared resources in a subtree (资源使用), as numbers that add up over unions. As owner: offers, their bookings
 * with a place (cancelled ones are taken off) and the minutes of these, those by other unions, ratings and their stars.
 * As borrower: bookings of other unions' resources, and where building was spared.
 */
export interface UseTotals extends JsonObject {
  readonly resources: number;
  readonly bookings: number;
  readonly minutes: number;
  readonly lent: number;
  readonly ratings: number;
  readonly stars: number;
  readonly borrowed: number;
  readonly borrowedMinutes: number;
  /** Unions of the subtree that borrow anything. */
  readonly borrowingUnions: number;
  /** Unions that borrow of a kind of which they offer none: each such pair is one that need not be built (避免重复建设). */
  readonly spared: number;
}

/** No use at all. */
export const noUse: UseTotals = {
  resources: 0,
  bookings: 0,
  minutes: 0,
  lent: 0,
  ratings: 0,
  stars: 0,
  borrowed: 0,
  borrowedMinutes: 0,
  borrowingUnions: 0,
  spared: 0,
};

/** The field of a union's totals after a change; none where there never was any use. */
export function addedUse(
  before: UseTotals | undefined,
  change: Partial<UseTotals> | undefined,
): { use?: UseTotals } {
  if (before === undefined && change === undefined) return {};
  const [from, by] = [before ?? noUse, change ?? noUse];
  return { use: totalsOf((count) => from[count] + (by[count] ?? 0)) };
}

/** What takes a change back. */
export function negativeUse(change: Partial<UseTotals>): UseTotals {
  return totalsOf((count) => -(change[count] ?? 0));
}

function totalsOf(amountOf: (count: (typeof counts)[number]) => number): UseTotals {
  return Object.fromEntries(
    counts.map((count) => [count, amountOf(count)]),
  ) as unknown as UseTotals;
}
