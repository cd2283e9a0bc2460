import type { Document } from '@unionfold/eventsourcing';
import Type from 'typebox';
import { type GatewayContext, scopeOf } from '../context.ts';
import { wordSchema } from '../http/enum-words.ts';
import { type Api, callerOf } from '../http/exchange.ts';
import { operation, reference } from '../http/operation.ts';
import { type DocumentList, pageFields, pageOf, readPage } from '../http/page.ts';
import { refused } from '../http/refused.ts';
import type { Caller } from '../identity/caller.ts';
import type { Scope } from '../jurisdiction/jurisdiction.ts';
import type { CaseDocument, FundLineDocument } from '../read-models/federation/documents.ts';
import { caseAnswer, caseStatuses, HardshipCase } from './answers.ts';

const roles = ['cadre', 'worker'] as const;

/** The work list of hardship cases (困难帮扶): a cadre's jurisdiction, a worker's own. */
export function caseQueries(api: Api, context: GatewayContext): void {
  const { federation } = context;
  api.addSchema(HardshipCase);

  api.get(
    '/hardship-cases',
    operation({
      id: 'listHardshipCases',
      tag: 'hardship-cases',
      summary: { zh: '困难档案列表', en: 'List hardship cases' },
      roles,
      querystring: Type.Object({
        status: Type.Optional(wordSchema(caseStatuses)),
        ...pageFields,
      }),
      answer: pageOf(reference(HardshipCase)),
      problems: ['page-token-invalid', 'field-value-not-allowed'],
    }),
    async (request) => {
      const caller = callerOf(request);
      const scope = await scopeOf(context, request);
      const { status, ...page } = request.query;
      const where = status === undefined ? {} : { status: caseStatuses.toValue(status) };
      const list = await listFor(caller, scope, where);
      if (list === undefined) return { items: [] };
      const found = await readPage(federation, list, page);
      const lines = await federation.getMany('fund_lines', fundLineIds(found.items));
      return {
        ...found,
        items: found.items.map((document) => answer(document, lines, scope)),
      };
    },
  );

  api.get(
    '/hardship-cases/:caseId',
    operation({
      id: 'getHardshipCase',
      tag: 'hardship-cases',
      summary: { zh: '困难档案', en: 'One hardship case' },
      roles,
      params: Type.Object({ caseId: Type.String() }),
      answer: HardshipCase,
      problems: ['case-unknown'],
    }),
    async (request, reply) => {
      const scope = await scopeOf(context, request);
      const found = await federation.get('cases', request.params.caseId);
      if (found === undefined || !isVisible(found as CaseDocument, callerOf(request), scope)) {
        throw refused('case-unknown', { field: 'caseId' });
      }
      const lines = await federation.getMany('fund_lines', fundLineIds([found]));
      reply.header('etag', `"${(found as CaseDocument).version}"`);
      return answer(found, lines, scope);
    },
  );
}

async function listFor(
  caller: Caller,
  scope: Scope,
  where: Readonly<Record<string, string>>,
): Promise<DocumentList | undefined> {
  if (caller.role === 'worker') {
    return {
      collection: 'cases',
      where: { ...where, memberId: caller.memberId },
      orderBy: ['id'],
    };
  }
  const path = await scope.path();
  return path === undefined
    ? undefined
    : { collection: 'cases', where, prefix: { path }, orderBy: ['path', 'id'] };
}

function isVisible(document: CaseDocument, caller: Caller, scope: Scope): boolean {
  return caller.role === 'worker'
    ? document.memberId === caller.memberId
    : scope.covers(document.path);
}

function fundLineIds(documents: readonly Document[]): string[] {
  const ids = documents.map((document) => (document as CaseDocument).fundLineId);
  return [...new Set(ids.filter((id) => id !== ''))];
}

function answer(document: Document, lines: ReadonlyMap<string, Document>, scope: Scope) {
  const found = document as CaseDocument;
  const line = lines.get(found.fundLineId) as FundLineDocument | undefined;
  return caseAnswer(found, line, scope);
}
