import { randomUUID } from 'node:crypto';
import { CacheUnavailableError } from '../cache-unavailable-error.ts';
import { monotonicClock } from '../clock.ts';
import { luaScript } from '../redis/lua-script.ts';
import { microsecondsNow } from '../redis/lua-time.ts';
import type { RedisConnection } from '../redis/redis-connection.ts';

/** One document of a collection. */
export interface DocumentPlace {
  readonly collection: string;
  readonly id: string;
}

/** What a change is about to write: whole collections, and single documents of others. */
export interface Touched {
  readonly collections: readonly string[];
  readonly documents: readonly DocumentPlace[];
}

/** What was found: all documents, or else which of them may be stored once they are loaded. */
export type Lookup =
  | { readonly texts: readonly string[] }
  | { readonly vacant: readonly string[]; readonly stem: string; readonly token: string };

/** Times of {@link RedisDocumentEntries}, in milliseconds. */
export interface EntryTimes {
  /** How long a document is served at most. */
  readonly ttlMs: number;
  /** A load that takes longer is not stored. */
  readonly loadMs: number;
  /** How long a mark stands whose writer does not clear it. Longer than any commit can take to be visible. */
  readonly markMs: number;
}

/** To wait for a slow Redis costs less than to close the cache for all. Milliseconds. */
const MARKING_MS = 1_000;

/*
 * Keys, below one name for each scope and each run of the server:
 *   born                  'open', or the time in microseconds before which nothing is stored
 *   era                   a number, raised to forget everything
 *   g:<collection>        a number, raised to forget a collection
 *   c:<collection>        the mark of a collection that is being changed
 *   m:<collection>:<id>   the mark of a document that is being changed
 *   d:<era>:<generation>:<collection>:<id>   'V' and a document's text, or 'L' and the token of who loads it
 * A mark is its writer's name, or 'several', which nobody clears. The first three have no lifetime, so that they are not evicted: some
 * small names stay behind with each restart of the server.
 */

/** ARGV: collection, token, loadMs, markMs, ids. Answers 'hit' and the texts, or 'miss', the stem and vacant ids. */
const look = luaScript(`
${microsecondsNow}
local base, collection = KEYS[1], ARGV[1]
local state = redis.call('MGET', base .. ':born', base .. ':era', base .. ':g:' .. collection,
  base .. ':c:' .. collection)
if state[1] ~= 'open' then
  if not state[1] then
    redis.call('SET', base .. ':born', string.format('%.0f', now + tonumber(ARGV[4]) * 1000))
    return { 'miss', '' }
  end
  if now < tonumber(state[1]) then return { 'miss', '' } end
  redis.call('SET', base .. ':born', 'open')
end
if state[4] then return { 'miss', '' } end
local stem = base .. ':d:' .. (state[2] or '0') .. ':' .. (state[3] or '0') .. ':' .. collection .. ':'
local names, answer, hits = {}, { 'hit' }, 0
local count = #ARGV - 4
for i = 1, count do
  names[i] = stem .. ARGV[i + 4]
  names[count + i] = base .. ':m:' .. collection .. ':' .. ARGV[i + 4]
end
local found = redis.call('MGET', unpack(names))
for i = 1, count do
  local text = found[i]
  if text and string.sub(text, 1, 1) == 'V' then
    hits = hits + 1
    answer[hits + 1] = string.sub(text, 2)
  end
end
if hits == count then return answer end
answer = { 'miss', stem }
for i = 1, count do
  if not found[i] and not found[count + i] then
    redis.call('SET', names[i], 'L' .. ARGV[2], 'PX', ARGV[3])
    answer[#answer + 1] = ARGV[i + 4]
  end
end
return answer
`);

/** ARGV: stem, token, ttlMs, then id and text in turn. */
const fill = luaScript(`
for i = 4, #ARGV, 2 do
  local name = ARGV[1] .. ARGV[i]
  if redis.call('GET', name) == 'L' .. ARGV[2] then
    redis.call('SET', name, 'V' .. ARGV[i + 1], 'PX', ARGV[3])
  end
end
`);

/** ARGV: writer, markMs, number of collections, collections, then collection and id in turn. */
const mark = luaScript(`
local base, writer, life = KEYS[1], ARGV[1], ARGV[2]
local function set(name)
  local other = redis.call('GET', name)
  local value = writer
  if other and other ~= writer then value = 'several' end
  redis.call('SET', name, value, 'PX', life)
end
local last = 3 + tonumber(ARGV[3])
for i = 4, last do
  set(base .. ':c:' .. ARGV[i])
  redis.call('INCR', base .. ':g:' .. ARGV[i])
end
local era = redis.call('GET', base .. ':era') or '0'
for i = last + 1, #ARGV, 2 do
  local place = ARGV[i] .. ':' .. ARGV[i + 1]
  set(base .. ':m:' .. place)
  local generation = redis.call('GET', base .. ':g:' .. ARGV[i]) or '0'
  redis.call('DEL', base .. ':d:' .. era .. ':' .. generation .. ':' .. place)
end
return 1
`);

/** As {@link mark}, without markMs. */
const clear = luaScript(`
local base, writer = KEYS[1], ARGV[1]
local function remove(name)
  if redis.call('GET', name) == writer then redis.call('DEL', name) end
end
local last = 2 + tonumber(ARGV[2])
for i = 3, last do
  redis.call('INCR', base .. ':g:' .. ARGV[i])
  remove(base .. ':c:' .. ARGV[i])
end
for i = last + 1, #ARGV, 2 do remove(base .. ':m:' .. ARGV[i] .. ':' .. ARGV[i + 1]) end
return 1
`);

const renew = luaScript(`return redis.call('INCR', KEYS[1] .. ':era')`);

/**
 * Cached documents in Redis, and the marks that keep old ones out. See `withDocumentCache` for why it is right.
 *
 * All names are those of one run of the server: one that was restarted, or has taken over, may have lost marks. What it
 * still holds is not looked at, and it is given nothing until every mark that it may have lost would have ended.
 */
export class RedisDocumentEntries {
  readonly #connection: RedisConnection;
  readonly #scope: string;
  readonly #times: EntryTimes;
  readonly #process = randomUUID();
  #count = 0;

  constructor(connection: RedisConnection, scope: string, times: EntryTimes) {
    this.#connection = connection;
    this.#scope = scope;
    this.#times = times;
  }

  /** @throws CacheUnavailableError when Redis does not answer */
  async look(collection: string, ids: readonly string[]): Promise<Lookup> {
    const token = this.#name();
    const { loadMs, markMs } = this.#times;
    const answer = await this.#connection.runScript(
      look,
      [this.#base()],
      [collection, token, loadMs, markMs, ...ids],
    );
    if (!isTexts(answer)) throw new TypeError('a look answers with a list of texts');
    const [kind, ...rest] = answer;
    if (kind === 'hit') return { texts: rest };
    const [stem = '', ...vacant] = rest;
    return { stem, token, vacant };
  }

  /**
   * Stores what was loaded after a look, where nothing was marked since.
   * @throws CacheUnavailableError when Redis does not answer
   */
  async fill(
    { stem, token }: { readonly stem: string; readonly token: string },
    texts: ReadonlyMap<string, string>,
  ): Promise<void> {
    const parameters = [...texts].flat();
    await this.#connection.runScript(
      fill,
      [this.#base()],
      [stem, token, this.#times.ttlMs, ...parameters],
    );
  }

  /**
   * Keeps what is about to be written from being served or stored, until it is cleared.
   * @returns how to clear it; its failure is harmless, because a mark ends by itself
   * @throws CacheUnavailableError when that is not certain
   */
  async mark(touched: Touched): Promise<() => Promise<void>> {
    const writer = this.#name();
    const run = this.#connection.serverRun;
    const base = this.#base();
    const { markMs } = this.#times;
    const collections = [touched.collections.length, ...touched.collections];
    const documents = touched.documents.flatMap(({ collection, id }) => [collection, id]);
    const began = monotonicClock();
    const parameters = [writer, markMs, ...collections, ...documents];
    await this.#connection.runScript(mark, [base], parameters, MARKING_MS);
    if (monotonicClock() - began > markMs / 4) {
      throw new CacheUnavailableError('marking took a good part of the life of a mark');
    }
    return async () => {
      // Another server's marks are gone, and clearing there would leave names behind.
      if (this.#connection.serverRun !== run) return;
      await this.#connection.runScript(clear, [base], [writer, ...collections, ...documents]);
    };
  }

  /**
   * Forgets every document and every load under way; marks stay.
   * @throws CacheUnavailableError when Redis does not answer
   */
  async renew(): Promise<void> {
    await this.#connection.runScript(renew, [this.#base()], []);
  }

  #name(): string {
    this.#count += 1;
    return `${this.#process}.${this.#count}`;
  }

  #base(): string {
    const run = this.#connection.serverRun;
    if (run === undefined) throw new CacheUnavailableError('Redis does not answer');
    return this.#connection.key('documents', this.#scope, run);
  }
}

function isTexts(answer: unknown): answer is readonly string[] {
  return Array.isArray(answer) && answer.every((part) => typeof part === 'string');
}
