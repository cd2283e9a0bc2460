import { describeExchange, type Exchange, UnexpectedAnswer } from '../api/exchange.ts';
import { Checks, type Failure } from './checks.ts';

/** What the story has to show for itself in the end. */
export interface Outcome {
  readonly steps: number;
  readonly checks: number;
  readonly failures: readonly string[];
}

/** A chapter that cannot be told because an earlier one did not come to its end. */
class ChapterMissing extends Error {
  override readonly name = 'ChapterMissing';
}

/** Tells a story on the terminal, a step at a time, and holds every step against what came back. */
export class Story {
  readonly #print: (line: string) => void;
  readonly #signal: AbortSignal;
  readonly #failures: string[] = [];
  #chapter = 0;
  #step = 0;
  #steps = 0;
  #checks = 0;
  readonly #sources = new WeakMap<object, Exchange>();
  #recent: Exchange | undefined;

  /** @param signal ends the story where it stands */
  constructor(print: (line: string) => void, signal: AbortSignal) {
    this.#print = print;
    this.#signal = signal;
  }

  /** Takes note of what came: a failing check shows the request that brought it, or else the last one. */
  readonly noteExchange = (exchange: Exchange): void => {
    this.#recent = exchange;
    const { answer } = exchange;
    if (typeof answer === 'object' && answer !== null) this.#sources.set(answer, exchange);
  };

  /** What the story has come to so far. */
  get outcome(): Outcome {
    return { steps: this.#steps, checks: this.#checks, failures: this.#failures };
  }

  /**
   * Tells a chapter. When one of its steps cannot be told to the end, the rest of the chapter is left out.
   * @returns what later chapters go on with; undefined when the chapter did not come to its end
   */
  async chapter<Result>(
    zh: string,
    en: string,
    tell: () => Promise<Result>,
  ): Promise<Result | undefined> {
    this.#chapter += 1;
    this.#step = 0;
    this.#print(`\n${this.#chapter}. ${zh}\n   ${en}`);
    try {
      return await tell();
    } catch (error) {
      this.#signal.throwIfAborted();
      // A step that broke off has been told already.
      if (!(error instanceof StepBroken)) this.#fail(zh, en, failureOf(error));
      return undefined;
    }
  }

  /** Tells a step and checks it; a check that does not hold is told, and the step goes on. */
  async step<Result>(
    zh: string,
    en: string,
    work: (check: Checks) => Promise<Result>,
  ): Promise<Result> {
    this.#signal.throwIfAborted();
    this.#step += 1;
    this.#steps += 1;
    this.#recent = undefined;
    const number = `${this.#chapter}.${this.#step}`;
    const checks = new Checks((came) => {
      const source = typeof came === 'object' && came !== null && this.#sources.get(came);
      return source || this.#recent;
    });
    const begun = performance.now();
    let broken: unknown;
    let result: Result | undefined;
    try {
      result = await work(checks);
    } catch (error) {
      this.#signal.throwIfAborted();
      broken = error;
    }
    this.#checks += checks.made;
    const failures = [...checks.failures, ...(broken === undefined ? [] : [failureOf(broken)])];
    const held = failures.length === 0;
    const milliseconds = Math.round(performance.now() - begun);
    this.#print(
      `   ${held ? '✓' : '✗'} ${number} ${zh}  [${checks.made} 项核对 checks, ${milliseconds} ms]`,
    );
    this.#print(`       ${en}`);
    for (const line of checks.remarks) this.#print(`       · ${line}`);
    for (const failure of failures) this.#fail(`${number} ${zh}`, en, failure);
    if (broken !== undefined) throw new StepBroken();
    return result as Result;
  }

  #fail(zh: string, en: string, { what, expected, came, exchange }: Failure): void {
    this.#failures.push(`${zh} | ${en}: ${what}`);
    this.#print(`       ✗ ${what}`);
    this.#print(`         应为 expected: ${expected}`);
    this.#print(`         实为 came:     ${came}`);
    const [first, ...rest] = exchange === undefined ? [] : describeExchange(exchange);
    if (first !== undefined) this.#print(`         请求 request:  ${first}`);
    for (const line of rest) this.#print(`                        ${line}`);
  }
}

/** A step did not come to its end; it has been told. */
class StepBroken extends Error {
  override readonly name = 'StepBroken';
}

/**
 * What an earlier chapter has left.
 * @throws ChapterMissing when it did not come to its end
 */
export function needed<Result>(result: Result | undefined, en: string): Result {
  if (result === undefined) throw new ChapterMissing(en);
  return result;
}

function failureOf(error: unknown): Failure {
  if (error instanceof UnexpectedAnswer) {
    const { exchange } = error;
    const came = String(exchange.status);
    return { what: '请求应当成功 the request succeeds', expected: '2xx', came, exchange };
  }
  if (error instanceof ChapterMissing) {
    const what = '前面的章节应当完成 an earlier chapter comes to its end';
    return { what, expected: error.message, came: '—', exchange: undefined };
  }
  const what = '步骤应当完成 the step comes to its end';
  return { what, expected: '—', came: textOf(error), exchange: undefined };
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `: ${textOf(error.cause)}`;
  return `${error.name}: ${error.message}${cause}`;
}
