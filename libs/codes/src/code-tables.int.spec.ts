import { describe, expect, it } from 'vitest';
import {
  CODE_TABLE_NAMES,
  type CodeTable,
  codeRow,
  codeTable,
  isKnownIndustry,
  isValidCode,
} from './code-tables.ts';
import { parseDate } from './dates.ts';

describe('the code tables', () => {
  it.each([
    ['sex', 4],
    ['marital-status', 8],
    ['ethnic-group', 58],
    ['education', 8],
    ['political-status', 13],
    ['family-relation', 9],
    ['industry', 20],
    ['industry-division', 97],
    ['unit-type', 16],
  ] as const)('%s has %i rows', (name, rows) => {
    expect(codeTable(name).rows).toHaveLength(rows);
  });

  it.each(CODE_TABLE_NAMES)(
    '%s has codes without repetition, names in both languages, real dates',
    (name) => {
      const { rows, standard } = codeTable(name);
      expect(standard).not.toBe('');
      expect(new Set(rows.map((row) => row.code)).size).toBe(rows.length);
      for (const row of rows) {
        expect(row.zh).toMatch(/\p{Script=Han}/u);
        expect(row.en).toMatch(/^[A-Z]/);
        for (const date of [row.from, row.to]) {
          if (date !== undefined) expect(parseDate(date).ok).toBe(true);
        }
      }
    },
  );

  it('know a code by its written form', () => {
    expect(codeRow('ethnic-group', '01')).toMatchObject({ zh: '汉族', en: 'Han' });
    expect(codeRow('ethnic-group', '56')?.zh).toBe('基诺族');
    expect(isValidCode('ethnic-group', '1', '2025-01-01')).toBe(false);
    expect(isValidCode('ethnic-group', '57', '2025-01-01')).toBe(false);
    expect(isValidCode('unit-type', '170', '2025-01-01')).toBe(true);
  });

  it('number the divisions of industry through all sections', () => {
    const { rows } = codeTable('industry-division');
    expect(rows.map(({ code }) => Number(code.slice(1)))).toEqual(rows.map((_, i) => i + 1));
    const sections = codeTable('industry').rows.map(({ code }) => code);
    expect([...new Set(rows.map(({ code }) => code.charAt(0)))]).toEqual(sections);
    expect(codeRow('industry-division', 'C34')?.zh).toBe('通用设备制造业');
  });

  it('know an industry by section or division', () => {
    for (const code of ['A', 'T', 'C34', 'A01', 'T97']) expect(isKnownIndustry(code)).toBe(true);
    for (const code of ['', 'U', 'c', '34', 'D34', 'C00', 'C341']) {
      expect(isKnownIndustry(code)).toBe(false);
    }
  });

  it('accept a code from its first day', () => {
    expect(isValidCode('industry', 'C', '2017-09-30')).toBe(false);
    expect(isValidCode('industry', 'C', '2017-10-01')).toBe(true);
  });

  it('accept a code to its last day, and then its successor', () => {
    const table: CodeTable = {
      standard: 'example',
      zh: '示例',
      en: 'Example',
      rows: [
        { code: '7', zh: '旧', en: 'Old', to: '2019-12-31' },
        { code: '7', zh: '新', en: 'New', from: '2020-01-01', to: '2024-12-31' },
      ],
    };
    expect(codeRow(table, '7', '2019-12-31')?.en).toBe('Old');
    expect(codeRow(table, '7', '2020-01-01')?.en).toBe('New');
    expect(codeRow(table, '7')?.en).toBe('New');
    expect(isValidCode(table, '7', '2025-01-01')).toBe(false);
  });
});
