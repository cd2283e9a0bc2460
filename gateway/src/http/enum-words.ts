import { textEnum } from './operation.ts';

/** The words that the API uses for an enum of the contracts. */
export interface EnumWords<Word extends string, Value extends string> {
  readonly words: readonly Word[];
  toValue(word: Word): Value;
  /** The word of a value; undefined for the unspecified one and for one of a later version. */
  toWord(value: string): Word | undefined;
}

/** Ties words to enum values, one to one. */
export function enumWords<Value extends string, Word extends string>(
  values: Readonly<Record<Word, Value>>,
): EnumWords<Word, Value> {
  const words = Object.keys(values) as Word[];
  const byValue = new Map<string, Word>(words.map((word) => [values[word], word]));
  return { words, toValue: (word) => values[word], toWord: (value) => byValue.get(value) };
}

/** The schema of such a word. */
export function wordSchema<Word extends string>(
  words: EnumWords<Word, string>,
  description?: string,
) {
  return textEnum(words.words, description);
}
