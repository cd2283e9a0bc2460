import { parseMobile } from '@unionfold/codes';
import { blindIndex, type MasterKey } from '@unionfold/privacy';
import type { NameIndex } from './members.ts';

/** Characters of a name that are enough to search by. */
const beginnings = [1, 2] as const;

/**
 * The keyed hashes by which members are found: of the full name, of its first one and two characters, and of the mobile
 * number. Whoever reads the read model without the master key learns neither.
 */
export class KeyedNameIndex implements NameIndex {
  readonly #masterKey: MasterKey;

  constructor(masterKey: MasterKey) {
    this.#masterKey = masterKey;
  }

  /** An erased person has neither name nor number, and is found by nothing. */
  termsOf({ name, mobile }: { readonly name: string; readonly mobile: string }): string[] {
    const characters = [...normalised(name)];
    const parts = new Set([
      ...beginnings.map((length) => characters.slice(0, length).join('')),
      characters.join(''),
    ]);
    return [
      ...[...parts].filter((part) => part !== '').map((part) => this.#nameTerm(part)),
      ...this.mobileTerms(mobile),
    ];
  }

  /** The terms to look for: one or two characters find all names that begin so, more find the full name. */
  nameTerms(query: string): string[] {
    const name = normalised(query);
    return name === '' ? [] : [this.#nameTerm(name)];
  }

  /** The terms to look for a mobile number, however it is written; none for a text that is no number. */
  mobileTerms(query: string): string[] {
    const parsed = parseMobile(query);
    return parsed.ok ? [blindIndex(this.#masterKey, 'mobile', parsed.number)] : [];
  }

  #nameTerm(text: string): string {
    return blindIndex(this.#masterKey, 'member-name', text);
  }
}

/** Full-width letters, spaces and the dot of foreign names are written in many ways. */
function normalised(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[\s·・•.]/g, '');
}
