import type { Document, JsonObject, JsonValue } from '@unionfold/eventsourcing';
import { BSON } from 'mongodb';
import type { CollectionShape } from '../../collection-shape.ts';

/** A document as MongoDB has it. */
export interface StoredDocument {
  readonly _id: string;
  /** The fields, as they are; where `text` stands, only those that are searched. */
  readonly doc: JsonObject;
  /** The document as JSON, where MongoDB would not give it back as it is. */
  readonly text?: string;
}

/** Largest stored document in bytes: MongoDB takes 16 MB (limit BSON Document Size), with what a request adds to it. */
const maxBytes = 15 * 2 ** 20;
/** JSON of up to this many characters cannot come near {@link maxBytes}: `1,` becomes 13 bytes, a character 3. */
const smallLength = 2 ** 20;
/** What the fields of {@link StoredDocument} take beside their values, generously. Bytes. */
const overhead = 64;
/** MongoDB's limit is 100 levels (limit Nested Depth for BSON Documents), the document's own among them. */
const maxDepth = 90;

/** A document to be written. */
export interface DocumentToWrite {
  readonly stored: StoredDocument;
  /** What it takes as BSON, at most. */
  readonly bytes: number;
}

/**
 * Takes a document as it is now: later changes to the object have no effect.
 * @throws RangeError when an indexed field or the terms field holds what it cannot, or the document is too large
 */
export function storedDocument(shape: CollectionShape, document: Document): DocumentToWrite {
  const { id, ...fields } = document;
  const copy = naturalCopy(fields);
  if (copy === undefined) return awkwardDocument(shape, id, fields);
  checkFields(shape, copy.doc);
  return { stored: { _id: id, doc: copy.doc }, bytes: copy.bytes + 3 * id.length + overhead };
}

/** A document that is large, or that MongoDB may not give back as it is. */
function awkwardDocument(shape: CollectionShape, id: string, fields: object): DocumentToWrite {
  const json = JSON.stringify(fields);
  const doc = JSON.parse(json) as Record<string, JsonValue>;
  checkFields(shape, doc);
  const isSmall = json.length <= smallLength;
  const natural = { _id: id, doc };
  if (isNatural(doc)) {
    const bytes = BSON.calculateObjectSize(natural);
    if (bytes <= maxBytes) return { stored: natural, bytes };
  }
  const stored = { _id: id, doc: searchedFields(shape, doc, isSmall), text: json };
  const bytes = BSON.calculateObjectSize(stored);
  if (bytes <= maxBytes) return { stored, bytes };
  throw new RangeError(
    `${shape.name}: a document of ${json.length} characters is too large, at most ${maxBytes} bytes can be stored`,
  );
}

function checkFields(shape: CollectionShape, doc: Readonly<Record<string, JsonValue>>): void {
  for (const field of shape.fields) {
    const value = doc[field];
    if (typeof value === 'object' && value !== null) {
      throw new RangeError(
        `${shape.name}: ${field} is indexed and cannot hold a list or an object`,
      );
    }
  }
  if (shape.terms !== undefined && !isTermList(doc[shape.terms])) {
    throw new RangeError(`${shape.name}: ${shape.terms} must be an array of strings`);
  }
}

/** The document that was stored. */
export function documentOf(shape: CollectionShape, { _id, doc, text }: StoredDocument): Document {
  if (text === undefined) return { id: _id, ...doc };
  // A path may have been rewritten since the text was stored.
  const moved = shape.paths.flatMap((path) => {
    const value = doc[path];
    return typeof value === 'string' ? [[path, value] as const] : [];
  });
  return { id: _id, ...(JSON.parse(text) as object), ...Object.fromEntries(moved) };
}

/** Keys that MongoDB, its driver or JavaScript read otherwise than as a name. */
export function isNaturalKey(key: string): boolean {
  return (
    key !== '' &&
    key !== '__proto__' &&
    key !== '_bsontype' &&
    !key.startsWith('$') &&
    !key.includes('.') &&
    !key.includes('\0')
  );
}

/** A copy of small fields that BSON gives back as they are; undefined where they may be otherwise. */
function naturalCopy(
  fields: object,
): { readonly doc: Record<string, JsonValue>; readonly bytes: number } | undefined {
  const copier = new NaturalCopier();
  const doc = copier.object(fields, 1);
  return copier.bytes <= smallLength ? { doc, bytes: copier.bytes } : undefined;
}

/** Copies JSON, and counts what it takes as BSON at most: beyond all bounds where it may not come back as it is. */
class NaturalCopier {
  bytes = 0;

  object(source: object, depth: number): Record<string, JsonValue> {
    const copy: Record<string, JsonValue> = {};
    const isPlain = Object.getPrototypeOf(source) === Object.prototype && depth <= maxDepth;
    if (!isPlain) this.bytes = Number.POSITIVE_INFINITY;
    this.bytes += 5;
    if (this.bytes > smallLength) return copy;
    for (const [key, value] of Object.entries(source)) {
      if (value === undefined) continue;
      if (!isNaturalKey(key)) this.bytes = Number.POSITIVE_INFINITY;
      else {
        this.bytes += 3 * key.length + 2;
        copy[key] = this.#value(value, depth + 1);
      }
    }
    return copy;
  }

  #value(value: unknown, depth: number): JsonValue {
    if (typeof value === 'string') {
      this.bytes += value.isWellFormed() ? 3 * value.length + 5 : Number.POSITIVE_INFINITY;
      return value;
    }
    if (typeof value === 'number') {
      this.bytes += Number.isFinite(value) ? 8 : Number.POSITIVE_INFINITY;
      // JSON has no negative zero.
      return value + 0;
    }
    if (typeof value === 'boolean' || value === null) {
      this.bytes += 1;
      return value;
    }
    if (Array.isArray(value)) return this.#array(value, depth);
    if (typeof value === 'object') return this.object(value, depth);
    this.bytes = Number.POSITIVE_INFINITY;
    return null;
  }

  #array(source: readonly unknown[], depth: number): JsonValue[] {
    this.bytes += depth > maxDepth ? Number.POSITIVE_INFINITY : 5 + 9 * source.length;
    if (this.bytes > smallLength) return [];
    return source.map((value) => this.#value(value, depth + 1));
  }
}

/** Whether BSON gives the value back as it is. */
function isNatural(value: JsonValue | undefined, depth = 1): boolean {
  // UTF-8 has no lone surrogates.
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value !== 'object' || value === null) return true;
  if (depth > maxDepth) return false;
  if (Array.isArray(value)) return value.every((one) => isNatural(one, depth + 1));
  return Object.entries(value).every(
    ([key, one]) => isNaturalKey(key) && isNatural(one, depth + 1),
  );
}

/** Fields that a query may name. */
function searchedFields(
  { fields, terms }: CollectionShape,
  doc: Readonly<Record<string, JsonValue>>,
  isSmall: boolean,
): JsonObject {
  const indexed = new Set(terms === undefined ? fields : [...fields, terms]);
  const isSearched = ([key, value]: [string, JsonValue]) =>
    indexed.has(key) || (isSmall && isNaturalKey(key) && typeof value !== 'object');
  return Object.fromEntries(Object.entries(doc).filter(isSearched));
}

function isTermList(value: JsonValue | undefined): boolean {
  if (value === undefined || value === null) return true;
  return Array.isArray(value) && value.every((term) => typeof term === 'string');
}
