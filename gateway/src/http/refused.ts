import { type ProblemCode, type RefusedProblem, refuse } from '@unionfold/contracts/problems';
import { isRefusal, type Refusal } from '@unionfold/eventsourcing';

/** Ends a request with a refusal: thrown by handlers and hooks, told to the caller as a problem document. */
export class Refused extends Error {
  override readonly name = 'Refused';

  constructor(
    readonly refusal: Refusal,
    /** Whole seconds for `Retry-After`; without it the code's own. */
    readonly retryAfterSeconds?: number,
  ) {
    super(refusal.refused);
  }
}

/** A refusal of the gateway itself, to be thrown. */
export function refused<Code extends ProblemCode>(
  code: Code,
  details: Omit<RefusedProblem<Code>, 'refused'> = {},
): Refused {
  return new Refused(refuse(code, details));
}

/**
 * The answer of a service.
 * @throws Refused when the service refused
 */
export function granted<Answer>(answer: Answer | Refusal): Answer {
  if (isRefusal(answer)) throw new Refused(answer);
  return answer as Answer;
}
