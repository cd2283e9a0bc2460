import { ChangeKind } from '@unionfold/contracts';

/** What holds for one kind of change. */
export interface ChangeRule {
  /** Whether a union above all that the change concerns has to approve it. */
  readonly needsApproval: boolean;
  /** Days after taking effect within which it can be undone; 0: it cannot. */
  readonly undoDays: number;
}

/** The rules that hold from a day on. */
export interface ChangeRules {
  /** yyyy-MM-dd */
  readonly validFrom: string;
  readonly source: string;
  readonly rules: Readonly<Record<ChangeKind, ChangeRule>>;
}

const approved: ChangeRule = { needsApproval: true, undoDays: 90 };

/**
 * By the day from which they hold, the latest first. Establishing and abolishing a union needs the approval of the union
 * above it (《工会法》 Art. 11); that names, types and subordination are reported to it is in 《中国工会章程》. The period
 * for undoing is this platform's: long enough for an error to be found, too short for others to build on it.
 */
const dated: readonly ChangeRules[] = [
  {
    validFrom: '1950-06-29',
    source: '《工会法》第十一条;《中国工会章程》',
    rules: {
      [ChangeKind.CHANGE_KIND_UNSPECIFIED]: { needsApproval: true, undoDays: 0 },
      [ChangeKind.CHANGE_KIND_RENAME]: approved,
      [ChangeKind.CHANGE_KIND_MOVE]: approved,
      [ChangeKind.CHANGE_KIND_CHANGE_INDUSTRY_PARENT]: approved,
      [ChangeKind.CHANGE_KIND_CHANGE_TYPE]: approved,
      [ChangeKind.CHANGE_KIND_MERGE]: approved,
      [ChangeKind.CHANGE_KIND_SPLIT]: approved,
      [ChangeKind.CHANGE_KIND_SUSPEND]: approved,
      [ChangeKind.CHANGE_KIND_RESUME]: approved,
      [ChangeKind.CHANGE_KIND_DISSOLVE]: approved,
      [ChangeKind.CHANGE_KIND_RESTORE]: approved,
    },
  },
];

/** The rule for a kind of change on a day (yyyy-MM-dd). */
export function changeRule(kind: ChangeKind, day: string): ChangeRule {
  const valid = dated.find(({ validFrom }) => validFrom <= day) ?? dated.at(-1);
  if (valid === undefined) throw new Error('there are no rules of structural changes');
  return valid.rules[kind];
}
