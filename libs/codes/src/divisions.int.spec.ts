import { describe, expect, it } from 'vitest';
import { division, divisionFullName, divisionPath, divisions } from './divisions.ts';
import { shortPlaceName } from './place-names.ts';
import { streets } from './streets.ts';

describe('the administrative divisions', () => {
  it('are 31 provinces, 342 cities and 2,978 counties', () => {
    const counts = Object.groupBy(divisions(), (row) => row.level);
    expect(counts.province).toHaveLength(31);
    expect(counts.city).toHaveLength(342);
    expect(counts.county).toHaveLength(2978);
  });

  it('each have a parent one level up that comes before them', () => {
    const levels = { city: 'province', county: 'city' } as const;
    const seen = new Set<string>();
    for (const row of divisions()) {
      if (row.level === 'city' || row.level === 'county') {
        expect(seen).toContain(`${levels[row.level]} ${row.parentCode}`);
      }
      seen.add(`${row.level} ${row.code}`);
    }
  });

  it('are found by code', () => {
    expect(division('370202')).toMatchObject({
      name: '市南区',
      level: 'county',
      parentCode: '370200',
    });
    expect(division('370202001')).toEqual({
      code: '370202001',
      name: '香港中路街道',
      displayName: '香港中路街道',
      level: 'township',
      parentCode: '370202',
    });
    for (const unknown of ['', '3702', '370299', '370202999', '00', 'abcdefghi', '512301']) {
      expect(division(unknown)).toBeUndefined();
    }
  });

  it('that are a city and its only county in one code are told apart by level', () => {
    expect(division('441900')).toMatchObject({ level: 'city', parentCode: '440000' });
    expect(division('441900', 'county')).toMatchObject({ level: 'county', parentCode: '441900' });
    expect(division('441900', 'province')).toBeUndefined();
    expect(division('370202', 'city')).toBeUndefined();
  });

  it('have a path and a full name', () => {
    expect(divisionPath('441900003').map((row) => row.level)).toEqual([
      'province',
      'city',
      'county',
      'township',
    ]);
    expect(divisionPath('999999')).toEqual([]);
    expect(divisionFullName('370202001')).toBe('山东省青岛市市南区香港中路街道');
    expect(divisionFullName('110101')).toBe('北京市东城区');
    expect(divisionFullName('500229')).toBe('重庆市城口县');
    expect(divisionFullName('419001')).toBe('河南省济源市');
    expect(divisionFullName('441900003')).toBe('广东省东莞市东城街道');
    expect(divisionFullName('999999')).toBe('');
  });

  it('show what a placeholder stands for', () => {
    const shown = ['110100', '500200', '419000', '659000', '370200'].map(
      (code) => division(code)?.displayName,
    );
    expect(shown).toEqual([
      '北京市',
      '重庆市辖县',
      '河南省直辖县级行政区划',
      '新疆维吾尔自治区直辖县级行政区划',
      '青岛市',
    ]);
  });

  it('have short names', () => {
    const names = [
      '青岛市',
      '市南区',
      '沛县',
      '内蒙古自治区',
      '恩施土家族苗族自治州',
      '博尔塔拉蒙古自治州',
      '隆林各族自治县',
      '阿里地区',
      '神农架林区',
    ];
    expect(names.map(shortPlaceName)).toEqual([
      ...['青岛', '市南', '沛县', '内蒙古', '恩施', '博尔塔拉', '隆林', '阿里', '神农架'],
    ]);
  });
});

describe('the streets', () => {
  it('are 41,352, in order, each in a county', () => {
    let count = 0;
    let before = '';
    for (const street of streets()) {
      count++;
      expect(street.code > before).toBe(true);
      expect(street.name).not.toBe('');
      expect(division(street.code.slice(0, 6))).toBeDefined();
      before = street.code;
    }
    expect(count).toBe(41_352);
  });

  it('of a region are exactly those that begin with its code', () => {
    const all = [...streets()];
    const first = all[0]?.code ?? '';
    const last = all.at(-1)?.code ?? '';
    for (const prefix of [
      '',
      '1',
      '11',
      '37',
      '3702',
      '370202',
      '370202001',
      '659012',
      first,
      last,
      '0',
      '7',
      '999999',
    ]) {
      expect([...streets(prefix)]).toEqual(all.filter((street) => street.code.startsWith(prefix)));
    }
  });
});
