import { division } from './divisions.ts';

/** The whole country, as statistics by GB/T 2260 write it. */
const wholeCountry = '000000';

/** Whether a region code stands in the tables: 6 digits of GB/T 2260, or 9 digits with GB/T 10114's street. */
export function isKnownRegion(code: string): boolean {
  return code === wholeCountry || division(code) !== undefined;
}
