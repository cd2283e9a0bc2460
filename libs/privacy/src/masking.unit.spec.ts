import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskCitizenNumber, maskMobile, maskName } from './masking.ts';

describe('masking', () => {
  it.each([
    ['370202199001011234', '370***********1234'],
    ['37020219900101123X', '370***********123X'],
    ['370202900101123', '370********1123'],
    ['12345678901234', '1*************'],
    ['370202', '3*****'],
    ['3', '*'],
    ['', ''],
  ])('shows of citizen number %j only %j', (plain, masked) => {
    expect(maskCitizenNumber(plain)).toBe(masked);
  });

  it.each([
    ['13812345678', '138****5678'],
    ['+8613812345678', '+86*******5678'],
    ['1381234567', '1*********'],
    ['12', '1*'],
    ['1', '*'],
    ['', ''],
  ])('shows of mobile number %j only %j', (plain, masked) => {
    expect(maskMobile(plain)).toBe(masked);
  });

  it.each([
    ['张三', '张*'],
    ['张三丰', '张**'],
    ['欧阳修', '欧阳*'],
    ['欧阳予倩', '欧阳**'],
    ['欧阳', '欧*'],
    ['阿卜杜热西提·买买提', '阿**'],
    ['𠮷田', '𠮷*'],
    ['Mary Smith', 'M**'],
    [' 李四 ', '李*'],
    ['张', '*'],
    ['', ''],
    ['  ', ''],
  ])('shows of name %j only %j', (plain, masked) => {
    expect(maskName(plain)).toBe(masked);
  });

  it('keeps the length of a number and hides at least four of its characters', () => {
    const number = fc.stringMatching(/^\d{5,40}$/);
    fc.assert(
      fc.property(number, (plain) => {
        for (const masked of [maskCitizenNumber(plain), maskMobile(plain)]) {
          expect(masked.length).toBe(plain.length);
          expect(masked.match(/\*/g)?.length).toBeGreaterThanOrEqual(4);
        }
      }),
    );
  });
});
