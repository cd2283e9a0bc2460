import type { Document, JsonObject, JsonValue } from '@unionfold/eventsourcing';
import type { CollectionLayout } from '../../sqlite/collection-layout.ts';

/** A document as MongoDB has it. */
export interface StoredDocument {
  readonly _id: string;
  /** The fields, as they are; where `text` stands, only those that are indexed. */
  readonly doc: JsonObject;
  /** The document as JSON, where its keys would mean something to MongoDB or to its driver. */
  readonly text?: string;
}

/** Largest document as JSON, in characters: with up to 3 bytes each, far enough below MongoDB's 16 MB. */
const maxLength = 5 * 2 ** 20;

/** Keys that MongoDB, its driver or JavaScript read otherwise than as a name; looked for in JSON, where quotes are escaped. */
const awkward = /"(?:_bsontype|__proto__|\$[^"]*|[^"]*\\u0000[^"]*|[^"]*\.[^"]*|)":/;

/**
 * Takes a document as it is now: later changes to the object have no effect.
 * @throws RangeError when an indexed field or the terms field holds what it cannot, or the document is too large
 */
export function storedDocument(layout: CollectionLayout, document: Document): StoredDocument {
  const { id, ...fields } = document;
  const json = JSON.stringify(fields);
  if (json.length > maxLength) {
    throw new RangeError(
      `${layout.name}: a document of ${json.length} characters, at most ${maxLength} can be stored`,
    );
  }
  const doc = JSON.parse(json) as Record<string, JsonValue>;
  for (const field of layout.fields) {
    const value = doc[field];
    if (typeof value === 'object' && value !== null) {
      throw new RangeError(`${layout.name}: ${field} is indexed and cannot hold a list or an object`);
    }
  }
  const { terms } = layout;
  if (terms !== undefined && !isTermList(doc[terms])) {
    throw new RangeError(`${layout.name}: ${terms} must be an array of strings`);
  }
  if (!awkward.test(json)) return { _id: id, doc };
  const indexed: Record<string, JsonValue> = {};
  for (const field of [...layout.fields, ...(terms === undefined ? [] : [terms])]) {
    const value = doc[field];
    if (value !== undefined) indexed[field] = value;
  }
  return { _id: id, doc: indexed, text: json };
}

/** The document that was stored. */
export function documentOf({ _id, doc, text }: StoredDocument): Document {
  // A path may have been rewritten since the text was stored.
  if (text !== undefined) return { id: _id, ...(JSON.parse(text) as object), ...doc };
  return { id: _id, ...doc };
}

function isTermList(value: JsonValue | undefined): boolean {
  if (value === undefined || value === null) return true;
  return Array.isArray(value) && value.every((term) => typeof term === 'string');
}
