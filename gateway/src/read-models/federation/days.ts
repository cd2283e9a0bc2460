import type { UnitOfWork } from '@unionfold/eventsourcing';
import type { DaysDocument, StatisticsDocument, Totals } from './documents.ts';

/** Totals of nothing. */
export const nothing: Totals = { unions: 0, members: 0, openCases: 0, paidFen: 0, ownMembers: 0 };

/** What has totals, with or without more. */
export type Counted = Pick<Totals, 'unions' | 'members' | 'openCases' | 'paidFen' | 'ownMembers'>;

/** By how much totals changed on a day. */
export type DayChange = readonly [day: string, change: Totals];

/** What documents can be read from: a unit of work, or a read model. */
export interface DaysSource {
  get(collection: string, id: string): Promise<unknown>;
}

/**
 * Notes a change on its day. The last day on which the totals changed is kept with the totals themselves, so that nothing
 * more is written for it; it goes into the month's document when another day comes. Days on which nothing changed in the
 * end are not kept: what is written depends on what happened alone, not on the order in which it was heard of.
 * @returns the totals' document as it is to be written
 */
export async function noteChange(
  documents: UnitOfWork,
  statistics: StatisticsDocument,
  day: string,
  change: Partial<Counted>,
): Promise<StatisticsDocument> {
  const noted = sum(nothing, change);
  if (isNothing(noted)) return statistics;
  if (day < statistics.day) return await addToMonth(documents, statistics, day, noted);
  if (day === statistics.day) {
    const today = sum(statistics.today, noted);
    return isNothing(today) ? await withLastDay(documents, statistics) : { ...statistics, today };
  }
  const { day: before, today } = statistics;
  const kept = before === '' ? statistics : await addToMonth(documents, statistics, before, today);
  return { ...kept, day, today: noted };
}

/** By how much the totals changed on each day after that one. */
export async function changesAfter(
  documents: DaysSource,
  { id, day: last, today, months }: StatisticsDocument,
  day: string,
): Promise<DayChange[]> {
  if (last <= day) return [];
  const changes: DayChange[] = [];
  for (const month of months) {
    if (month < day.slice(0, 7)) continue;
    for (const [on, change] of Object.entries(await daysOf(documents, id, month))) {
      if (on > day) changes.push([on, change]);
    }
  }
  changes.push([last, today]);
  return changes;
}

/** The totals without what changed later. */
export function totalsAtTheEndOf(now: Counted, later: readonly DayChange[]): Totals {
  let totals = sum(now, nothing);
  for (const [, change] of later) totals = sum(totals, change, -1);
  return totals;
}

async function addToMonth(
  documents: UnitOfWork,
  statistics: StatisticsDocument,
  day: string,
  change: Totals,
): Promise<StatisticsDocument> {
  const month = day.slice(0, 7);
  const { [day]: before = nothing, ...others } = await daysOf(documents, statistics.id, month);
  const after = sum(before, change);
  const days = isNothing(after) ? others : inOrder({ ...others, [day]: after });
  return putMonth(documents, statistics, month, days);
}

/** Nothing is left of the last day: the one before it is the last. */
async function withLastDay(
  documents: UnitOfWork,
  statistics: StatisticsDocument,
): Promise<StatisticsDocument> {
  const month = statistics.months.at(-1);
  if (month === undefined) return { ...statistics, day: '', today: nothing };
  const days = await daysOf(documents, statistics.id, month);
  const day = Object.keys(days).at(-1) ?? '';
  const { [day]: today = nothing, ...others } = days;
  return { ...putMonth(documents, statistics, month, others), day, today };
}

function putMonth(
  documents: UnitOfWork,
  statistics: StatisticsDocument,
  month: string,
  days: DaysDocument['days'],
): StatisticsDocument {
  const id = `${statistics.id}@${month}`;
  const others = statistics.months.filter((other) => other !== month);
  if (Object.keys(days).length === 0) {
    documents.delete('days', id);
    return { ...statistics, months: others };
  }
  documents.put('days', { id, days } satisfies DaysDocument);
  return { ...statistics, months: [...others, month].sort() };
}

async function daysOf(
  documents: DaysSource,
  unionId: string,
  month: string,
): Promise<DaysDocument['days']> {
  const found = (await documents.get('days', `${unionId}@${month}`)) as DaysDocument | undefined;
  return found?.days ?? {};
}

function inOrder(days: DaysDocument['days']): DaysDocument['days'] {
  return Object.fromEntries(Object.entries(days).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Totals with others added, or with the sign -1 taken away. */
export function sum(a: Counted, b: Partial<Counted>, sign = 1): Totals {
  return {
    unions: a.unions + sign * (b.unions ?? 0),
    members: a.members + sign * (b.members ?? 0),
    openCases: a.openCases + sign * (b.openCases ?? 0),
    paidFen: a.paidFen + sign * (b.paidFen ?? 0),
    ownMembers: a.ownMembers + sign * (b.ownMembers ?? 0),
  };
}

function isNothing(totals: Totals): boolean {
  return Object.values(totals).every((value) => value === 0);
}
