import { describe, expect, it } from 'vitest';
import { localeOf } from './locale.ts';

describe('The language of an answer', () => {
  it.each([
    [undefined, 'zh'],
    ['', 'zh'],
    ['*', 'zh'],
    ['fr', 'zh'],
    ['en', 'en'],
    ['en-GB', 'en'],
    ['EN-us', 'en'],
    ['zh-CN,zh;q=0.9,en;q=0.8', 'zh'],
    ['en-US,en;q=0.9,zh-CN;q=0.8', 'en'],
    ['en;q=0.5, zh;q=0.8', 'zh'],
    ['fr, en;q=0.1', 'en'],
    ['en;q=0', 'zh'],
    ['en;q=nonsense', 'zh'],
    ['zh;q=0, en', 'en'],
    ['english', 'zh'],
  ] as const)('for %o is %s', (header, locale) => {
    expect(localeOf(header)).toBe(locale);
  });
});
