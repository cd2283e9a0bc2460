import { divisions } from '../divisions.ts';
import { shortPlaceName } from '../place-names.ts';
import { syllablesOf } from './pinyin.ts';

/**
 * Search by name on a store that only has exact terms (an index over a list of strings).
 *
 * A document stores `searchTerms(name)`. A query asks for documents that have every term of `queryTerms(query)`; a store
 * that can use one index only takes the longest term. What comes back holds every match and some that are none, so
 * the caller keeps those for which `nameMatches(name, query)`.
 *
 * A query with Han characters matches anywhere in the name (市南 in 青岛市市南区总工会). A query in Latin letters or
 * digits matches from a word's start, as pinyin or as initials: qingdao, qdsh, snq, shinan. Words start at the
 * beginning, and after the first place names; in a person's name at each character.
 *
 * Terms of a name, at most MAX_TERMS:
 *   - every character and every two neighbouring characters of the first 20 (39 at most);
 *   - from each of at most 3 word starts the first 1, 2, 4 and 7 letters of the pinyin, and of the initials (7 each).
 * Hence what matches only beyond the 20th character of a name, or at a fourth word, is not found.
 */
export interface NameOptions {
  /** 'person' reads a surname in its own way (单 shan) and lets queries start at each character. */
  readonly kind?: 'organization' | 'person';
}

export const MAX_TERMS = 60;

const GRAM_WINDOW = 20;
/** A pasted full name would ask for grams beyond the window; its first characters narrow enough. */
const QUERY_WINDOW = 6;
const PREFIX_LENGTHS = [1, 2, 4, 7] as const;
const MAX_WORD_STARTS = 3;

const HAN = /\p{Script=Han}/u;
const TOKENS = /\p{Script=Han}|[a-z0-9]+/gu;
const PLACE_ENDING = /^.{1,8}?(?:自治[区州县旗]|街道|[省市区县旗州盟镇乡])/u;
/** What follows a place in nearly every name; no one looks a union up by it. */
const NO_WORD = /^(?:总工会|工会|有限|股份|集团|委员会|联合会|$)/;

/** The terms under which a name is found: lower case, without repetition, at most MAX_TERMS. */
export function searchTerms(name: string, options: NameOptions = {}): string[] {
  const tokens = tokensOf(normaliseName(name));
  const terms = new Set<string>();
  addGrams(terms, tokens);
  for (const { pinyin, initials } of wordsOf(tokens, options)) {
    for (const length of PREFIX_LENGTHS) {
      if (pinyin.length >= length) terms.add(pinyin.slice(0, length));
      if (initials.length >= length) terms.add(initials.slice(0, length));
    }
  }
  return [...terms];
}

/**
 * The terms that every name matching the query has. Empty when the query holds no letter, digit or Han character:
 * then it narrows nothing.
 */
export function queryTerms(query: string): string[] {
  const text = normaliseName(query);
  if (text === '') return [];
  if (!HAN.test(text)) {
    const length = PREFIX_LENGTHS.findLast((candidate) => candidate <= text.length);
    return [text.slice(0, length)];
  }
  const tokens = tokensOf(text);
  const firstHan = tokens.findIndex((token) => HAN.test(token));
  const window = tokens.slice(firstHan, firstHan + QUERY_WINDOW);
  const terms = new Set<string>();
  addGrams(terms, window);
  // A pair implies its characters; a lone character between Latin letters stays.
  const pairs = [...terms].filter((term) => term.length > 1);
  return [...terms].filter((term) => term.length > 1 || !pairs.some((pair) => pair.includes(term)));
}

/** Whether the query matches the name; true for an empty query. */
export function nameMatches(name: string, query: string, options: NameOptions = {}): boolean {
  const text = normaliseName(query);
  const subject = normaliseName(name);
  if (text === '' || HAN.test(text)) return subject.includes(text);
  return wordsOf(tokensOf(subject), options).some(
    ({ pinyin, initials }) => pinyin.startsWith(text) || initials.startsWith(text),
  );
}

/** Half-width, lower case, without tones, spaces and punctuation; ü is v, as it is typed. */
function normaliseName(text: string): string {
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/u\u0308/g, 'v')
    .replace(/[^\p{Script=Han}a-z0-9]/gu, '');
}

/** Han characters one by one, Latin letters and digits in runs. */
function tokensOf(text: string): string[] {
  return text.match(TOKENS) ?? [];
}

function addGrams(terms: Set<string>, tokens: readonly string[]): void {
  let before = '';
  for (const token of tokens.slice(0, GRAM_WINDOW)) {
    const character = HAN.test(token) ? token : '';
    if (character !== '') terms.add(character);
    if (character !== '' && before !== '') terms.add(before + character);
    before = character;
  }
}

interface Word {
  /** From the word's start to the name's end. */
  readonly pinyin: string;
  readonly initials: string;
}

function wordsOf(tokens: readonly string[], options: NameOptions): Word[] {
  const person = options.kind === 'person';
  const syllables = syllablesOf(tokens, person);
  const starts = person ? [...tokens.keys()].slice(0, MAX_WORD_STARTS) : wordStarts(tokens);
  return starts.map((start) => ({
    pinyin: tokens.map((token, i) => (i < start ? '' : syllables[i] || latin(token))).join(''),
    initials: tokens
      .map((token, i) => (i < start ? '' : syllables[i]?.charAt(0) || latin(token)))
      .join(''),
  }));
}

function latin(token: string): string {
  return HAN.test(token) ? '' : token;
}

function wordStarts(tokens: readonly string[]): number[] {
  const starts = tokens.length === 0 ? [] : [0];
  let start = 0;
  while (starts.length > 0 && starts.length < MAX_WORD_STARTS) {
    const length = placeLength(tokens, start);
    start += length;
    if (length === 0 || NO_WORD.test(tokens.slice(start, start + 3).join(''))) break;
    starts.push(start);
  }
  return starts;
}

/** How many tokens from here on are a place's name, long or short (青岛市, 青岛); 0 when none begins here. */
function placeLength(tokens: readonly string[], start: number): number {
  placeNames ??= readPlaceNames();
  for (let length = Math.min(LONGEST_PLACE, tokens.length - start); length >= 2; length--) {
    if (placeNames.has(tokens.slice(start, start + length).join(''))) return length;
  }
  const ending = PLACE_ENDING.exec(tokens.slice(start, start + LONGEST_PLACE + 2).join(''));
  return ending === null ? 0 : tokensOf(ending[0]).length;
}

const LONGEST_PLACE = 11;
let placeNames: ReadonlySet<string> | undefined;

function readPlaceNames(): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { name } of divisions()) {
    names.add(name);
    const short = shortPlaceName(name);
    if (short.length >= 2) names.add(short);
  }
  return names;
}
