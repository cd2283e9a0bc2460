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
/** MongoDB's limit is 100 levels (limit Nested Depth for BSON Documents), the document's own among them. */
const maxDepth = 90;

/**
 * Takes a document as it is now: later changes to the object have no effect.
 * @throws RangeError when an indexed field or the terms field holds what it cannot, or the document is too large
 */
export function storedDocument(shape: CollectionShape, document: Document): StoredDocument {
  const { id, ...fields } = document;
  const json = JSON.stringify(fields);
  const doc = JSON.parse(json) as Record<string, JsonValue>;
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
  const isSmall = json.length <= smallLength;
  const fits = (stored: StoredDocument) => isSmall || BSON.calculateObjectSize(stored) <= maxBytes;
  const natural = { _id: id, doc };
  if (isNatural(doc) && fits(natural)) return natural;
  const asText = { _id: id, doc: searchedFields(shape, doc, isSmall), text: json };
  if (fits(asText)) return asText;
  throw new RangeError(
    `${shape.name}: a document of ${json.length} characters is too large, at most ${maxBytes} bytes can be stored`,
  );
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
