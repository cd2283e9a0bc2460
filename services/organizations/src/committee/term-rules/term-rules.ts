import type { UnionType } from '@unionfold/contracts';
import acftu from './acftu.json' with { type: 'json' };

/** How many members a body has. */
export interface BodySize {
  readonly minimum: number;
  readonly maximum: number;
  /** Whether the number is odd (单数). */
  readonly odd: boolean;
}

/** The numbers of terms and bodies that hold for one type of union in one region on one day. */
export interface TermRules {
  /** Stable id; stands in events as what was applied. */
  readonly id: string;
  /** The document that the rules come from. */
  readonly source: string;
  /** Lengths of a term that may be chosen (任期). */
  readonly termYears: readonly number[];
  readonly committee: BodySize;
  readonly audit: BodySize;
  readonly women: BodySize;
  /** From so many members a union elects a committee; with fewer it may have one organiser (组织员) alone. */
  readonly committeeFromMembers: number;
  /** Whether the union's chair may sit in its audit committee. */
  readonly chairMayAudit: boolean;
  /** So many months before a term's end a regular election may be held. */
  readonly regularMonthsBefore: number;
  /** An election is put off by so many months at most (延期换届). */
  readonly postponementMonths: number;
  /** Months before the due day on which a union is warned, the most first; 0: on the day after it (换届预警). */
  readonly warningMonths: readonly number[];
}

/** What differs by type of union. */
interface Level extends Pick<TermRules, 'termYears' | 'committee' | 'audit' | 'women'> {
  readonly unionTypes: readonly string[];
}

/** A rule set as it stands in the data. Days 'yyyy-MM-dd', both ends included; null: until replaced. */
export interface TermRuleSet
  extends Omit<TermRules, 'termYears' | 'committee' | 'audit' | 'women'> {
  /** Beginning of the region codes (GB/T 2260) where it holds; empty: everywhere. */
  readonly regionPrefix: string;
  readonly effectiveFrom: string;
  readonly effectiveTo: string | null;
  readonly levels: readonly Level[];
}

/** Every rule set there is. A new year or province adds a file here; old ones stay, because terms rest on them. */
export const termRuleSets: readonly TermRuleSet[] = [acftu];

/**
 * The rules that hold for an election: of the sets in force that speak of the type of union, the one for the narrowest
 * region, of these the newest.
 * @param regionCode GB/T 2260 or GB/T 10114; empty where the union has none
 * @param date 'yyyy-MM-dd'
 * @returns undefined when none is in force
 */
export function termRulesInForce(
  union: { readonly type: UnionType; readonly regionCode: string },
  date: string,
  sets: readonly TermRuleSet[] = termRuleSets,
): TermRules | undefined {
  const [best] = sets
    .flatMap((set) => {
      const level = set.levels.find(({ unionTypes }) => unionTypes.includes(union.type));
      const holds =
        union.regionCode.startsWith(set.regionPrefix) &&
        set.effectiveFrom <= date &&
        (set.effectiveTo === null || date <= set.effectiveTo);
      return level !== undefined && holds ? [{ set, level }] : [];
    })
    .toSorted(
      (a, b) =>
        b.set.regionPrefix.length - a.set.regionPrefix.length ||
        b.set.effectiveFrom.localeCompare(a.set.effectiveFrom),
    );
  if (best === undefined) return undefined;
  const { termYears, committee, audit, women } = best.level;
  return { ...best.set, termYears, committee, audit, women };
}

/** The months before a term's end on which those are warned whose term rests on a rule set. */
export function warningMonthsOf(ruleSetId: string): readonly number[] {
  return termRuleSets.find(({ id }) => id === ruleSetId)?.warningMonths ?? [];
}
