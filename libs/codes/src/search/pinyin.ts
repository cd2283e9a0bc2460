import { readFileSync } from 'node:fs';

export const FIRST_HAN = 0x4e00;
export const LAST_HAN = 0x9fff;

/** What the build condenses pinyin-pro into; the shape of dist/pinyin-table.json. */
export interface PinyinTable {
  /** Every syllable without its tone; the first is '' for characters without a reading. */
  readonly syllables: readonly string[];
  /** Base64 of one little-endian uint16 per character from FIRST_HAN to LAST_HAN: its index in `syllables`. */
  readonly readings: string;
  /** Two neighbouring characters, where they aren't read as each is alone, to both syllables: 重庆, 'chong qing'. */
  readonly inPairs: Readonly<Record<string, string>>;
  /** Surnames of one or two characters that are read in their own way: 单, 'shan'. */
  readonly surnames: Readonly<Record<string, string>>;
}

interface Readings {
  readonly syllables: readonly string[];
  readonly byCharacter: Uint16Array;
  readonly inPairs: ReadonlyMap<string, readonly string[]>;
  readonly surnames: ReadonlyMap<string, readonly string[]>;
}

let readings: Readings | undefined;

/**
 * One syllable per character: without tones, ü as v; '' where the character has none.
 * `person` reads the beginning as a surname (单 shan, 尉迟 yuchi).
 * Throws when the package was compiled without its build's last step, which makes the table.
 */
export function syllablesOf(characters: readonly string[], person: boolean): string[] {
  readings ??= readTable();
  const { inPairs, surnames } = readings;
  const syllables = characters.map(syllableAlone);
  for (let i = 0; i + 1 < characters.length; i++) {
    const pair = inPairs.get(`${characters[i]}${characters[i + 1]}`);
    if (pair !== undefined) syllables.splice(i, 2, ...pair);
  }
  if (person) {
    const surname =
      surnames.get(`${characters[0]}${characters[1]}`) ?? surnames.get(characters[0] ?? '');
    if (surname !== undefined) syllables.splice(0, surname.length, ...surname);
  }
  return syllables;
}

function syllableAlone(character: string): string {
  const code = character.charCodeAt(0);
  if (readings === undefined || code < FIRST_HAN || code > LAST_HAN) return '';
  return readings.syllables[readings.byCharacter[code - FIRST_HAN] ?? 0] ?? '';
}

function readTable(): Readings {
  // The same file whether this module runs from dist/ or, in tests, from src/.
  const file = new URL('../../dist/pinyin-table.json', import.meta.url);
  const table = JSON.parse(readFileSync(file, 'utf8')) as PinyinTable;
  const bytes = Buffer.from(table.readings, 'base64');
  const byCharacter = new Uint16Array(LAST_HAN - FIRST_HAN + 1);
  for (const i of byCharacter.keys()) byCharacter[i] = bytes.readUInt16LE(i * 2);
  return {
    syllables: table.syllables,
    byCharacter,
    inPairs: split(table.inPairs),
    surnames: split(table.surnames),
  };
}

function split(record: Readonly<Record<string, string>>): Map<string, readonly string[]> {
  return new Map(Object.entries(record).map(([key, value]) => [key, value.split(' ')]));
}
