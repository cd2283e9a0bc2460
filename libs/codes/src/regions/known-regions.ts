import { division } from '../divisions.ts';
import { regionHistory, regionOn } from './region-history.ts';

/** The whole country, as statistics by GB/T 2260 write it. */
const wholeCountry = '000000';

/**
 * Whether a region code stands in the tables: 6 digits of GB/T 2260, or 9 digits with GB/T 10114's street.
 * @param date 'yyyy-MM-dd': whether it was valid on that day, instead of today. Streets have no dates of their own:
 * one of today's is taken to have been there as long as the county in its code.
 */
export function isKnownRegion(code: string, date?: string): boolean {
  if (code === wholeCountry) return true;
  if (date === undefined) return division(code) !== undefined;
  if (code.length === 9 && division(code) === undefined) return false;
  return regionOn(code.slice(0, 6), date) !== undefined && /^(?:.{6}|.{9})$/.test(code);
}

/** Whether a code of GB/T 2260 (6 digits) is valid or was at some time since 1980. */
export function wasEverRegion(code: string): boolean {
  return code === wholeCountry || regionHistory(code).length > 0;
}
