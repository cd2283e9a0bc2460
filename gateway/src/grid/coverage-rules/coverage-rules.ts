import national from './national.json' with { type: 'json' };

/** When an employer should have a union of its own. */
export interface CoverageRules {
  readonly id: string;
  /** The document that the rules come from. */
  readonly source: string;
  /** With so many workers a union forms a committee of its own (应当建立基层工会委员会); with fewer it may join others. */
  readonly committeeFrom: number;
  /** So many members at a 会员之家 who work for one employer without a union prompt its establishment (提示建会). */
  readonly promptFrom: number;
}

/** Rules as they stand in the data. */
export interface CoverageRulesRecord extends CoverageRules {
  /** Beginning of the region codes where they hold; empty: everywhere. */
  readonly regionPrefix: string;
  /** Days 'yyyy-MM-dd', both included; null: until replaced. */
  readonly effectiveFrom: string;
  readonly effectiveTo: string | null;
}

/** All rules there are. A new law or province adds rows; old ones stay. */
export const coverageRules: readonly CoverageRulesRecord[] = national;

/**
 * The rules that hold in a region on a day: of those in force the ones for the narrowest region, of these the newest.
 * @param regionCode GB/T 2260 or GB/T 10114; empty where the union has none
 * @param date 'yyyy-MM-dd', in China
 * @returns undefined when none are in force
 */
export function coverageRulesInForce(
  regionCode: string,
  date: string,
  records: readonly CoverageRulesRecord[] = coverageRules,
): CoverageRules | undefined {
  const [best] = records
    .filter(
      ({ regionPrefix, effectiveFrom, effectiveTo }) =>
        regionCode.startsWith(regionPrefix) &&
        effectiveFrom <= date &&
        (effectiveTo === null || date <= effectiveTo),
    )
    .toSorted(
      (a, b) =>
        b.regionPrefix.length - a.regionPrefix.length ||
        b.effectiveFrom.localeCompare(a.effectiveFrom),
    );
  return best;
}
