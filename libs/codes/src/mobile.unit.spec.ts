import { describe, expect, it } from 'vitest';
import { parseMobile } from './mobile.ts';

describe('a mobile number', () => {
  it.each([
    '13812345678',
    '138 1234 5678',
    '138-1234-5678',
    '+86 138 1234 5678',
    '008613812345678',
    '8613812345678',
    ' １３８１２３４５６７８',
  ])('%s is 13812345678', (typed) => {
    expect(parseMobile(typed)).toEqual({ ok: true, number: '13812345678', synthetic: false });
  });

  it('in the segment of made-up people is flagged', () => {
    expect(parseMobile('10012345678')).toEqual({
      ok: true,
      number: '10012345678',
      synthetic: true,
    });
  });

  it.each([
    '',
    '1381234567',
    '138123456789',
    '12812345678',
    '10112345678',
    '053212345678',
    '1381234567a',
    '+8513812345678',
  ])('%s is refused', (typed) => {
    expect(parseMobile(typed)).toEqual({ ok: false, reason: 'mobile-invalid' });
  });
});
