import { type Exchange, UnexpectedAnswer } from './exchange.ts';
import { Horizon } from './horizon.ts';
import type { Accepted, SignedIn } from './shapes.ts';

/** A request as the story makes it. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  /** Sent as JSON; a text or bytes are sent as they are. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Longest time that an answer may take, in milliseconds. */
const answerMs = 60_000;

const positionHeader = 'unionfold-position';
/** Of what is sent, the names that a failure shows. */
const shownHeaders = ['accept-language', 'content-type', 'idempotency-key', 'if-match'] as const;

/** The platform's HTTP API. Every query waits until it shows all that this client has said before. */
export class PlatformClient {
  #url: string;
  readonly #horizon = new Horizon();
  readonly #signal: AbortSignal;
  readonly #onExchange: (exchange: Exchange) => void;

  /**
   * @param signal ends every request under way
   * @param onExchange hears of every answer
   */
  constructor(url: string, signal: AbortSignal, onExchange: (exchange: Exchange) => void) {
    this.#url = url;
    this.#signal = signal;
    this.#onExchange = onExchange;
  }

  /** The platform answers somewhere else now. */
  moveTo(url: string): void {
    this.#url = url;
  }

  /**
   * Signs in with one of the development issuer's accounts, or as somebody in a union.
   * @throws UnexpectedAnswer
   */
  async signIn(who: SignInRequest): Promise<Caller> {
    const exchange = await this.send({ method: 'POST', path: '/api/v1/sign-in', body: who });
    return new Caller(this, granted<SignedIn>(exchange).token);
  }

  /** Sends a request as it is, and tells what came, whatever it is. */
  async send({ method, path, body, headers = {} }: ApiRequest): Promise<Exchange> {
    const position = this.#horizon.token();
    const raw = typeof body === 'string' || body instanceof Uint8Array;
    const sent: Record<string, string> = {
      ...(body === undefined || raw ? {} : { 'content-type': 'application/json' }),
      ...(position === '' ? {} : { [positionHeader]: position }),
      ...headers,
    };
    const bytes = body === undefined || raw ? body : JSON.stringify(body);
    const response = await fetch(new URL(path, this.#url), {
      method,
      headers: sent,
      signal: AbortSignal.any([this.#signal, AbortSignal.timeout(answerMs)]),
      ...(bytes === undefined ? {} : { body: bytes as string | Uint8Array<ArrayBuffer> }),
    });
    const content = new Uint8Array(await response.arrayBuffer());
    const exchange: Exchange = {
      method,
      path,
      sent: Object.fromEntries(
        shownHeaders.flatMap((name) => (sent[name] === undefined ? [] : [[name, sent[name]]])),
      ),
      body:
        typeof bytes === 'string' ? bytes : bytes === undefined ? '' : `(${bytes.length} bytes)`,
      status: response.status,
      headers: response.headers,
      answer: parsed(new TextDecoder().decode(content)),
      content,
    };
    const reached = response.headers.get(positionHeader);
    if (response.ok && reached !== null && reached !== '') this.#horizon.pass(reached);
    this.#onExchange(exchange);
    return exchange;
  }
}

/** What signs in: a registered account, or anybody. */
export type SignInRequest =
  | { readonly account: string }
  | {
      readonly unionId: string;
      readonly role: 'cadre' | 'worker' | 'operator';
      readonly memberId?: string;
      readonly person?: string;
    };

/** Somebody who is signed in. */
export class Caller {
  readonly #platform: PlatformClient;
  readonly #token: string;

  constructor(platform: PlatformClient, token: string) {
    this.#platform = platform;
    this.#token = token;
  }

  /**
   * Reads.
   * @throws UnexpectedAnswer for anything but success
   */
  async get<Answer>(path: string): Promise<Answer> {
    return granted<Answer>(await this.attempt({ method: 'GET', path }));
  }

  /**
   * Fetches a file.
   * @throws UnexpectedAnswer for anything but success
   */
  async download(path: string): Promise<Uint8Array> {
    const exchange = await this.attempt({ method: 'GET', path });
    granted(exchange);
    return exchange.content;
  }

  /**
   * Commands.
   * @throws UnexpectedAnswer for anything but success
   */
  async command(path: string, body?: unknown, headers?: ApiRequest['headers']): Promise<Accepted> {
    return await this.post<Accepted>(path, body, headers);
  }

  /**
   * Sends a body and reads the answer.
   * @throws UnexpectedAnswer for anything but success
   */
  async post<Answer>(
    path: string,
    body?: unknown,
    headers: ApiRequest['headers'] = {},
  ): Promise<Answer> {
    return granted<Answer>(await this.attempt({ method: 'POST', path, body, headers }));
  }

  /** Puts a whole thing in place of what was. @throws UnexpectedAnswer for anything but success */
  async put(path: string, body: unknown): Promise<Accepted> {
    return granted<Accepted>(await this.attempt({ method: 'PUT', path, body }));
  }

  /** Sends a request and tells what came, whatever it is. */
  async attempt(request: ApiRequest): Promise<Exchange> {
    const authorization = `Bearer ${this.#token}`;
    return await this.#platform.send({
      ...request,
      headers: { authorization, ...request.headers },
    });
  }
}

function granted<Answer>(exchange: Exchange): Answer {
  if (exchange.status < 200 || exchange.status > 299) throw new UnexpectedAnswer(exchange);
  return exchange.answer as Answer;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
