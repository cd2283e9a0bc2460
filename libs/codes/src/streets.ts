import { readData } from './data-file.ts';

/** A township or street office (乡镇街道), GB/T 10114. */
export interface Street {
  /** 9 digits; the first 6 are its county's code. */
  readonly code: string;
  readonly name: string;
}

const CODE_LENGTH = 9;

/**
 * The file's lines, sorted by code, without its heading. Kept as one string (1.4 MB) instead of 41,352 objects;
 * a lookup is a binary search in it.
 */
let lines: string | undefined;

/**
 * The 41,352 townships and streets in order of code, or those whose code begins with `prefix` ('37' a province,
 * '370202' a county). Read from the data file when first asked for; each step makes one object and keeps none.
 */
export function* streets(prefix = ''): Generator<Street> {
  const text = loaded();
  let at = lowerBound(text, prefix);
  while (at < text.length && text.startsWith(prefix, at)) {
    const end = text.indexOf('\n', at);
    yield { code: text.slice(at, at + CODE_LENGTH), name: text.slice(at + CODE_LENGTH + 1, end) };
    at = end + 1;
  }
}

/** The name of the street with this 9-digit code. */
export function findStreet(code: string): string | undefined {
  if (!/^[0-9]{9}$/.test(code)) return undefined;
  for (const street of streets(code)) return street.name;
  return undefined;
}

function loaded(): string {
  if (lines === undefined) {
    const text = readData('streets.csv.gz');
    lines = text.slice(text.indexOf('\n') + 1);
  }
  return lines;
}

/** Where the first line begins whose code is not below `prefix`. */
function lowerBound(text: string, prefix: string): number {
  let low = 0;
  let high = text.length;
  while (low < high) {
    const start = text.lastIndexOf('\n', Math.floor((low + high) / 2) - 1) + 1;
    const lineStart = Math.max(start, low);
    if (text.slice(lineStart, lineStart + CODE_LENGTH) < prefix) {
      low = text.indexOf('\n', lineStart) + 1;
    } else {
      high = lineStart;
    }
  }
  return low;
}
