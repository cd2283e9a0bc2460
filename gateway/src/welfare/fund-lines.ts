import { isRefusal } from '@unionfold/eventsourcing';
import type { FastifyRequest } from 'fastify';
import Type from 'typebox';
import { type GatewayContext, scopeOf } from '../context.ts';
import { accepts, fenField, idField } from '../http/command-fields.ts';
import { wordSchema } from '../http/enum-words.ts';
import { type Api, accepted, commandOrigin, queryOrigin } from '../http/exchange.ts';
import { body, operation, reference } from '../http/operation.ts';
import { pageFields, pageOf, readPage } from '../http/page.ts';
import { refused } from '../http/refused.ts';
import type { Scope } from '../jurisdiction/jurisdiction.ts';
import type { FundLineDocument } from '../read-models/federation/documents.ts';
import { FundLine, fundLineAnswer, fundSources } from './answers.ts';

const roles = ['cadre'] as const;

/** The money that helps (资金项). */
export function fundLineRoutes(api: Api, context: GatewayContext): void {
  const { federation, services } = context;
  api.addSchema(FundLine);

  api.post(
    '/fund-lines',
    operation({
      id: 'openFundLine',
      tag: 'fund-lines',
      summary: { zh: '设立资金项', en: 'Open a fund line' },
      roles,
      command: 'plain',
      body: body(
        {
          unionId: Type.Optional(idField('设立的工会,默认本工会 | Default the caller’s.')),
          source: wordSchema(fundSources, '资金来源 | Where the money comes from.'),
          name: Type.String({ maxLength: 400 }),
          budgetFen: fenField('预算(分) | Budget.'),
        },
        {
          examples: [{ source: 'union-dues', name: '2026年帮扶资金', budgetFen: 50_000_000 }],
        },
      ),
      status: 201,
      ...accepts,
      problems: [
        'union-unknown',
        'union-not-live',
        'name-missing',
        'name-too-long',
        'amount-invalid',
        'field-value-not-allowed',
      ],
    }),
    async (request, reply) => {
      const origin = commandOrigin(request);
      const scope = await scopeOf(context, request);
      const { unionId = scope.unionId, source, name, budgetFen } = request.body;
      await scope.requirePlace(unionId);
      return accepted(
        reply,
        await services.welfare.openFundLine(
          {
            fundLineId: '',
            unionId,
            source: fundSources.toValue(source),
            name,
            budgetFen: BigInt(budgetFen),
          },
          origin,
        ),
        (id) => `/api/v1/fund-lines/${id}`,
      );
    },
  );

  api.get(
    '/fund-lines',
    operation({
      id: 'listFundLines',
      tag: 'fund-lines',
      summary: { zh: '资金项列表', en: 'List fund lines' },
      roles,
      querystring: Type.Object({ ...pageFields }),
      answer: pageOf(reference(FundLine)),
      problems: ['page-token-invalid'],
    }),
    async (request) => {
      const path = await (await scopeOf(context, request)).path();
      if (path === undefined) return { items: [] };
      const found = await readPage(
        federation,
        { collection: 'fund_lines', prefix: { path }, orderBy: ['path', 'id'] },
        request.query,
      );
      return {
        ...found,
        items: found.items.map((line) => fundLineAnswer(line as FundLineDocument)),
      };
    },
  );

  api.get(
    '/fund-lines/:fundLineId',
    operation({
      id: 'getFundLine',
      tag: 'fund-lines',
      summary: { zh: '资金项', en: 'One fund line' },
      roles,
      params: Type.Object({ fundLineId: Type.String() }),
      answer: FundLine,
      problems: ['fund-line-unknown'],
    }),
    async (request, reply) => {
      const scope = await scopeOf(context, request);
      const line = (await federation.get('fund_lines', request.params.fundLineId)) as
        | FundLineDocument
        | undefined;
      if (line === undefined || !scope.covers(line.path)) {
        throw refused('fund-line-unknown', { field: 'fundLineId' });
      }
      reply.header('etag', `"${line.version}"`);
      return fundLineAnswer(line);
    },
  );
}

/** @throws Refused `fund-line-unknown` when it is outside the jurisdiction or there is none */
export async function requireFundLine(
  { federation, services }: GatewayContext,
  request: FastifyRequest,
  scope: Scope,
  fundLineId: string,
): Promise<void> {
  const known = (await federation.get('fund_lines', fundLineId)) as FundLineDocument | undefined;
  await scope.requirePlaced(
    known?.path,
    async () => {
      const found = await services.welfare.getFundLine({ fundLineId }, queryOrigin(request));
      return isRefusal(found) ? undefined : found.unionId;
    },
    { code: 'fund-line-unknown', field: 'fundLineId' },
  );
}
