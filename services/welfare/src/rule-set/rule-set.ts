import shandong2020 from './sd-2020.json' with { type: 'json' };

/** The numbers of hardship that hold on one day in one region. Money in fen. */
export interface RuleSet {
  /** Stable id; stands in events as what was applied. */
  readonly id: string;
  /** The document that the rules come from. */
  readonly source: string;
  /** The low-income line (低保标准) per person and month. */
  readonly lowIncomeLineFen: bigint;
  /** Relative hardship ends below this percentage of the low-income line. */
  readonly relativeIncomePercent: bigint;
  /** Hardship by accident begins above this percentage of the year's income. */
  readonly accidentCostPercent: bigint;
  /** Most living aid (生活救助) for one household in one calendar year. */
  readonly livingAidCapFen: bigint;
}

/** A stretch of days 'yyyy-MM-dd', both ends included; null: until replaced. */
interface Effective {
  readonly effectiveFrom: string;
  readonly effectiveTo: string | null;
}

/** A low-income line as it stands in the data. */
interface LowIncomeLine extends Effective {
  readonly monthlyFen: number;
  readonly source: string;
}

/** A rule set as it stands in the data: the rules, and the lines that replace each other while the rules stay. */
export interface RuleSetRecord extends Effective {
  readonly id: string;
  readonly source: string;
  /** Beginning of the region codes (GB/T 2260) where it holds; empty: everywhere. */
  readonly regionPrefix: string;
  readonly relativeIncomePercent: number;
  readonly accidentCostPercent: number;
  readonly livingAidCap: { readonly months: number; readonly source: string };
  readonly lowIncomeLines: readonly LowIncomeLine[];
}

/** Every rule set there is. A new year or province adds a file here; old ones stay, because old cases rest on them. */
export const ruleSets: readonly RuleSetRecord[] = [shandong2020];

/**
 * The rule set that holds in a region on a day: of those in force the one for the narrowest region, of these the newest.
 * @param regionCode GB/T 2260 or GB/T 10114; empty where the union has none
 * @param date 'yyyy-MM-dd'
 * @returns undefined when no set, or no low-income line of it, is in force
 */
export function ruleSetInForce(
  regionCode: string,
  date: string,
  sets: readonly RuleSetRecord[] = ruleSets,
): RuleSet | undefined {
  const [best] = sets
    .filter((set) => regionCode.startsWith(set.regionPrefix) && holdsOn(set, date))
    .toSorted(
      (a, b) =>
        b.regionPrefix.length - a.regionPrefix.length ||
        b.effectiveFrom.localeCompare(a.effectiveFrom),
    );
  const line = best?.lowIncomeLines
    .filter((candidate) => holdsOn(candidate, date))
    .toSorted((a, b) => b.effectiveFrom.localeCompare(a.effectiveFrom))[0];
  if (best === undefined || line === undefined) return undefined;
  const lowIncomeLineFen = BigInt(line.monthlyFen);
  return {
    id: best.id,
    source: best.source,
    lowIncomeLineFen,
    relativeIncomePercent: BigInt(best.relativeIncomePercent),
    accidentCostPercent: BigInt(best.accidentCostPercent),
    livingAidCapFen: BigInt(best.livingAidCap.months) * lowIncomeLineFen,
  };
}

function holdsOn({ effectiveFrom, effectiveTo }: Effective, date: string): boolean {
  return effectiveFrom <= date && (effectiveTo === null || date <= effectiveTo);
}
