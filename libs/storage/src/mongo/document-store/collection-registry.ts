import type { CollectionSpec } from '@unionfold/eventsourcing';
import type { ClientSession, Collection, Db, IndexDescription } from 'mongodb';
import { type CollectionShape, shapeOf } from '../../collection-shape.ts';
import { DocumentNotUniqueError } from '../../document-not-unique-error.ts';
import { ensureCollection } from '../connection/migrations.ts';
import { isDuplicateKey } from '../connection/mongo-errors.ts';
import { runWrites, type WriteCommand, type WriteOperation } from '../connection/write-command.ts';
import { placeOf } from './document-filter.ts';
import type { StoredDocument } from './stored-document.ts';

/** What a collection was defined with. */
interface CollectionRecord {
  readonly _id: string;
  readonly layout: CollectionShape;
  /** Grows with every definition, so that of two at the same time neither is lost. */
  readonly revision: number;
}

/** The collections of a document store, as any of its processes have defined them. */
export class CollectionRegistry {
  readonly #database: Db;
  readonly #shapes = new Map<string, CollectionShape>();

  constructor(database: Db) {
    this.#database = database;
  }

  get #records(): Collection<CollectionRecord> {
    return this.#database.collection('collections');
  }

  /** Where a collection's documents are. */
  documents(collection: string): Collection<StoredDocument> {
    return this.#database.collection(physical(collection));
  }

  /** Reads what is defined now. */
  async load(): Promise<void> {
    const records = await this.#records.find().toArray();
    this.#shapes.clear();
    for (const { _id, layout } of records) this.#shapes.set(_id, layout);
  }

  /** Whether the shapes of all these are at hand. */
  isKnown(collections: Iterable<string>): boolean {
    return [...collections].every((name) => this.#shapes.has(name));
  }

  /** @throws RangeError for a collection that is not defined, as far as is known */
  shape(collection: string): CollectionShape {
    const shape = this.#shapes.get(collection);
    if (shape === undefined) throw new RangeError(`collection ${collection} is not defined`);
    return shape;
  }

  /**
   * Asks again for a collection that another process may have defined since.
   * @throws RangeError when it is not defined
   */
  async find(collection: string): Promise<CollectionShape> {
    if (!this.#shapes.has(collection)) await this.load();
    return this.shape(collection);
  }

  /**
   * Asks, within a transaction, whether collections are still there: a write to one that another process has dropped
   * would make it again, unknown to the registry.
   * @throws RangeError when one is not defined
   */
  async assertDefined(collections: readonly string[], session: ClientSession): Promise<void> {
    if (collections.length === 0) return;
    const found = await this.#records
      .find({ _id: { $in: [...collections] } }, { session, projection: { _id: 1 } })
      .toArray();
    const names = new Set(found.map(({ _id }) => _id));
    for (const name of collections.filter((one) => !names.has(one))) this.#shapes.delete(name);
    for (const name of collections) this.shape(name);
  }

  /** Which of these documents there are. */
  async existing(
    collection: string,
    ids: readonly string[],
    session: ClientSession,
  ): Promise<ReadonlySet<string>> {
    const found = await this.documents(collection)
      .find({ _id: { $in: [...ids] } }, { session, projection: { _id: 1 } })
      .toArray();
    return new Set(found.map(({ _id }) => _id));
  }

  /**
   * Runs writes, see {@link runWrites}.
   * @throws DocumentNotUniqueError when a unique index has the values of one already
   */
  async write(
    collection: string,
    command: WriteCommand,
    operations: readonly WriteOperation[],
    session: ClientSession,
  ): Promise<void> {
    const into = { database: this.#database, name: physical(collection) };
    await runWrites(into, command, operations, session).catch((error: unknown) => {
      throw isDuplicateKey(error) ? new DocumentNotUniqueError({ cause: error }) : error;
    });
  }

  async names(): Promise<string[]> {
    const records = await this.#records.find({}, { projection: { _id: 1 } }).toArray();
    return records.map(({ _id }) => _id).sort();
  }

  /**
   * Creates what is missing. Nothing is made before all of it is known to be possible.
   * @throws RangeError for names that cannot be, or when the terms field would change
   * @throws DocumentNotUniqueError when documents contradict a new unique index
   */
  async define(specs: readonly CollectionSpec[]): Promise<void> {
    await this.load();
    const shapes = new Map<string, CollectionShape>();
    for (const spec of specs) {
      const shape = shapeOf(spec, shapes.get(spec.name) ?? this.#shapes.get(spec.name));
      indexesOf(shape);
      shapes.set(spec.name, shape);
    }
    for (const spec of specs) await this.#defineOne(spec);
  }

  async drop(collections: Iterable<string>): Promise<void> {
    for (const name of new Set(collections)) {
      this.#shapes.delete(name);
      // First the record: what is written from now on is refused, what is under way is waited for by the drop.
      await this.#records.deleteOne({ _id: name });
      await this.documents(name).drop();
    }
  }

  async #defineOne(spec: CollectionSpec): Promise<void> {
    const { name } = spec;
    for (;;) {
      const before = await this.#records.findOne({ _id: name });
      const shape = shapeOf(spec, before?.layout);
      const isThere = before !== null && JSON.stringify(shape) === JSON.stringify(before.layout);
      if (!isThere) await this.#create(name, indexesOf(shape));
      if (isThere || (await this.#record(name, shape, before))) {
        this.#shapes.set(name, shape);
        return;
      }
    }
  }

  async #create(name: string, indexes: IndexDescription[]): Promise<void> {
    await ensureCollection(this.#database, physical(name));
    if (indexes.length === 0) return;
    try {
      await this.documents(name).createIndexes(indexes);
    } catch (error) {
      throw isDuplicateKey(error) ? new DocumentNotUniqueError({ cause: error }) : error;
    }
  }

  /** @returns whether it was done; not when another process has changed the record since */
  async #record(
    name: string,
    layout: CollectionShape,
    before: CollectionRecord | null,
  ): Promise<boolean> {
    if (before !== null) {
      const { matchedCount } = await this.#records.updateOne(
        { _id: name, revision: before.revision },
        { $set: { layout }, $inc: { revision: 1 } },
        { ignoreUndefined: true },
      );
      return matchedCount === 1;
    }
    try {
      await this.#records.insertOne({ _id: name, layout, revision: 1 }, { ignoreUndefined: true });
      return true;
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  }
}

/** MongoDB's name of a collection. */
function physical(name: string): string {
  return `d_${name}`;
}

/**
 * The indexes of a collection. The id makes every order along an index total, so that a page is read off it.
 * @throws RangeError for a field that MongoDB cannot index
 */
function indexesOf({ indexes, terms }: CollectionShape): IndexDescription[] {
  const descriptions = indexes.flatMap(({ fields, unique = false }): IndexDescription[] => {
    const along = { key: keyOf(fields.includes('id') ? fields : [...fields, 'id']) };
    if (!unique) return [along];
    // Absent values are not equal to each other. The planner does not use an index of some of the documents for
    // queries of all, so that there is one beside it.
    const present = Object.fromEntries(
      fields.map((field) => [placeOf(field), { $type: ['string', 'number', 'bool'] }] as const),
    );
    return [{ key: keyOf(fields), unique, partialFilterExpression: present }, along];
  });
  const byKey = new Map(descriptions.map((one) => [JSON.stringify([one.key, one.unique]), one]));
  if (terms !== undefined) byKey.set('terms', { key: { [placeOf(terms)]: 1, _id: 1 } });
  return [...byKey.values()];
}

function keyOf(fields: readonly string[]): Record<string, 1> {
  return Object.fromEntries(fields.map((field) => [placeOf(field), 1] as const));
}
