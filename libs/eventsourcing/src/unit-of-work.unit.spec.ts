import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Document } from './document-store.ts';
import { MemoryDocumentStore } from './memory-document-store.fixture.ts';
import { UnitOfWork } from './unit-of-work.ts';

type Step =
  | { readonly do: 'put' | 'delete' | 'get'; readonly id: string; readonly path: string }
  | { readonly do: 'prefetch'; readonly ids: readonly string[] }
  | { readonly do: 'rewrite'; readonly from: string; readonly to: string };

/** One event: several steps, of which the last may fail. */
interface Part {
  readonly steps: readonly Step[];
  readonly fails: boolean;
}

const id = fc.constantFrom('a', 'b', 'c', 'd');
const path = fc.constantFrom('/x/', '/x/y/', '/x/y/z/', '/w/', '/w/y/', '');
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constantFrom('put', 'delete', 'get'), id, path }),
  fc.record({ do: fc.constant('prefetch'), ids: fc.array(id, { maxLength: 4 }) }),
  fc.record({ do: fc.constant('rewrite'), from: path, to: path }),
);
const part: fc.Arbitrary<Part> = fc.record({
  steps: fc.array(step, { maxLength: 8 }),
  fails: fc.boolean(),
});

/** What the steps mean when every one is done at once. */
function inModel(documents: Map<string, Document>, current: Step): void {
  switch (current.do) {
    case 'put':
      documents.set(current.id, { id: current.id, path: current.path });
      return;
    case 'delete':
      documents.delete(current.id);
      return;
    case 'rewrite':
      for (const [key, document] of documents) {
        const before = String(document['path']);
        if (!before.startsWith(current.from)) continue;
        const moved = current.to + before.slice(current.from.length);
        documents.set(key, { ...document, path: moved });
      }
      return;
    default:
  }
}

async function inUnit(unit: UnitOfWork, current: Step): Promise<void> {
  switch (current.do) {
    case 'put':
      unit.put('tree', { id: current.id, path: current.path });
      return;
    case 'delete':
      unit.delete('tree', current.id);
      return;
    case 'rewrite':
      unit.rewrite('tree', 'path', current.from, current.to);
      return;
    case 'prefetch':
      await unit.prefetch('tree', current.ids);
      return;
    case 'get':
      await unit.get('tree', current.id);
  }
}

describe('UnitOfWork', () => {
  it('reads and leaves behind what the same steps done one by one would, failed parts left out', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.record({ id, path }), { selector: (document) => document.id }),
        fc.array(part, { maxLength: 6 }),
        async (before, parts) => {
          const store = new MemoryDocumentStore();
          await store.define([{ name: 'tree', indexes: [] }]);
          const puts = before.map((document) => ({ collection: 'tree', document }));
          await store.commit({ puts });
          let model = new Map<string, Document>(before.map((document) => [document.id, document]));
          const unit = new UnitOfWork(store);
          for (const { steps, fails } of parts) {
            const next = new Map(model);
            const attempt = unit.attempt(async (own) => {
              for (const current of steps) {
                inModel(next, current);
                await inUnit(own, current);
                if (current.do !== 'get') continue;
                expect(await own.get('tree', current.id)).toEqual(next.get(current.id));
              }
              if (fails) throw new Error('poison');
            });
            if (fails) await expect(attempt).rejects.toThrow('poison');
            else {
              await attempt;
              model = next;
            }
            for (const key of ['a', 'b', 'c', 'd']) {
              if (steps.length % 2 === 0) break;
              expect(await unit.get('tree', key)).toEqual(model.get(key));
            }
          }
          await store.commit(unit.toChange([]));
          expect(store.all('tree')).toEqual(Object.fromEntries(model));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('writes a document that many events touch once', async () => {
    const store = new MemoryDocumentStore();
    const unit = new UnitOfWork(store, (name) => `g7_${name}`);
    for (let n = 0; n < 100; n++) unit.put('tree', { id: 'a', n });
    expect(unit.toChange([]).puts).toEqual([
      { collection: 'g7_tree', document: { id: 'a', n: 99 } },
    ]);
  });

  it('writes nothing that was only read', async () => {
    const store = new MemoryDocumentStore();
    await store.define([{ name: 'tree', indexes: [] }]);
    await store.commit({ puts: [{ collection: 'tree', document: { id: 'a', path: '/x/' } }] });
    const unit = new UnitOfWork(store);
    await unit.attempt(async (own) => {
      await own.prefetch('tree', ['a', 'b']);
      own.rewrite('tree', 'path', '/x/', '/y/');
    });
    expect(await unit.get('tree', 'a')).toEqual({ id: 'a', path: '/y/' });
    expect(unit.toChange([])).toEqual({
      rewrites: [{ collection: 'tree', field: 'path', from: '/x/', to: '/y/' }],
      puts: [],
      deletes: [],
      checkpoints: [],
    });
  });

  it('does not let a slow read undo what was written meanwhile', async () => {
    const store = new MemoryDocumentStore();
    await store.define([{ name: 'tree', indexes: [] }]);
    await store.commit({
      puts: ['a', 'b'].map((name) => ({
        collection: 'tree',
        document: { id: name, path: '/x/', n: 1 },
      })),
    });
    const unit = new UnitOfWork(store);
    const reading = unit.prefetch('tree', ['a', 'b']);
    unit.put('tree', { id: 'a', path: '/x/', n: 2 });
    unit.rewrite('tree', 'path', '/x/', '/w/');
    await reading;
    expect(await unit.get('tree', 'a')).toEqual({ id: 'a', path: '/w/', n: 2 });
    expect(await unit.get('tree', 'b')).toEqual({ id: 'b', path: '/w/', n: 1 });
  });

  it('lets nothing through that a failed part writes later, and says so', async () => {
    const unit = new UnitOfWork(new MemoryDocumentStore());
    const straggler = Promise.withResolvers<void>();
    let late: Promise<void> = Promise.resolve();
    const attempt = unit.attempt(async (own) => {
      late = straggler.promise.then(() => own.put('tree', { id: 'late' }));
      throw new Error('poison');
    });
    await expect(attempt).rejects.toThrow('poison');
    straggler.resolve();
    await expect(late).rejects.toThrow('an await is missing');
    expect(unit.toChange([]).puts).toEqual([]);
  });
});
