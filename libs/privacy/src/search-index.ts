import { blindIndex } from './blind-index.ts';
import type { MasterKey } from './master-key.ts';

/** How a personal value can be searched for: by the whole of it, or also by its first two characters. */
export type SearchMode = 'exact' | 'beginning';

/**
 * Characters of a value that are enough to search by, with `beginning`. One, a surname, would find every twelfth person
 * and let everybody with the hashes count them.
 */
const beginningLength = 2;

/**
 * Keyed hashes by which personal values are found though nobody can read them. Whoever has the hashes without the
 * master key learns which values are equal, and nothing else.
 */
export class SearchIndex {
  readonly #masterKey: MasterKey;

  constructor(masterKey: MasterKey) {
    this.#masterKey = masterKey;
  }

  /**
   * The terms to keep with a value; none for an empty one.
   * @param kind what the value is: `name`
   */
  termsOf(kind: string, mode: SearchMode, value: string): string[] {
    const text = normalised(value);
    if (text === '') return [];
    if (mode === 'exact') return [this.#term(kind, text)];
    const beginning = [...text].slice(0, beginningLength).join('');
    return [...new Set([beginning, text])].map((part) => this.#term(kind, part));
  }

  /** The term to look for: a value's whole, or with `beginning` its first two characters; none for nothing. */
  queryTerms(kind: string, query: string): string[] {
    const text = normalised(query);
    return text === '' ? [] : [this.#term(kind, text)];
  }

  #term(kind: string, text: string): string {
    return blindIndex(this.#masterKey, kind, text);
  }
}

/** Full-width letters, spaces and the dot of foreign names are written in many ways. */
function normalised(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[\s·・•.]/g, '');
}
