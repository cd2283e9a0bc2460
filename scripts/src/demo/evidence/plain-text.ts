import { createReadStream } from 'node:fs';
import { isSyntheticCitizenNumber } from '@unionfold/codes';

/** Longer than anything that is looked for, so that nothing is lost between two reads. */
const overlap = 1_024;

/** What was found in files that should hold no person's data in plain text. */
export interface PlainText {
  /** Bytes looked at. */
  readonly bytes: number;
  /** Files that hold it, with what: a citizen number, or the number of a text in the list. */
  readonly found: readonly string[];
}

/**
 * Looks for made-up citizen numbers and for texts in files.
 * @param texts what else must not be there, longer than a few characters
 */
export async function findPlainText(
  files: readonly string[],
  texts: readonly string[],
): Promise<PlainText> {
  // A file's bytes are taken for Latin-1, which keeps each one: texts are compared as their UTF-8 bytes.
  const wanted = texts.map((text) => Buffer.from(text).toString('latin1'));
  const found: string[] = [];
  let bytes = 0;
  for (const file of files) {
    let rest = '';
    for await (const chunk of createReadStream(file, { highWaterMark: 4 * 1024 * 1024 })) {
      bytes += (chunk as Buffer).length;
      const text = rest + (chunk as Buffer).toString('latin1');
      if (holdsCitizenNumber(text)) found.push(`${file}: citizen number`);
      for (const [index, one] of wanted.entries()) {
        if (text.includes(one)) found.push(`${file}: text ${index}`);
      }
      rest = text.slice(-overlap);
    }
  }
  return { bytes, found: [...new Set(found)] };
}

function holdsCitizenNumber(text: string): boolean {
  // Looked at from every digit on: a number may follow upon other digits.
  for (const match of text.matchAll(/(?=(\d{17}[\dX]))/g)) {
    if (isSyntheticCitizenNumber(match[1] ?? '')) return true;
  }
  return false;
}
