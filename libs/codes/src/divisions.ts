import { readData } from './data-file.ts';
import { findStreet } from './streets.ts';

export type DivisionLevel = 'province' | 'city' | 'county' | 'township';

/** An administrative division: GB/T 2260 (6 digits, 00-padded) or, for a township, GB/T 10114 (9 digits). */
export interface Division {
  readonly code: string;
  /** As the statistics bureau lists it; a placeholder such as 市辖区 for the rows that are no real city. */
  readonly name: string;
  /** What to show a person: the name, or for a placeholder what it stands for (北京市, 河南省直辖县级行政区划). */
  readonly displayName: string;
  readonly level: DivisionLevel;
  /** Absent for provinces. Equal to `code` for the county row of a city without counties (东莞 and three others). */
  readonly parentCode?: string;
}

interface DivisionIndex {
  readonly all: readonly Division[];
  readonly byCode: ReadonlyMap<string, Division>;
  /** County rows that share their code with their city. */
  readonly countyTwins: ReadonlyMap<string, Division>;
}

let index: DivisionIndex | undefined;

/**
 * The 31 provinces, 342 cities and 2,978 counties in order of code, parents first (data of June 2023; Hong Kong, Macao
 * and Taiwan are not in it). Read from the data file at first use, some 0.7 MB from then on.
 */
export function divisions(): readonly Division[] {
  return loaded().all;
}

/**
 * The division with this code (6 digits, or 9 for a township), if it exists today: abolished codes are unknown.
 * Three cities (441900, 442000, 460400) share their code with their only county: `level` 'county' asks for that one,
 * otherwise the city is given. The first question for 9 digits loads the streets.
 */
export function division(code: string, level?: DivisionLevel): Division | undefined {
  if (code.length === 9) {
    if (level !== undefined && level !== 'township') return undefined;
    const name = findStreet(code);
    return name === undefined ? undefined : township(code, name);
  }
  const { byCode, countyTwins } = loaded();
  if (level === undefined) return byCode.get(code);
  return [byCode.get(code), countyTwins.get(code)].find((found) => found?.level === level);
}

/** From the province down to the division itself; empty for an unknown code. */
export function divisionPath(code: string, level?: DivisionLevel): readonly Division[] {
  const path: Division[] = [];
  let next = division(code, level);
  while (next !== undefined) {
    path.unshift(next);
    next = next.parentCode === undefined ? undefined : division(next.parentCode, above(next.level));
  }
  return path;
}

/**
 * The path as one name, placeholders and repetitions left out: 山东省青岛市市南区, 北京市东城区, 河南省济源市.
 * Empty for an unknown code.
 */
export function divisionFullName(code: string): string {
  const parts: string[] = [];
  for (const part of divisionPath(code)) {
    if (!isPlaceholder(part) && parts.at(-1) !== part.name) parts.push(part.name);
  }
  return parts.join('');
}

/** A city row that groups counties and is no city itself (市辖区, 县, 省直辖县级行政区划). */
export function isPlaceholder(candidate: Division): boolean {
  return candidate.level === 'city' && PLACEHOLDER.test(candidate.name);
}

const PLACEHOLDER = /^(?:市辖区|县|(?:省|自治区)直辖县级行政区划)$/;

function loaded(): DivisionIndex {
  index ??= readDivisions();
  return index;
}

function readDivisions(): DivisionIndex {
  const all: Division[] = [];
  const byCode = new Map<string, Division>();
  const countyTwins = new Map<string, Division>();
  for (const line of readData('divisions.csv').split('\n').slice(1)) {
    if (line === '') continue;
    const code = line.slice(0, 6);
    const name = line.slice(7);
    const twin = byCode.get(code);
    const row = toDivision(code, name, byCode);
    all.push(row);
    if (twin === undefined) byCode.set(code, row);
    else countyTwins.set(code, row);
  }
  return { all, byCode, countyTwins };
}

function toDivision(code: string, name: string, byCode: ReadonlyMap<string, Division>): Division {
  if (code.endsWith('0000')) return { code, name, displayName: name, level: 'province' };
  const province = `${code.slice(0, 2)}0000`;
  // The second row with a city's code is its only county.
  if (code.endsWith('00') && !byCode.has(code)) {
    const displayName = cityDisplayName(name, byCode.get(province)?.name ?? '');
    return { code, name, displayName, level: 'city', parentCode: province };
  }
  return {
    code,
    name,
    displayName: name,
    level: 'county',
    parentCode: `${code.slice(0, 4)}00`,
  };
}

function cityDisplayName(name: string, province: string): string {
  if (name === '市辖区') return province;
  if (name === '县') return `${province}辖县`;
  if (PLACEHOLDER.test(name)) return province + name.replace(/^(?:省|自治区)/, '');
  return name;
}

function township(code: string, name: string): Division {
  return { code, name, displayName: name, level: 'township', parentCode: code.slice(0, 6) };
}

function above(level: DivisionLevel): DivisionLevel {
  if (level === 'township') return 'county';
  return level === 'county' ? 'city' : 'province';
}
