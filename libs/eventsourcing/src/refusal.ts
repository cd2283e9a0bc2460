/**
 * A command that the rules do not allow: a value, not an exception. The code stands in the registry of problems, which
 * has its texts and statuses; params fill the texts and never hold personal data in plain.
 */
export interface Refusal<Code extends string = string> {
  readonly refused: Code;
  /** The field of the command that is at fault, in its JSON name. */
  readonly field?: string;
  readonly params?: Readonly<Record<string, string | number>>;
}

/** Makes a refusal. */
export function refuse<Code extends string>(
  code: Code,
  details: Omit<Refusal<Code>, 'refused'> = {},
): Refusal<Code> {
  return { refused: code, ...details };
}

/** Tells a refusal from events or results. */
export function isRefusal(value: unknown): value is Refusal {
  // A result may have a field of that name, too: a count or a list of what was refused is no refusal.
  return (
    typeof value === 'object' &&
    value !== null &&
    'refused' in value &&
    typeof value.refused === 'string'
  );
}
