const FULL_WIDTH_FIRST = 0xff01;
const FULL_WIDTH_LAST = 0xff5e;
const FULL_WIDTH_OFFSET = 0xfee0;

/**
 * What a person typed or pasted, as the parsers read it: full-width ASCII (０-９, Ａ-Ｚ, －) becomes half-width,
 * surrounding spaces (the ideographic one included) go away, letters become upper case.
 * Unicode's NFKC is not used: it would also turn ① or ² into a digit and so accept what nobody meant.
 */
export function normaliseTypedText(text: string): string {
  let result = '';
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    result +=
      unit >= FULL_WIDTH_FIRST && unit <= FULL_WIDTH_LAST
        ? String.fromCharCode(unit - FULL_WIDTH_OFFSET)
        : text.charAt(i);
  }
  // ASCII only: toUpperCase() would turn ſ or ı into S and I.
  return result.trim().replace(/[a-z]/g, (letter) => letter.toUpperCase());
}
