import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { federations } from '../federations.ts';
import { synthetic } from '../synthetic/synthetic.ts';
import {
  MAX_TERMS,
  type NameOptions,
  nameMatches,
  queryTerms,
  searchTerms,
} from './search-terms.ts';

/** What a store does: exact terms first, then the precise question. */
function found(name: string, query: string, options: NameOptions = {}): boolean {
  const terms = new Set(searchTerms(name, options));
  return queryTerms(query).every((term) => terms.has(term)) && nameMatches(name, query, options);
}

const federationNames = federations().map((one) => one.name);
const names = fc.oneof(
  fc.constantFrom(...federationNames),
  fc.nat(3_999_999).map((index) => synthetic(5).enterprise(index).unionName),
  fc.string({ unit: fc.constantFrom(...'青岛市南区总工会重庆长TCL3第a（） '), maxLength: 40 }),
);

describe('a search by name', () => {
  it.each([
    ['青岛市总工会', '青岛'],
    ['青岛市总工会', '青'],
    ['青岛市总工会', '青岛市总工会'],
    ['青岛市总工会', 'qingdao'],
    ['青岛市总工会', 'QingDao'],
    ['青岛市总工会', 'Qīngdǎo'],
    ['青岛市总工会', 'qing dao shi'],
    ['青岛市总工会', 'q'],
    ['青岛市总工会', 'qd'],
    ['青岛市总工会', 'qds'],
    ['青岛市总工会', 'qdszgh'],
    ['青岛市市南区总工会', '市南区'],
    ['青岛市市南区总工会', 'shinan'],
    ['青岛市市南区总工会', 'snq'],
    ['重庆市长寿区总工会', 'chongqing'],
    ['重庆市长寿区总工会', 'changshou'],
    ['厦门市总工会', 'xiamen'],
    ['六安市总工会', 'luan'],
    ['吕梁市总工会', 'lvliang'],
    ['吕梁市总工会', 'lüliang'],
    ['西安市总工会', "xi'an"],
    ['青岛瑞禾机械制造有限公司工会委员会', 'rhjx'],
    ['青岛瑞禾机械制造有限公司工会委员会', '瑞禾机械'],
    ['青岛银行工会委员会', 'yinhang'],
    ['恩施华夏（集团）有限公司工会', '华夏集团'],
    ['ＴＣＬ集团工会', 'tcl'],
    ['TCL集团工会', 'tcljt'],
    ['TCL集团工会', 'TCL集团'],
    ['青岛第3中学工会', '第3中'],
  ])('finds %s by %s', (name, query) => {
    expect(found(name, query)).toBe(true);
  });

  it.each([
    ['青岛市总工会', '青市'],
    ['青岛市总工会', 'dao'],
    ['青岛市总工会', 'qingdaos2'],
    ['重庆市总工会', 'zhongqing'],
    ['青岛市总工会', '烟台'],
  ])('does not find %s by %s', (name, query) => {
    expect(found(name, query)).toBe(false);
  });

  it('reads a person as a person', () => {
    for (const query of ['单小明', '小明', 'shanxiaoming', 'xiaoming', 'sxm', 'xm', 'ming']) {
      expect(found('单小明', query, { kind: 'person' })).toBe(true);
    }
    expect(found('尉迟恭', 'yuchi', { kind: 'person' })).toBe(true);
    expect(found('单小明', 'dan', { kind: 'person' })).toBe(false);
  });

  it('finds a name by any part of it that begins in the first 15 characters, Latin or Han', () => {
    fc.assert(
      fc.property(names, fc.nat(14), fc.integer({ min: 1, max: 30 }), (name, from, length) => {
        const letters = name.normalize('NFKC').replace(/[^\p{Script=Han}a-z0-9]/giu, '');
        const query = letters.slice(from, from + length);
        // Latin runs are found from their beginning only, so a query is cut there.
        fc.pre(/^\p{Script=Han}/u.test(query));
        expect(found(name, query)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('never loses a Latin match to the terms', () => {
    const query = fc.string({
      unit: fc.constantFrom(...'qdsznghiaotcl3'),
      minLength: 1,
      maxLength: 9,
    });
    fc.assert(
      fc.property(names, query, fc.nat(12), (name, letters, length) => {
        for (const text of [letters, ...searchTerms(name).filter((term) => /^[a-z]/.test(term))]) {
          const cut = text.slice(0, length);
          if (nameMatches(name, cut)) expect(found(name, cut)).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('keeps the terms of a name few and different', () => {
    fc.assert(
      fc.property(
        names,
        fc.constantFrom('person' as const, 'organization' as const),
        (name, kind) => {
          const terms = searchTerms(name, { kind });
          expect(terms.length).toBeLessThanOrEqual(MAX_TERMS);
          expect(new Set(terms).size).toBe(terms.length);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('narrows nothing without letters', () => {
    for (const query of ['', '  ', '（）', '·']) {
      expect(queryTerms(query)).toEqual([]);
      expect(nameMatches('青岛市总工会', query)).toBe(true);
    }
    expect(searchTerms('')).toEqual([]);
    expect(searchTerms('——')).toEqual([]);
  });

  it('joins no characters across Latin letters and digits', () => {
    expect(searchTerms('青3岛')).not.toContain('青岛');
    expect(queryTerms('青3岛')).toEqual(['青', '岛']);
  });

  it('asks for few terms', () => {
    expect(queryTerms('青岛')).toEqual(['青岛']);
    expect(queryTerms('市南区')).toEqual(['市南', '南区']);
    expect(queryTerms('qingdaoshi')).toEqual(['qingdao']);
    expect(queryTerms('qdszgh')).toEqual(['qdsz']);
    expect(queryTerms('青岛经济技术开发区总工会').length).toBe(5);
  });
});
