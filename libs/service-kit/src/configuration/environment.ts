/** Stands for what must not be told. */
const hidden = '(not shown)';

/** One setting that cannot be used. */
export interface SettingProblem {
  readonly variable: string;
  /** What it holds, unless that is a secret; absent where it is missing. */
  readonly value?: string;
  /** What it may hold. */
  readonly allowed: string;
}

/** Settings that cannot be used, all of them at once: each names the variable, what it holds and what it may hold. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly problems: readonly SettingProblem[];

  constructor(problems: readonly SettingProblem[]) {
    super(
      problems
        .map(({ variable, value, allowed }) =>
          value === undefined
            ? `${variable} is missing: ${allowed}`
            : `${variable}=${value}: ${allowed}`,
        )
        .join('\n'),
    );
    this.problems = problems;
  }
}

/** Reads settings from environment variables, and notes what cannot be used until {@link Environment.check}. */
export class Environment {
  readonly #variables: NodeJS.ProcessEnv;
  readonly #problems: SettingProblem[] = [];

  constructor(variables: NodeJS.ProcessEnv) {
    this.#variables = variables;
  }

  /** A text; an empty one counts as missing. */
  optional(variable: string): string | undefined {
    return this.#variables[variable] || undefined;
  }

  required(variable: string, allowed: string): string {
    const value = this.optional(variable);
    if (value === undefined) this.#problems.push({ variable, allowed });
    return value ?? '';
  }

  /** A text of a certain form. */
  matching(variable: string, form: RegExp, allowed: string, otherwise?: string): string {
    const value =
      otherwise === undefined ? this.required(variable, allowed) : this.optional(variable);
    if (value === undefined) return otherwise ?? '';
    if (value !== '' && !form.test(value)) this.refuse(variable, allowed);
    return value;
  }

  oneOf<const Choice extends string>(
    variable: string,
    choices: readonly Choice[],
    otherwise: Choice,
  ): Choice {
    const value = this.optional(variable);
    const chosen = choices.find((choice) => choice === (value ?? otherwise));
    if (chosen === undefined) this.refuse(variable, `one of ${choices.join(', ')}`);
    return chosen ?? otherwise;
  }

  wholeNumber(variable: string, least: number, most: number, otherwise: number): number {
    const text = this.optional(variable);
    if (text === undefined) return otherwise;
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    this.refuse(variable, `a whole number from ${least} to ${most}`);
    return otherwise;
  }

  /** Notes that a setting cannot be used, with what it holds; addresses with credentials are not told. */
  refuse(variable: string, allowed: string): void {
    const value = this.#variables[variable] ?? '';
    this.#problems.push({ variable, value: value.includes('@') ? hidden : value, allowed });
  }

  /** Notes that a setting cannot be used, without what it holds. */
  refuseSecret(variable: string, allowed: string): void {
    this.#problems.push({ variable, value: hidden, allowed });
  }

  /** @throws SettingsError when there was anything to note */
  check(): void {
    if (this.#problems.length > 0) throw new SettingsError(this.#problems);
  }
}
