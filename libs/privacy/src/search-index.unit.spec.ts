import { describe, expect, it } from 'vitest';
import { MasterKey } from './master-key.ts';
import { SearchIndex } from './search-index.ts';

describe('the search index', () => {
  const index = new SearchIndex(MasterKey.generate());

  it('finds a value by the whole of it, however it is typed', () => {
    const kept = index.termsOf('name', 'exact', '买买提·Ａli');
    expect(kept).toHaveLength(1);
    expect(index.queryTerms('name', ' 买买提 · ali')).toEqual(kept);
  });

  it('finds a value by its first two characters, and not by one', () => {
    const kept = index.termsOf('name', 'beginning', '欧阳文轩');
    expect(kept).toContain(index.queryTerms('name', '欧阳')[0]);
    expect(kept).toContain(index.queryTerms('name', '欧阳文轩')[0]);
    expect(kept).not.toContain(index.queryTerms('name', '欧')[0]);
    expect(kept).not.toContain(index.queryTerms('name', '阳文')[0]);
  });

  it('keeps one term where the beginning is all', () => {
    expect(index.termsOf('name', 'beginning', '张三')).toHaveLength(1);
    expect(index.termsOf('name', 'beginning', '张')).toHaveLength(1);
  });

  it('has nothing for nothing, and other terms for another kind and another key', () => {
    expect(index.termsOf('name', 'beginning', ' ')).toEqual([]);
    expect(index.queryTerms('name', '')).toEqual([]);
    const [name] = index.queryTerms('name', '100');
    expect(index.queryTerms('mobile', '100')).not.toContain(name);
    const other = new SearchIndex(MasterKey.generate());
    expect(other.queryTerms('name', '100')).not.toContain(name);
  });
});
