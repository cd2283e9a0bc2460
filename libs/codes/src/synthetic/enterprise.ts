import {
  creditCodeCheckDigit,
  organizationCodeCheckDigit,
  parseCreditCode,
} from '../credit-code.ts';
import { addYears, dateOfDayNumber, dayNumber } from '../dates.ts';
import { divisionPath, isPlaceholder } from '../divisions.ts';
import { shortPlaceName } from '../place-names.ts';
import { nameMaterial } from './name-material.ts';
import { countyCodes } from './person.ts';
import { type Random, randomFor, shuffledPosition } from './random.ts';

/** A made-up enterprise and its primary union. A likeness to a real one's name is chance; the codes are nobody's. */
export interface SyntheticEnterprise {
  /** 青岛瑞禾机械制造有限公司 */
  readonly name: string;
  readonly creditCode: string;
  /** 青岛瑞禾机械制造有限公司工会委员会 */
  readonly unionName: string;
  readonly unionCreditCode: string;
  /** GB/T 2260 (6 digits) or GB/T 10114 (9 digits), as asked for. */
  readonly regionCode: string;
  /** Section of GB/T 4754, code of table 'industry'. */
  readonly industry: string;
  /** Code of table 'unit-type'. */
  readonly unitType: string;
  /** People employed, 10 to 3,000: half of the enterprises have fewer than 33, one in a hundred more than 1,100. */
  readonly staff: number;
  /** Day on which the union was founded, 'yyyy-MM-dd', in the 25 years before the reference date. */
  readonly unionFoundedOn: string;
}

/** How the organization codes begin; in the series known to be given out no code does. */
const EMPLOYER_PREFIX = 'YX';
const UNION_PREFIX = 'YY';
const CODE_CHARACTERS = '0123456789ABCDEFGHJKLMNPQRTUWXY';
const CODES = CODE_CHARACTERS.length ** 6;

const ENTERPRISE_STREAM = 11;
const NAME_STREAM = 12;
const CODE_STREAM = 13;

const UNIT_TYPES = [
  ...([
    ['170', 68],
    ['159', 14],
    ['169', 3],
    ['161', 2],
    ['151', 2],
  ] as const),
  ...([
    ['110', 1],
    ['120', 1],
    ['200', 4],
    ['300', 5],
  ] as const),
] as const;

/** How many enterprises have names of their own. */
export const ENTERPRISES = 4_000_000;

/** Whether a credit code is one of those `synthetic` makes; false for anything that is no valid credit code. */
export function isSyntheticCreditCode(text: string): boolean {
  const parsed = parseCreditCode(text);
  if (!parsed.ok) return false;
  const prefix = parsed.organizationCode.slice(0, 2);
  return prefix === EMPLOYER_PREFIX || prefix === UNION_PREFIX;
}

/** Enterprise `index` of a seed, in the given region or in any county. Throws RangeError for an unknown region. */
export function syntheticEnterprise(
  seed: number,
  referenceDate: string,
  index: number,
  regionCode?: string,
): SyntheticEnterprise {
  const random = randomFor(seed, ENTERPRISE_STREAM, index);
  const county = random.pick(countyCodes());
  const region = regionCode ?? county;
  const { brand, trade, industry } = brandAndTrade(seed, index);
  const name = `${placeOf(region)}${brand}${trade}有限公司`;
  const lastDay = dayNumber(referenceDate);
  const firstDay = dayNumber(addYears(referenceDate, -25));
  const serial = serialOf(seed, index);
  return {
    name,
    creditCode: creditCode('91', region, EMPLOYER_PREFIX + serial),
    unionName: `${name}工会委员会`,
    unionCreditCode: creditCode('81', region, UNION_PREFIX + serial),
    regionCode: region,
    industry,
    unitType: random.weighted(UNIT_TYPES),
    staff: staffOf(random),
    unionFoundedOn: dateOfDayNumber(firstDay + random.below(lastDay - firstDay)),
  };
}

/** Two brand characters and a trade, three characters once those are used up: a name of its own for every index. */
function brandAndTrade(
  seed: number,
  index: number,
): { brand: string; trade: string; industry: string } {
  const { brands, trades } = nameMaterial();
  const short = brands.length ** 2 * trades.length;
  const length = index < short ? 2 : 3;
  const size = brands.length ** length * trades.length;
  let rest = shuffledPosition(seed, NAME_STREAM, size, length === 2 ? index : index - short);
  const [trade, industry] = trades[rest % trades.length] ?? ['', ''];
  rest = Math.floor(rest / trades.length);
  let brand = '';
  for (let i = 0; i < length; i++) {
    brand += brands[rest % brands.length] ?? '';
    rest = Math.floor(rest / brands.length);
  }
  return { brand, trade, industry };
}

/** The place as enterprises write it: the city (青岛, 恩施), the municipality (北京), a county without a city (济源). */
function placeOf(regionCode: string): string {
  const [province, city, county] = divisionPath(regionCode);
  if (province === undefined) throw new RangeError(`no division today: ${regionCode}`);
  if (province.name.endsWith('市') || city === undefined) return shortPlaceName(province.name);
  return shortPlaceName((isPlaceholder(city) ? (county ?? province) : city).name);
}

/** A Pareto tail, cut at 3,000. */
function staffOf(random: Random): number {
  return Math.min(3000, 10 + Math.floor(30 * ((1 - random.fraction()) ** -0.8 - 1)));
}

function serialOf(seed: number, index: number): string {
  let rest = shuffledPosition(seed, CODE_STREAM, CODES, index);
  let serial = '';
  for (let i = 0; i < 6; i++) {
    serial += CODE_CHARACTERS.charAt(rest % CODE_CHARACTERS.length);
    rest = Math.floor(rest / CODE_CHARACTERS.length);
  }
  return serial;
}

function creditCode(registrarAndClass: string, regionCode: string, first8: string): string {
  const organizationCode = first8 + (organizationCodeCheckDigit(first8) ?? '');
  const first17 = registrarAndClass + regionCode.slice(0, 6) + organizationCode;
  return first17 + (creditCodeCheckDigit(first17) ?? '');
}
