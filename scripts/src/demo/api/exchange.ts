/** One request and what came back over HTTP. */
export interface Exchange {
  readonly method: string;
  readonly path: string;
  /** What was sent, without the token. */
  readonly sent: Readonly<Record<string, string>>;
  /** The body as sent; its size where it is no text. */
  readonly body: string;
  readonly status: number;
  readonly headers: Headers;
  /** The answer: parsed where it is JSON, else its text. */
  readonly answer: unknown;
  /** The answer as it came, for files. */
  readonly content: Uint8Array;
}

/** An answer other than the one that the story cannot go on without. */
export class UnexpectedAnswer extends Error {
  override readonly name = 'UnexpectedAnswer';
  readonly exchange: Exchange;

  constructor(exchange: Exchange) {
    super(`${exchange.method} ${exchange.path} was answered with ${exchange.status}`);
    this.exchange = exchange;
  }
}

/** A problem document (RFC 9457) as the gateway tells it. */
export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly remedy: string;
  readonly errors?: readonly {
    readonly field: string;
    readonly code: string;
    readonly reason: string;
  }[];
}

/** The problem document of an answer; undefined when it is none. */
export function problemOf({ headers, answer }: Exchange): ProblemDocument | undefined {
  const [mediaType] = (headers.get('content-type') ?? '').split(';', 1);
  return mediaType === 'application/problem+json' ? (answer as ProblemDocument) : undefined;
}

/** Longest body that is shown, in characters. */
const shownCharacters = 700;

/** An exchange for people, a line each; citizen and mobile numbers are masked, made up as they are. */
export function describeExchange(exchange: Exchange): string[] {
  const { method, path, sent, body, status, answer } = exchange;
  const headers = Object.entries(sent).map(([name, value]) => `${name}: ${value}`);
  return [
    `${method} ${path}`,
    ...headers,
    ...(body === '' ? [] : [cut(body)]),
    `→ ${status} ${cut(typeof answer === 'string' ? answer : JSON.stringify(answer))}`,
  ].map(masked);
}

function cut(text: string): string {
  return text.length > shownCharacters ? `${text.slice(0, shownCharacters)}…` : text;
}

function masked(text: string): string {
  return text
    .replaceAll(/\b(\d{6})\d{8}(\d{3}[\dXx])\b/g, '$1********$2')
    .replaceAll(/\b(1\d{2})\d{4}(\d{4})\b/g, '$1****$2');
}
