import { maskCitizenNumber, maskMobile } from './masking.ts';

/** Makes a value fit for a log. */
export type Redactor = (value: unknown) => unknown;

/** What stands for the value of a personal field. */
export const REDACTED = '[personal]';

const LARGEST_DEPTH = 8;
/** Values visited in one call at most: a log line that holds more is a mistake, and must not stall the process. */
const MOST_VALUES = 2_000;

/** Shortest text that can hold a number worth hiding: a mobile number without anything. */
const SHORTEST_NUMBER = 11;

/** GB 11643: region, birth date, sequence, check character; the form of 15 digits (before 1999) has a short year. */
const CITIZEN_NUMBER =
  /(?<!\d)[1-9]\d{5}(?:(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]|\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3})(?!\d)/g;

/** Eleven digits from 1 on, also as 138 1234 5678 and with the country's prefix. */
const MOBILE = /(?<!\d)(?:(?:\+|00)?86[ -]?)?1\d{2}([ -]?)\d{4}\1\d{4}(?!\d)/g;

/** A traceparent has 55 characters. */
const LONGEST_TECHNICAL_ID = 56;

const TECHNICAL_ID =
  /^(?:[\da-f]{16}|[\da-f]{32}|[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}|00-[\da-f]{32}-[\da-f]{16}-[\da-f]{2})$/;

/**
 * A text with the citizen numbers and mobile numbers in it masked. Trace ids and UUIDs that happen to hold eleven
 * digits stay whole: a log without them cannot be followed.
 */
export function redactText(text: string): string {
  if (text.length < SHORTEST_NUMBER) return text;
  return text
    .replace(CITIZEN_NUMBER, (match, offset: number) =>
      isTechnicalId(text, offset) ? match : maskCitizenNumber(match),
    )
    .replace(MOBILE, (match, _separator: string, offset: number, whole: string) =>
      isTechnicalId(whole, offset) ? match : maskMobile(match.replace(/\D/g, '').slice(-11)),
    );
}

/**
 * Makes the redactor of a logger. It returns a copy in which the values of personal fields are replaced by
 * {@link REDACTED}, and citizen and mobile numbers are masked wherever they stand in texts, keys or numbers. Errors
 * become plain objects (`type`, `message`, `stack`, `cause` and their own fields). It never throws: cycles, unreadable
 * properties, great depth and great size are cut with a mark.
 *
 * @param personalFields names of personal fields in camelCase or snake_case; each is known in both
 */
export function createRedactor(personalFields: Iterable<string>): Redactor {
  const hidden = new Set<string>();
  for (const name of personalFields) {
    hidden.add(name);
    hidden.add(name.replace(/_([a-z\d])/g, (_, letter: string) => letter.toUpperCase()));
    hidden.add(name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
  }
  return (value) => new Redaction(hidden).redact(value, 0);
}

/** One call: remembers the way down, against cycles, and how much was visited. */
class Redaction {
  readonly #hidden: ReadonlySet<string>;
  readonly #path = new Set<object>();
  #visited = 0;

  constructor(hidden: ReadonlySet<string>) {
    this.#hidden = hidden;
  }

  redact(value: unknown, depth: number): unknown {
    this.#visited += 1;
    switch (typeof value) {
      case 'string':
        return redactText(value);
      case 'number':
      case 'bigint':
        return redactNumber(value);
      case 'function':
      case 'symbol':
        return `[${typeof value}]`;
      case 'object':
        return value === null ? null : this.#redactObject(value, depth);
      default:
        return value;
    }
  }

  #redactObject(value: object, depth: number): unknown {
    if (value instanceof Date) return value;
    if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
    if (this.#path.has(value)) return '[cycle]';
    if (depth >= LARGEST_DEPTH || this.#visited > MOST_VALUES) return '[cut]';
    this.#path.add(value);
    try {
      return this.#redactContents(value, depth + 1);
    } catch {
      return '[unreadable]';
    } finally {
      this.#path.delete(value);
    }
  }

  #redactContents(value: object, depth: number): unknown {
    if (Array.isArray(value) || value instanceof Set) return this.#redactItems(value, depth);
    if (value instanceof Map) return this.#redactEntries(value, depth);
    if (value instanceof Error) return this.#redactEntries(errorEntries(value), depth);
    if ('toJSON' in value && typeof value.toJSON === 'function') {
      return this.redact(value.toJSON(), depth);
    }
    return this.#redactEntries(ownEntries(value), depth);
  }

  #redactItems(items: Iterable<unknown>, depth: number): unknown[] {
    const copy: unknown[] = [];
    for (const item of items) {
      if (this.#visited > MOST_VALUES) {
        copy.push('[cut]');
        break;
      }
      copy.push(this.redact(item, depth));
    }
    return copy;
  }

  #redactEntries(entries: Iterable<readonly [unknown, unknown]>, depth: number): object {
    const copy: [string, unknown][] = [];
    for (const [key, value] of entries) {
      if (this.#visited > MOST_VALUES) {
        copy.push(['[cut]', true]);
        break;
      }
      const name = String(key);
      const shown =
        this.#hidden.has(name) && value !== undefined ? REDACTED : this.redact(value, depth);
      copy.push([redactText(name), shown]);
    }
    return Object.fromEntries(copy);
  }
}

function* ownEntries(value: object): Generator<readonly [string, unknown]> {
  for (const key of Object.keys(value)) yield [key, readProperty(value, key)];
}

/** An error's telling properties are not enumerable, so that a plain copy would lose them. */
function* errorEntries(error: Error): Generator<readonly [string, unknown]> {
  yield ['type', error.name];
  yield ['message', error.message];
  yield ['stack', error.stack];
  if (error.cause !== undefined) yield ['cause', error.cause];
  if (error instanceof AggregateError) yield ['errors', error.errors];
  for (const [key, value] of ownEntries(error)) {
    if (key !== 'name' && key !== 'cause') yield [key, value];
  }
}

function readProperty(value: object, key: string): unknown {
  try {
    return Reflect.get(value, key);
  } catch {
    return '[unreadable]';
  }
}

function redactNumber(value: number | bigint): unknown {
  if (typeof value === 'number' && !Number.isInteger(value)) return value;
  const text = String(value);
  const redacted = redactText(text);
  return redacted === text ? value : redacted;
}

/** Whether the match at the offset stands within a trace id, span id, traceparent or UUID. */
function isTechnicalId(text: string, offset: number): boolean {
  // Bounded, so that a long text without spaces and with many matches is not walked once for each of them.
  const first = Math.max(0, offset - LONGEST_TECHNICAL_ID);
  const last = Math.min(text.length, offset + LONGEST_TECHNICAL_ID);
  let start = offset;
  while (start > first && isTokenCharacter(text.charCodeAt(start - 1))) start -= 1;
  let end = offset;
  while (end < last && isTokenCharacter(text.charCodeAt(end))) end += 1;
  const token = text.slice(start, end);
  return TECHNICAL_ID.test(token) && /[a-f]/.test(token);
}

function isTokenCharacter(code: number): boolean {
  const isDigit = code >= 0x30 && code <= 0x39;
  const isLetter = (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
  return isDigit || isLetter || code === 0x2d;
}
