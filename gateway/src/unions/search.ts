import { federationIdOfRegion, nameMatches, queryTerms } from '@unionfold/codes';
import type { Document, ReadModel } from '@unionfold/eventsourcing';
import { type DocumentList, type Page, type PageRequest, readPage } from '../http/page.ts';
import type { Scope } from '../jurisdiction/jurisdiction.ts';
import type { UnionDocument } from '../read-models/federation/documents.ts';

/**
 * Unions of the jurisdiction by a part of the name, its pinyin or initials, or by id, social credit code or region
 * code; all of them when nothing is asked. The upper ones first.
 */
export async function searchUnions(
  federation: ReadModel,
  scope: Scope,
  query: string,
  page: PageRequest,
): Promise<Page<Document>> {
  const path = await scope.path();
  if (path === undefined) return { items: [] };
  const text = query.trim();
  const byCode = page.cursor === undefined ? await unionByCode(federation, scope, text) : undefined;
  if (byCode !== undefined) return { items: [byCode] };
  const [term] = queryTerms(text).toSorted((a, b) => b.length - a.length);
  // A text without a letter, digit or Han character is no part of any name.
  if (term === undefined && text !== '') return { items: [] };
  const list: DocumentList = {
    collection: 'unions',
    prefix: { path },
    orderBy: ['path', 'id'],
    mark: text,
    keep: (document) => {
      const { name, status } = document as UnionDocument;
      return status !== 'unknown' && scope.covers(String(document['path'])) && matches(name, text);
    },
    ...(term === undefined ? {} : { term }),
  };
  return await readPage(federation, list, page);
}

/** GB 32100 */
const creditCodeLength = 18;

function matches(name: string, text: string): boolean {
  return text === '' || nameMatches(name, text);
}

async function unionByCode(
  federation: ReadModel,
  scope: Scope,
  text: string,
): Promise<Document | undefined> {
  if (!/^[\w-]{2,64}$/.test(text)) return undefined;
  const byId = (await scope.union(text)) ?? (await scope.union(text.toLowerCase()));
  if (byId !== undefined) return byId;
  if (/^\d{6}(\d{3})?$/.test(text)) return await scope.union(federationIdOfRegion(text));
  if (text.length !== creditCodeLength) return undefined;
  const code = text.toUpperCase();
  const found = await federation.find('unions', { term: code.toLowerCase(), limit: 20 });
  return found.find((document) => {
    const union = document as UnionDocument;
    return union.creditCode === code && union.status !== 'unknown' && scope.covers(union.path);
  });
}
