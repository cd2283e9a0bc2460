import type { ProblemCode, ProblemParams } from './registry.ts';

/** A command that the rules do not allow, told by a registered code. */
export interface RefusedProblem<Code extends ProblemCode = ProblemCode> {
  readonly refused: Code;
  /** The field of the command that is at fault, in its JSON name. */
  readonly field?: string;
  readonly params?: ProblemParams;
}

/** Makes a refusal; only codes that the registry can tell are taken. */
export function refuse<Code extends ProblemCode>(
  code: Code,
  details: Omit<RefusedProblem<Code>, 'refused'> = {},
): RefusedProblem<Code> {
  return { refused: code, ...details };
}
