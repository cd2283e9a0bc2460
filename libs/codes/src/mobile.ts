import { normaliseTypedText } from './typed-text.ts';

/** A mainland mobile number in 11 digits, or the problem code. */
export type MobileResult =
  | {
      readonly ok: true;
      readonly number: string;
      /** In the segment 100xxxxxxxx, which no operator has: made-up people's numbers. Never send to it. */
      readonly synthetic: boolean;
    }
  | { readonly ok: false; readonly reason: 'mobile-invalid' };

/**
 * Reads a mainland mobile number (11 digits from 13 to 19), as typed: full-width digits, spaces and hyphens between
 * groups, and the country code as +86, 0086 or 86 are accepted. Numbers of made-up people (100xxxxxxxx) are valid and
 * flagged. Never throws.
 */
export function parseMobile(text: string): MobileResult {
  const digits = normaliseTypedText(text)
    .replace(/[\s-]/g, '')
    .replace(/^(?:\+|00)?86(?=1[0-9]{10}$)/, '');
  if (/^1[3-9][0-9]{9}$/.test(digits)) return { ok: true, number: digits, synthetic: false };
  if (/^100[0-9]{8}$/.test(digits)) return { ok: true, number: digits, synthetic: true };
  return { ok: false, reason: 'mobile-invalid' };
}
