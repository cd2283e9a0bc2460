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
 * Notes a change on its day. The last day is kept with the totals themselves, so that nothing more is written for it;
 * it goes into the month's document when another day comes.
 * @returns the totals' document as it is to be written
 */
export async function noteChange(
  documents: UnitOfWork,
  statistics: StatisticsDocument,
  day: string,
  change: Partial<Counted>,
): Promise<StatisticsDocument> {
  if (day === statistics.day) return { ...statistics, today: sum(statistics.today, change) };
  if (day < statistics.day) {
    await addToMonth(documents, statistics.id, day, change);
    return statistics;
  }
  if (!isNothing(statistics.today)) {
    await addToMonth(documents, statistics.id, statistics.day, statistics.today);
  }
  return { ...statistics, day, today: sum(nothing, change) };
}

/** By how much the totals changed on each day after that one. */
export async function changesAfter(
  documents: DaysSource,
  statistics: StatisticsDocument,
  day: string,
): Promise<DayChange[]> {
  if (statistics.day <= day) return [];
  const changes: DayChange[] = [];
  for (const month of monthsBetween(day, statistics.day)) {
    const found = (await documents.get('days', `${statistics.id}@${month}`)) as
      | DaysDocument
      | undefined;
    for (const [on, change] of Object.entries(found?.days ?? {})) {
      if (on > day) changes.push([on, change]);
    }
  }
  if (!isNothing(statistics.today)) changes.push([statistics.day, statistics.today]);
  return changes;
}

/** The totals without what changed later. */
export function totalsAtTheEndOf(now: Counted, later: readonly DayChange[]): Totals {
  let totals = sum(now, nothing);
  for (const [, change] of later) totals = sum(totals, change, -1);
  return totals;
}

/** Months from that of one day to that of another: `yyyy-MM`. */
export function monthsBetween(from: string, to: string): string[] {
  const months: string[] = [];
  let [year = 0, month = 1] = from.split('-').map(Number);
  for (let text = from.slice(0, 7); text <= to.slice(0, 7); ) {
    months.push(text);
    month += 1;
    if (month > 12) [year, month] = [year + 1, 1];
    text = `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}`;
  }
  return months;
}

async function addToMonth(
  documents: UnitOfWork,
  unionId: string,
  day: string,
  change: Partial<Counted>,
): Promise<void> {
  const id = `${unionId}@${day.slice(0, 7)}`;
  const found = (await documents.get('days', id)) as DaysDocument | undefined;
  const days = { ...found?.days, [day]: sum(found?.days[day] ?? nothing, change) };
  documents.put('days', { id, days } satisfies DaysDocument);
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
