import { readData } from '../data-file.ts';

/** A code of GB/T 2260 under one name, for as long as it had it. */
export interface RegionPeriod {
  /** 6 digits */
  readonly code: string;
  /** The name at the time, such as 崇文区. */
  readonly name: string;
  /** First day on which the code may have stood for it, 'yyyy-MM-dd'; absent: from before the end of 1980. */
  readonly from?: string;
  /** Last day on which it may have, inclusive; absent: it still does. */
  readonly to?: string;
  /** The codes that took its place, where that is known; they may have been abolished since. */
  readonly successors: readonly string[];
}

let byCode: ReadonlyMap<string, readonly RegionPeriod[]> | undefined;

/**
 * All that a code of GB/T 2260 (6 digits) has stood for since 1980, oldest first; empty for one that never was.
 * Several periods come of new names (县 to 区 within one code), of codes given out a second time, and of codes that
 * were gone for some years.
 *
 * The dates come from lists of whole years until 2002, of months from 2014 on. A change lies somewhere between two
 * lists, so that both what was before and what came after count as valid in that time.
 */
export function regionHistory(code: string): readonly RegionPeriod[] {
  return loaded().get(code) ?? [];
}

/** What a code stood for on a day ('yyyy-MM-dd'): in a year of change the newer; undefined when it was not valid. */
export function regionOn(code: string, date: string): RegionPeriod | undefined {
  return regionHistory(code).findLast(
    ({ from, to }) => (from === undefined || from <= date) && (to === undefined || date <= to),
  );
}

/**
 * The last day on which an abolished code may have been valid, 'yyyy-MM-dd'; mostly only its year means something.
 * Undefined when the code is valid today or never was.
 */
export function abolishedOn(code: string): string | undefined {
  return regionHistory(code).at(-1)?.to;
}

/**
 * The codes of today where an abolished one's place went, through any number of changes: 110103 (崇文区) gives 110101
 * (东城区). A valid code gives itself; empty where it is not known, and for a code that never was.
 * @param date 'yyyy-MM-dd': a day on which the code stood for the place that is meant, such as somebody's birth; some
 * codes were given out a second time. Without it the place that it stood for last.
 */
export function regionsToday(code: string, date?: string): readonly string[] {
  const start = date === undefined ? regionHistory(code).at(-1) : regionOn(code, date);
  const found = new Set<string>();
  const open = start === undefined ? [] : [start];
  for (let period = open.pop(); period !== undefined; period = open.pop()) {
    const { to } = period;
    if (to === undefined) found.add(period.code);
    else open.push(...following(period, to));
  }
  return [...found].sort();
}

/** What a place's code came to be when its period ended: other codes, or the same one under a new name. */
function following({ code, successors }: RegionPeriod, to: string): readonly RegionPeriod[] {
  const codes = successors.length === 0 ? [code] : successors;
  return codes.flatMap((next) => {
    const period = regionOn(next, to);
    return period === undefined || (next === code && period.to === to) ? [] : period;
  });
}

/** Every period of every code that begins with `prefix`, in order of code and time; some 7,200 in all. */
export function regionPeriods(prefix = ''): readonly RegionPeriod[] {
  return [...loaded()].flatMap(([code, periods]) => (code.startsWith(prefix) ? periods : []));
}

function loaded(): ReadonlyMap<string, readonly RegionPeriod[]> {
  byCode ??= readHistory();
  return byCode;
}

function readHistory(): ReadonlyMap<string, readonly RegionPeriod[]> {
  const lines = readData('region-history.csv.gz').trimEnd().split('\n').slice(1);
  return Map.groupBy(
    lines.map((line): RegionPeriod => {
      const [code = '', name = '', from = '', to = '', successors = ''] = line.split(',');
      return {
        code,
        name,
        ...(from === '' ? {} : { from }),
        ...(to === '' ? {} : { to }),
        successors: successors === '' ? [] : successors.split(' '),
      };
    }),
    ({ code }) => code,
  );
}
