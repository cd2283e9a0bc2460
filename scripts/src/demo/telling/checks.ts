import { isDeepStrictEqual } from 'node:util';
import { type Exchange, problemOf } from '../api/exchange.ts';

/** A check that does not hold. */
export interface Failure {
  readonly what: string;
  readonly expected: string;
  readonly came: string;
  /** The request that brought it. */
  readonly exchange: Exchange | undefined;
}

/** What a refusal must say. */
export interface ExpectedProblem {
  readonly status: number;
  readonly code: string;
  /** The field at fault; without it, none need be named. */
  readonly field?: string;
}

/** The checks of one step. */
export class Checks {
  readonly #failures: Failure[] = [];
  readonly #remarks: string[] = [];
  readonly #sourceOf: (came: unknown) => Exchange | undefined;
  #made = 0;

  /** @param sourceOf the exchange that a failing check shows for what came, when it names none */
  constructor(sourceOf: (came: unknown) => Exchange | undefined) {
    this.#sourceOf = sourceOf;
  }

  /** How many were made. */
  get made(): number {
    return this.#made;
  }

  /** Those that do not hold. */
  get failures(): readonly Failure[] {
    return this.#failures;
  }

  /** What the step says besides. */
  get remarks(): readonly string[] {
    return this.#remarks;
  }

  /** Says something that is no check: a figure, a time. */
  remark(line: string): void {
    this.#remarks.push(line);
  }

  /** What came is exactly what was expected, through and through. */
  equal<Value>(what: string, came: Value, expected: NoInfer<Value>, exchange?: Exchange): void {
    this.#check(what, isDeepStrictEqual(came, expected), expected, came, exchange);
  }

  /** What came meets a condition, told in words. */
  holds(what: string, condition: boolean, expected: string, came: unknown, of?: Exchange): void {
    this.#check(what, condition, expected, came, of);
  }

  /** An answer is a problem document with this status and code, this field, and a reason in words. */
  refused(what: string, exchange: Exchange, { status, code, field }: ExpectedProblem): void {
    const problem = problemOf(exchange);
    const named = problem?.errors?.find((error) => error.field === field);
    const expected = { status, code, ...(field === undefined ? {} : { field }) };
    const came = {
      status: exchange.status,
      code: problem?.code,
      ...(field === undefined ? {} : { field: named?.field }),
    };
    this.#check(what, isDeepStrictEqual(came, expected), expected, came, exchange);
    this.#check(
      `${what}: 类型、说明与办法 type, detail, remedy`,
      problem?.type.endsWith(`/problems/${code}`) === true &&
        problem.status === status &&
        [problem.title, problem.detail, problem.remedy].every((text) => text.trim() !== '') &&
        (field === undefined || (named?.reason ?? '').trim() !== ''),
      'type, status, title, detail, remedy',
      problem ?? exchange.answer,
      exchange,
    );
  }

  #check(
    what: string,
    holds: boolean,
    expected: unknown,
    came: unknown,
    exchange: Exchange | undefined,
  ): void {
    this.#made += 1;
    if (holds) return;
    const failure = { what, expected: shown(expected), came: shown(came) };
    this.#failures.push({ ...failure, exchange: exchange ?? this.#sourceOf(came) });
  }
}

/** Longest value that is shown, in characters. */
const shownCharacters = 1_000;

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  return text.length > shownCharacters ? `${text.slice(0, shownCharacters)}…` : text;
}
