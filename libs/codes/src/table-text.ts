/**
 * A text as it comes back through spreadsheet programs and their files: line ends are alike, and control characters,
 * lone surrogates and surrounding spaces are gone. What differs from another only by these is the same text.
 */
export function asInTables(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/[^\P{Cc}\n\t]|[\ufffd-\uffff]/gu, '')
    .trim();
}
