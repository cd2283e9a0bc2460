import type { Document, DocumentQuery, ReadModel } from '@unionfold/eventsourcing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DocumentList, decodeCursor, encodeCursor, readPage } from './page.ts';
import { Refused } from './refused.ts';

/** Documents sorted by `group` and `id`, as the port promises it. */
function modelOf(documents: readonly Document[]): ReadModel & { asked: number } {
  const key = (document: Document) => [String(document['group']), document.id] as const;
  const compare = (a: readonly string[], b: readonly string[]) => {
    const at = a.findIndex((part, index) => part !== b[index]);
    return at < 0 ? 0 : (a[at] ?? '') < (b[at] ?? '') ? -1 : 1;
  };
  const sorted = documents.toSorted((a, b) => compare(key(a), key(b)));
  return {
    asked: 0,
    async find(_collection: string, { after, limit }: DocumentQuery) {
      this.asked++;
      return sorted
        .filter((document) => after === undefined || compare(key(document), after.map(String)) > 0)
        .slice(0, limit);
    },
    get: async () => undefined,
    getMany: async () => new Map(),
    count: async () => 0,
  };
}

async function readAll(model: ReadModel, list: DocumentList, limit: number): Promise<string[][]> {
  const pages: string[][] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await readPage(model, list, {
      limit,
      ...(cursor === undefined ? {} : { cursor }),
    });
    pages.push(page.items.map(({ id }) => id));
    if (page.next === undefined) return pages;
    cursor = page.next;
  }
}

const list: DocumentList = { collection: 'things', orderBy: ['group', 'id'] };

describe('A list', () => {
  it('is read whole and in order, whatever the page, the ties and what is left out', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 700 }),
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 1, max: 5 }),
        async (count, limit, every) => {
          const documents = Array.from({ length: count }, (_, i) => ({
            id: String(i).padStart(4, '0'),
            group: String(i % 3),
          }));
          const keep = (document: Document) => Number(document.id) % every === 0;
          const expected = documents
            .filter(keep)
            .toSorted((a, b) => (a.group + a.id < b.group + b.id ? -1 : 1))
            .map(({ id }) => id);
          const pages = await readAll(modelOf(documents), { ...list, keep }, limit);
          expect(pages.flat()).toEqual(expected);
          expect(pages.slice(0, -1).every((page) => page.length === limit)).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('of which nearly all is left out looks at a bounded number for one page', async () => {
    const documents = Array.from({ length: 10_000 }, (_, i) => ({
      id: String(i).padStart(5, '0'),
      group: '',
    }));
    const model = modelOf(documents);
    const keep = (document: Document) => document.id === '09999';
    const first = await readPage(model, { ...list, keep }, { limit: 10 });
    expect(first.items).toEqual([]);
    expect(first.next).toBeDefined();
    expect(model.asked).toBeLessThanOrEqual(20);
    expect((await readAll(model, { ...list, keep }, 10)).flat()).toEqual(['09999']);
  });
});

describe('A cursor', () => {
  it('goes with its list alone', () => {
    const cursor = encodeCursor(['a', { where: 1 }], ['x', 'id']);
    expect(decodeCursor(['a', { where: 1 }], cursor)).toEqual(['x', 'id']);
    for (const other of [['a', { where: 2 }], ['b', { where: 1 }], []]) {
      expect(() => decodeCursor(other, cursor)).toThrow(Refused);
    }
  });

  it('that nobody gave is refused, however it looks', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.base64String(), fc.json()), (text) => {
        const encoded = Buffer.from(text).toString('base64url');
        for (const cursor of [text, encoded]) {
          expect(() => decodeCursor(['a'], cursor)).toThrow(Refused);
        }
      }),
    );
  });

  it('with other than plain values is refused', () => {
    const [mark] = JSON.parse(Buffer.from(encodeCursor(['a'], ['x']), 'base64url').toString());
    const forged = Buffer.from(JSON.stringify([mark, { $gt: '' }])).toString('base64url');
    expect(() => decodeCursor(['a'], forged)).toThrow(Refused);
  });
});
