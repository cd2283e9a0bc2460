import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ScratchStore } from './scratch-store.ts';

const folders = () =>
  readdirSync(tmpdir()).filter((name) => name.startsWith('unionfold-verify-')).length;

describe('ScratchStore', () => {
  let store: ScratchStore;
  beforeEach(() => {
    store = new ScratchStore([{ name: 'unions', paths: ['path'] }, { name: 'notes' }]);
  });
  afterEach(() => store.close());

  const put = (...documents: { readonly id: string; readonly path?: string }[]) =>
    store.write({ puts: documents.map((document) => ({ collection: 'unions', document })) });

  it('gives documents back as they were, in the order of ids as bytes', async () => {
    const awkward = { id: '一', 'a.b': { $c: [1, null, 0.5] }, path: 'x', text: '"' };
    put({ id: 'b' }, awkward, { id: '🀄' }, { id: '\uFFFD' }, { id: 'a' });
    store.write({ deletes: [{ collection: 'unions', id: 'a' }] });
    expect([...store.documents('unions')]).toEqual([
      { id: 'b' },
      awkward,
      { id: '\uFFFD' },
      { id: '🀄' },
    ]);
    expect(await store.getMany('unions', ['b', 'c'])).toEqual(new Map([['b', { id: 'b' }]]));
    expect([...store.documents('notes')]).toEqual([]);
  });

  it('rewrites paths by their prefix, before it puts', () => {
    put(
      { id: 'a', path: '/cn/a/' },
      { id: 'b', path: '/cn/a/乙/b/' },
      { id: 'c', path: '/cn/ab/' },
    );
    store.write({
      rewrites: [{ collection: 'unions', field: 'path', from: '/cn/a/', to: '/甲/' }],
      puts: [{ collection: 'unions', document: { id: 'd', path: '/cn/a/d/' } }],
    });
    expect([...store.documents('unions')].map(({ path }) => path)).toEqual([
      '/甲/',
      '/甲/乙/b/',
      '/cn/ab/',
      '/cn/a/d/',
    ]);
  });

  it('leaves nothing behind', () => {
    const before = folders();
    const other = new ScratchStore([{ name: 'unions' }]);
    expect(folders()).toBe(before + 1);
    other.close();
    expect(folders()).toBe(before);
    expect(existsSync(tmpdir())).toBe(true);
  });
});
