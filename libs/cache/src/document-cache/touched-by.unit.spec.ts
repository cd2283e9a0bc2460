import { describe, expect, it } from 'vitest';
import { touchedBy } from './touched-by.ts';

const put = (collection: string, id: string) => ({ collection, document: { id } });
const isCached = (collection: string) => collection !== 'plain';

describe('what a change touches', () => {
  it('is each document that it puts or deletes in a cached collection, once', () => {
    const change = {
      puts: [put('unions', 'a'), put('unions', 'b'), put('plain', 'c'), put('unions', 'a')],
      deletes: [
        { collection: 'members', id: 'a' },
        { collection: 'plain', id: 'd' },
      ],
    };
    expect(touchedBy(change, isCached, 10)).toEqual({
      collections: [],
      documents: [
        { collection: 'unions', id: 'a' },
        { collection: 'unions', id: 'b' },
        { collection: 'members', id: 'a' },
      ],
    });
  });

  it('is the whole collection where paths are rewritten', () => {
    const rewrite = { field: 'path', from: '/a/', to: '/b/' };
    const change = {
      rewrites: [
        { collection: 'unions', ...rewrite },
        { collection: 'plain', ...rewrite },
      ],
      puts: [put('unions', 'a'), put('members', 'm')],
    };
    expect(touchedBy(change, isCached, 10)).toEqual({
      collections: ['unions'],
      documents: [{ collection: 'members', id: 'm' }],
    });
  });

  it('is the whole collection where more documents are written than are marked one by one', () => {
    const ids = ['a', 'b', 'c', 'd', 'd'];
    const puts = ids.map((id) => put('unions', id));
    expect(touchedBy({ puts }, isCached, 4).documents).toHaveLength(4);
    expect(touchedBy({ puts }, isCached, 3)).toEqual({ collections: ['unions'], documents: [] });
  });

  it('is nothing where nothing cached is written', () => {
    const nothing = { collections: [], documents: [] };
    expect(touchedBy({}, isCached, 1)).toEqual(nothing);
    expect(touchedBy({ puts: [put('plain', 'a')] }, isCached, 1)).toEqual(nothing);
  });
});
