import { expect, it } from 'vitest';
import { prefixEnd } from './text-prefix.ts';

it.each([
  ['a', 'b'],
  ['/cn/37/', '/cn/370'],
  ['工会', '工伛'],
  ['a\ud7ff', 'a\ue000'],
  ['a\uffff', 'a\u{10000}'],
  ['👷', '👸'],
  ['a\u{10ffff}', 'b'],
  ['a\u{10ffff}\u{10ffff}', 'b'],
  ['\u{10ffff}', undefined],
  ['', undefined],
])('the strings that begin with %j end before %j', (prefix, end) => {
  expect(prefixEnd(prefix)).toBe(end);
});
