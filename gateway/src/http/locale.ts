import type { Locale } from '@unionfold/contracts/problems';

/** The language of an answer by `Accept-Language` (RFC 9110, 12.5.4): Chinese, unless English is preferred. */
export function localeOf(acceptLanguage: string | undefined): Locale {
  let preferred: Locale = 'zh';
  let highest = 0;
  for (const entry of (acceptLanguage ?? '').toLowerCase().split(',')) {
    const [range = '', ...parameters] = entry.split(';');
    const language = range.trim().split('-', 1)[0];
    if (language !== 'zh' && language !== 'en') continue;
    const quality = qualityOf(parameters);
    if (quality > highest) {
      preferred = language;
      highest = quality;
    }
  }
  return preferred;
}

/** What `Content-Language` says of a locale. */
export const contentLanguages = { zh: 'zh-CN', en: 'en' } as const;

function qualityOf(parameters: readonly string[]): number {
  for (const parameter of parameters) {
    const [name = '', value = ''] = parameter.split('=');
    if (name.trim() !== 'q') continue;
    const quality = Number(value.trim());
    return quality >= 0 && quality <= 1 ? quality : 0;
  }
  return 1;
}
