import { describe, expect, it } from 'vitest';
import { type Federation, federationIdOfRegion, federations } from './federations.ts';

function countsByType(list: readonly Federation[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { type } of list) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
}

const STANDING = { NATIONAL: 1, INDUSTRY: 10, PROVINCIAL: 31, MUNICIPAL: 342, COUNTY: 2978 };

describe('the standing federations', () => {
  it('are one for each division and industry', () => {
    expect(countsByType(federations())).toEqual(STANDING);
    expect(countsByType(federations({ townships: 'all' }))).toEqual({
      ...STANDING,
      TOWNSHIP: 41_352,
    });
    expect(countsByType(federations({ townships: { regionPrefix: '370202' } }))).toEqual({
      ...STANDING,
      TOWNSHIP: 11,
    });
  });

  it('come after their parents, under ids of their own, with names of their own among the children', () => {
    const ids = new Set<string>();
    const names = new Set<string>();
    for (const { id, name, parentId, type } of federations({ townships: 'all' })) {
      if (type === 'NATIONAL') expect(parentId).toBeUndefined();
      else expect(ids.has(parentId ?? '')).toBe(true);
      expect(ids.has(id)).toBe(false);
      expect(names.has(`${parentId} ${name}`)).toBe(false);
      expect(name).toMatch(/(?:工会|工会联合会|工会工作委员会)$/);
      ids.add(id);
      names.add(`${parentId} ${name}`);
    }
  });

  it('have the parent one level up', () => {
    const types = new Map(federations().map((one) => [one.id, one.type]));
    const upper = {
      PROVINCIAL: 'NATIONAL',
      INDUSTRY: 'NATIONAL',
      MUNICIPAL: 'PROVINCIAL',
      COUNTY: 'MUNICIPAL',
    };
    for (const { type, parentId } of federations()) {
      if (type in upper) expect(types.get(parentId ?? '')).toBe(upper[type as keyof typeof upper]);
    }
  });

  it('are named as they name themselves', () => {
    const names = new Map(
      federations({ townships: { regionPrefix: '3702' } }).map((one) => [one.id, one.name]),
    );
    const asked = ['cn', 'cn-37', 'cn-3702', 'cn-370202', 'cn-370202001', 'cn-ind-08', 'cn-152571'];
    expect(asked.map((id) => names.get(id))).toEqual([
      '中华全国总工会',
      '山东省总工会',
      '青岛市总工会',
      '市南区总工会',
      '香港中路街道总工会',
      '中华全国铁路总工会',
      '乌拉盖管理区总工会',
    ]);
  });

  it('have a descriptive name where the data has a placeholder', () => {
    const names = new Map(federations().map((one) => [one.id, one.name]));
    const asked = ['cn-1101', 'cn-5001', 'cn-5002', 'cn-4190', 'cn-6590', 'cn-441900', 'cn-620201'];
    expect(asked.map((id) => names.get(id))).toEqual([
      '北京市市辖区工会工作委员会',
      '重庆市市辖区工会工作委员会',
      '重庆市辖县工会工作委员会',
      '河南省直辖县市工会工作委员会',
      '新疆维吾尔自治区直辖县市工会工作委员会',
      '东莞市镇街工会工作委员会',
      '嘉峪关市镇街工会工作委员会',
    ]);
    const all = [...names.values()].filter((name) => /市辖区|直辖|辖县|行政区划/.test(name));
    expect(all).toHaveLength(9);
  });

  it('have English names for the nation, the provinces and the industries', () => {
    for (const { type, nameEn } of federations()) {
      if (type === 'MUNICIPAL' || type === 'COUNTY') expect(nameEn).toBeUndefined();
      else expect(nameEn).toMatch(/^(?!undefined)[A-Z][\w,' -]+(?:Union|Unions)$/);
    }
  });

  it('are found by their region', () => {
    const ids = new Set(federations().map((one) => one.id));
    for (const { type, regionCode, id } of federations()) {
      if (type === 'NATIONAL' || type === 'INDUSTRY') continue;
      const found = federationIdOfRegion(regionCode);
      expect(ids).toContain(found);
      if (!(type === 'COUNTY' && regionCode.endsWith('00'))) expect(found).toBe(id);
    }
    expect(federationIdOfRegion('370202001')).toBe('cn-370202001');
  });
});
