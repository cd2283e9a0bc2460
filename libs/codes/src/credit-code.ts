import { normaliseTypedText } from './typed-text.ts';

export type CreditCodeProblem =
  | 'credit-code-invalid-length'
  | 'credit-code-invalid-characters'
  | 'credit-code-invalid-check-digit'
  | 'credit-code-not-a-union';

/** A unified social credit code taken apart, or the problem code that says why it is none. */
export type CreditCodeResult =
  | {
      readonly ok: true;
      /** 18 characters, half-width, upper case. */
      readonly code: string;
      /** Who registered it: '8' trade unions, '9' market regulation, '1' public institutions, '5' civil affairs, … */
      readonly registrar: string;
      /** The registrar's class; for unions '1' is a primary union (基层工会), '9' any other. */
      readonly class: string;
      /** GB/T 2260 code (6 digits) of the registrar's district. */
      readonly region: string;
      /** GB 11714 code with its check character, 9 characters. */
      readonly organizationCode: string;
      /** Registered by a trade union. */
      readonly isUnion: boolean;
    }
  | { readonly ok: false; readonly reason: CreditCodeProblem };

export interface CreditCodeOptions {
  /** Refuse every code that was not registered by a trade union. */
  readonly union?: boolean;
}

const LENGTH = 18;
/** GB 32100 leaves out I, O, S, V and Z, which read like 1, 0, 5, U and 2. */
const CREDIT_CODE_ALPHABET = '0123456789ABCDEFGHJKLMNPQRTUWXY';
const ORGANIZATION_CODE_ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const CREDIT_CODE_WEIGHTS = [
  1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28,
] as const;
const ORGANIZATION_CODE_WEIGHTS = [3, 7, 9, 10, 5, 8, 4, 2] as const;
/** 1 编制 2 外交 3 司法行政 4 文化 5 民政 6 旅游 7 宗教 8 工会 9 市场监管 A 军队 N 农业 Y 其他 */
const SHAPE = /^[1-9ANY][0-9A-HJ-NPQRTUWXY][0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}$/;
const UNION_REGISTRAR = '8';

/**
 * Reads a unified social credit code (统一社会信用代码, GB 32100-2015), as typed: full-width characters, surrounding
 * spaces and small letters are accepted. Never throws. Both check characters are verified: the 18th, and the one of
 * the organization code inside (GB 11714).
 */
export function parseCreditCode(text: string, options: CreditCodeOptions = {}): CreditCodeResult {
  const code = normaliseTypedText(text);
  if (code.length !== LENGTH) return refuse('credit-code-invalid-length');
  if (!SHAPE.test(code)) return refuse('credit-code-invalid-characters');
  const organizationCode = code.slice(8, 17);
  if (
    creditCodeCheckDigit(code.slice(0, 17)) !== code.charAt(17) ||
    organizationCodeCheckDigit(organizationCode.slice(0, 8)) !== organizationCode.charAt(8)
  ) {
    return refuse('credit-code-invalid-check-digit');
  }
  const registrar = code.charAt(0);
  const isUnion = registrar === UNION_REGISTRAR;
  if (options.union === true && !isUnion) return refuse('credit-code-not-a-union');
  return {
    ok: true,
    code,
    registrar,
    class: code.charAt(1),
    region: code.slice(2, 8),
    organizationCode,
    isUnion,
  };
}

/**
 * The 18th character for the first 17 of a credit code (GB 32100: weights 3^i mod 31).
 * Undefined when the text is not 17 characters of the code's alphabet.
 */
export function creditCodeCheckDigit(first17: string): string | undefined {
  const sum = weightedSum(first17, CREDIT_CODE_WEIGHTS, CREDIT_CODE_ALPHABET);
  return sum === undefined ? undefined : CREDIT_CODE_ALPHABET.charAt((31 - (sum % 31)) % 31);
}

/**
 * The 9th character for the first 8 of an organization code (GB 11714): '0' to '9' or 'X'.
 * Undefined when the text is not 8 digits or capital letters.
 */
export function organizationCodeCheckDigit(first8: string): string | undefined {
  const sum = weightedSum(first8, ORGANIZATION_CODE_WEIGHTS, ORGANIZATION_CODE_ALPHABET);
  return sum === undefined ? undefined : '0X987654321'.charAt(sum % 11);
}

function weightedSum(
  text: string,
  weights: readonly number[],
  alphabet: string,
): number | undefined {
  if (text.length !== weights.length) return undefined;
  let sum = 0;
  for (const [i, weight] of weights.entries()) {
    const value = alphabet.indexOf(text.charAt(i));
    if (value < 0) return undefined;
    sum += weight * value;
  }
  return sum;
}

function refuse(reason: CreditCodeProblem): CreditCodeResult {
  return { ok: false, reason };
}
