import { type RefusedProblem, refuse } from '@unionfold/contracts/problems';

/** Longest name of a union, in characters. */
const longestName = 120;

/** Why this cannot be the name of a union; undefined when it can. */
export function nameFault(name: string): RefusedProblem | undefined {
  const { length } = [...name.trim()];
  if (length === 0) return refuse('name-missing', { field: 'name' });
  if (length > longestName) {
    return refuse('name-too-long', { field: 'name', params: { maximum: longestName } });
  }
  return undefined;
}
