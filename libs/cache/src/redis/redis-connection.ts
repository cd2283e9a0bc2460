import { Redis } from 'ioredis';
import { CacheUnavailableError, type OnNotice } from '../cache-unavailable-error.ts';
import { monotonicClock } from '../clock.ts';
import { Circuit, type Pass } from './circuit.ts';
import type { LuaScript } from './lua-script.ts';

/** How to open a {@link RedisConnection}. */
export interface RedisConnectionOptions {
  /** Stands before every key, so that several platforms can share a server: `unionfold:` for example. */
  readonly keyPrefix: string;
  /** Told when Redis stops answering and when it answers again. */
  readonly onNotice: OnNotice;
  /** How long an answer is waited for, in milliseconds. Default 150. */
  readonly commandTimeoutMs?: number;
  /** How long nothing is tried after a failure, in milliseconds. Default 1,000. */
  readonly restMs?: number;
  /** How long {@link RedisConnection.open} waits for the first answer, in milliseconds. Default 1,000. */
  readonly patienceMs?: number;
}

/** How long a server may say nothing at all while it is asked, in milliseconds: then the connection is made anew. */
const SILENCE_MS = 3_000;
const LONGEST_PAUSE_MS = 1_000;

/**
 * A connection to one Redis server (or the primary behind one address), shared by all adapters of a process.
 *
 * It never makes its callers wait for a server that is gone: without a connection every command fails at once, none is
 * queued or sent again; a server that hangs costs one `commandTimeoutMs` in `restMs`. It reconnects by itself.
 *
 * Use `maxmemory-policy volatile-ttl` or `noeviction`: leases and the marks of the document cache must not be evicted
 * before cached values are.
 */
export class RedisConnection {
  readonly #redis: Redis;
  readonly #keyPrefix: string;
  readonly #commandTimeoutMs: number;
  readonly #circuit: Circuit;
  #serverRun: string | undefined;
  #isClosed = false;

  /**
   * Starts to connect, and waits a moment so that the first callers find it ready. A server that is not there is no
   * error: the connection is made when it comes.
   * @param url `redis://` or `rediss://`, with user, password and database where needed
   */
  static async open(url: string, options: RedisConnectionOptions): Promise<RedisConnection> {
    const connection = new RedisConnection(url, options);
    await connection.#connect(options.patienceMs ?? 1_000);
    return connection;
  }

  private constructor(url: string, options: RedisConnectionOptions) {
    const { keyPrefix, onNotice, commandTimeoutMs = 150, restMs = 1_000 } = options;
    this.#keyPrefix = keyPrefix;
    this.#commandTimeoutMs = commandTimeoutMs;
    this.#circuit = new Circuit({
      restMs,
      now: monotonicClock,
      onOpen: (reason) => onNotice('Redis does not answer: going on without it', { reason }),
      onClose: () => onNotice('Redis answers again', {}),
    });
    this.#redis = new Redis(url, {
      lazyConnect: true,
      enableOfflineQueue: false,
      // What was under way when a connection broke may have been done: to do it again is the caller's decision.
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      // What one turn of the event loop asks goes together.
      enableAutoPipelining: true,
      connectTimeout: SILENCE_MS,
      socketTimeout: SILENCE_MS,
      retryStrategy: (attempt) => {
        const longest = Math.min(LONGEST_PAUSE_MS, 25 * 2 ** Math.min(attempt, 10));
        return longest / 2 + (Math.random() * longest) / 2;
      },
      reconnectOnError: (error) => /^(READONLY|LOADING|MASTERDOWN)/u.test(error.message),
    });
    this.#redis.on('error', (error: Error) => this.#disconnected(error.message));
    this.#redis.on('close', () => this.#disconnected('the connection has closed'));
  }

  /** The name of a key in Redis. */
  key(...parts: readonly string[]): string {
    return this.#keyPrefix + parts.join(':');
  }

  /**
   * Which run of which server answers: changes when Redis has been restarted or another server has taken over, so when
   * writes may have been lost. Undefined while none answers.
   */
  get serverRun(): string | undefined {
    return this.#circuit.isOpen ? undefined : this.#serverRun;
  }

  /**
   * Sends a command.
   * @param patienceMs how long its answer is waited for, unless Redis has failed just before
   * @throws CacheUnavailableError at once without a connection, or when no answer came in time
   */
  async run<Answer>(
    command: (redis: Redis) => Promise<Answer>,
    patienceMs = this.#commandTimeoutMs,
  ): Promise<Answer> {
    const pass = this.#isConnected() ? this.#circuit.admit() : undefined;
    if (pass === undefined) throw new CacheUnavailableError('Redis does not answer');
    return await this.#ask(pass, command, pass === 'trial' ? this.#commandTimeoutMs : patienceMs);
  }

  /**
   * Runs a script.
   * @throws CacheUnavailableError as {@link run}
   */
  async runScript(
    script: LuaScript,
    keys: readonly string[],
    parameters: readonly (string | number)[],
    patienceMs?: number,
  ): Promise<unknown> {
    return await this.run(async (redis) => {
      try {
        return await redis.evalsha(script.sha, keys.length, ...keys, ...parameters);
      } catch (error) {
        if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
        return await redis.eval(script.text, keys.length, ...keys, ...parameters);
      }
    }, patienceMs);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#redis.disconnect();
  }

  async #connect(patienceMs: number): Promise<void> {
    const answered = Promise.withResolvers<void>();
    const patience = setTimeout(() => {
      this.#circuit.failed('no answer at the start');
      answered.resolve();
    }, patienceMs);
    // Asked before anybody else is let through: keys of the document cache hold the answer.
    this.#redis.on('ready', () => {
      this.#redis
        .info('server')
        .then((info) => {
          this.#serverRun = /^run_id:(\w+)/mu.exec(info)?.[1];
          if (this.#serverRun === undefined) throw new Error('INFO names no run_id');
          this.#circuit.close();
          answered.resolve();
        })
        .catch((error: unknown) => this.#disconnected(messageOf(error)));
    });
    this.#redis.connect().catch(() => undefined);
    await answered.promise;
    clearTimeout(patience);
  }

  #isConnected(): boolean {
    return this.#redis.status === 'ready' && this.#serverRun !== undefined;
  }

  #disconnected(reason: string): void {
    this.#serverRun = undefined;
    if (!this.#isClosed) this.#circuit.failed(reason);
  }

  async #ask<Answer>(
    pass: Pass,
    command: (redis: Redis) => Promise<Answer>,
    patienceMs: number,
  ): Promise<Answer> {
    try {
      const answer = await inTime(command(this.#redis), patienceMs);
      this.#circuit.succeeded(pass);
      return answer;
    } catch (error) {
      const reason = messageOf(error);
      if (!this.#isClosed) this.#circuit.failed(reason);
      // The driver's error is not handed on: it holds the command with keys and values, and would go into logs.
      throw new CacheUnavailableError(reason);
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * The answer, unless it takes too long. An answer that has come while the process was busy is read before the time is
 * called over: otherwise each long turn of the event loop would look like a server that hangs.
 */
async function inTime<Answer>(answer: Promise<Answer>, milliseconds: number): Promise<Answer> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    setImmediate(() => {
      setImmediate(() => late.reject(new Error(`no answer within ${milliseconds} ms`)));
    });
  }, milliseconds);
  try {
    return await Promise.race([answer, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
