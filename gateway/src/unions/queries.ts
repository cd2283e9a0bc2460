import { chinaDate, parseDate } from '@unionfold/codes';
import Type from 'typebox';
import { type GatewayContext, scopeOf } from '../context.ts';
import type { Api } from '../http/exchange.ts';
import { operation, reference, textEnum } from '../http/operation.ts';
import { pageFields, pageOf, pageOfList } from '../http/page.ts';
import { refused } from '../http/refused.ts';
import type { Scope } from '../jurisdiction/jurisdiction.ts';
import { pathIds, type UnionDocument } from '../read-models/federation/documents.ts';
import {
  ChildUnion,
  Statistics,
  statistics,
  UnionDetail,
  UnionFacts,
  unionFacts,
} from './answers.ts';
import { FederationAsOf } from './as-of.ts';
import { searchUnions } from './search.ts';
import { pageOfUnions } from './union-pages.ts';

const unionParams = Type.Object({ unionId: Type.String() });

/** Asks for how things stood at the end of a day. */
const asOfField = {
  asOf: Type.Optional(
    Type.String({
      format: 'date',
      description: '截至某日(北京时间)的情况 | As things stood at the end of that day, in China.',
      examples: ['2026-06-30'],
    }),
  ),
};
const cadreOrOperator = ['cadre', 'operator'] as const;

/** The directory of unions and the totals of their subtrees (工会名录, 统计). */
export function unionQueries(api: Api, context: GatewayContext): void {
  const { federation } = context;
  for (const schema of [UnionFacts, Statistics, UnionDetail, ChildUnion]) api.addSchema(schema);

  api.get(
    '/unions',
    operation({
      id: 'searchUnions',
      tag: 'unions',
      summary: { zh: '查找工会', en: 'Search unions' },
      description:
        '按名称、拼音、拼音首字母、编号、统一社会信用代码或行政区划代码,在管辖范围内查找。\n\n' +
        'By a part of the name, its pinyin or initials, by id, social credit code or region code.',
      querystring: Type.Object({
        query: Type.Optional(
          Type.String({ maxLength: 120, examples: ['青岛', 'qingdao', 'qdsh', 'cn-3702'] }),
        ),
        ...pageFields,
      }),
      answer: pageOf(reference(UnionFacts)),
      problems: ['page-token-invalid', 'text-too-long'],
    }),
    async (request) => {
      const scope = await scopeOf(context, request);
      const { query = '', ...page } = request.query;
      const found = await searchUnions(federation, scope, query, page);
      return {
        ...found,
        items: found.items.map((union) => unionFacts(union as UnionDocument, scope)),
      };
    },
  );

  api.get(
    '/unions/:unionId',
    operation({
      id: 'getUnion',
      tag: 'unions',
      summary: { zh: '工会详情', en: 'One union with its statistics' },
      params: unionParams,
      querystring: Type.Object({ ...asOfField }),
      answer: UnionDetail,
      problems: ['union-unknown', 'date-invalid'],
    }),
    async (request, reply) => {
      const scope = await scopeOf(context, request);
      const { asOf } = request.query;
      if (asOf !== undefined) {
        const then = asOfDay(context, asOf);
        const union = await requireUnionThen(scope, then, request.params.unionId);
        return {
          ...unionFacts(union, scope),
          ...(request.caller?.role === 'worker'
            ? {}
            : { statistics: { ...(await then.totalsThen(union.id)) } }),
        };
      }
      const union = await scope.requireUnion(request.params.unionId);
      const { successorId, version } = union;
      const successor = successorId === '' ? undefined : await scope.union(successorId);
      reply.header('etag', `"${version}"`);
      return {
        ...unionFacts(union, scope),
        ...(successor === undefined ? {} : { successorId }),
        ...(request.caller?.role === 'worker'
          ? {}
          : { statistics: statistics(await federation.get('statistics', union.id)) }),
      };
    },
  );

  api.get(
    '/unions/:unionId/children',
    operation({
      id: 'listChildren',
      tag: 'unions',
      summary: { zh: '展开下级工会', en: 'Direct subordinates with their statistics' },
      roles: cadreOrOperator,
      params: unionParams,
      querystring: Type.Object({ ...asOfField, ...pageFields }),
      answer: pageOf(reference(ChildUnion)),
      problems: ['union-unknown', 'page-token-invalid', 'date-invalid'],
    }),
    async (request) => {
      const scope = await scopeOf(context, request);
      const { asOf } = request.query;
      if (asOf !== undefined) {
        const then = asOfDay(context, asOf);
        const { id } = await requireUnionThen(scope, then, request.params.unionId);
        const page = pageOfList(['children', id, asOf], await then.children(id), request.query);
        const items = await Promise.all(
          page.items.map(async (union) => ({
            ...unionFacts(union, scope),
            statistics: { ...(await then.totalsThen(union.id)) },
          })),
        );
        return { ...page, items };
      }
      const { id } = await scope.requireUnion(request.params.unionId);
      return await pageOfUnions(federation, { parentId: id }, request.query, (union) =>
        unionFacts(union, scope),
      );
    },
  );

  api.get(
    '/unions/:unionId/ancestors',
    operation({
      id: 'listAncestors',
      tag: 'unions',
      summary: { zh: '上级工会', en: 'Upper unions, the nearest first, up to the caller’s own' },
      params: unionParams,
      querystring: Type.Object({ ...asOfField }),
      answer: Type.Object({ items: Type.Array(reference(UnionFacts)) }),
      problems: ['union-unknown', 'date-invalid'],
    }),
    async (request) => {
      const scope = await scopeOf(context, request);
      const { asOf } = request.query;
      if (asOf !== undefined) {
        const then = asOfDay(context, asOf);
        const { id } = await requireUnionThen(scope, then, request.params.unionId);
        const [, ...line] = await then.line(id);
        const top = line.indexOf(scope.unionId);
        const unions = await Promise.all(line.slice(0, top + 1).map((upper) => then.union(upper)));
        return { items: unions.flatMap((u) => (u === undefined ? [] : [unionFacts(u, scope)])) };
      }
      const { path } = await scope.requireUnion(request.params.unionId);
      const ids = pathIds(path).slice(0, -1);
      const top = ids.indexOf(scope.unionId);
      const above = top < 0 ? [] : ids.slice(top).reverse();
      const found = await federation.getMany('unions', above);
      return {
        items: above.flatMap((id) => {
          const union = found.get(id) as UnionDocument | undefined;
          return union === undefined ? [] : [unionFacts(union, scope)];
        }),
      };
    },
  );

  api.get(
    '/unions/:unionId/statistics',
    operation({
      id: 'getStatistics',
      tag: 'unions',
      summary: { zh: '本级及下级统计', en: 'Totals of the subtree' },
      roles: cadreOrOperator,
      description:
        '加 asOf 为当日统计;structure=now 按现在的隶属关系重新归集当日的数。\n\n' +
        'With asOf, as of that day: put together as it was then, or, with structure=now, what the unions of today’s ' +
        'subtree held then.',
      params: unionParams,
      querystring: Type.Object({
        ...asOfField,
        structure: Type.Optional(
          textEnum(['then', 'now'], '按当时或现在的隶属关系 | Whose structure; default then.'),
        ),
      }),
      answer: Statistics,
      problems: ['union-unknown', 'date-invalid'],
    }),
    async (request) => {
      const scope = await scopeOf(context, request);
      const { asOf, structure = 'then' } = request.query;
      if (asOf !== undefined) {
        const then = asOfDay(context, asOf);
        if (structure === 'now') {
          const { id } = await scope.requireUnion(request.params.unionId);
          return { ...(await then.totalsInTheStructureOfNow(id)) };
        }
        const { id } = await requireUnionThen(scope, then, request.params.unionId);
        return { ...(await then.totalsThen(id)) };
      }
      const { id } = await scope.requireUnion(request.params.unionId);
      return statistics(await federation.get('statistics', id));
    },
  );
}

/** @throws Refused when the day is none, or lies ahead */
function asOfDay({ federation, clock }: GatewayContext, day: string): FederationAsOf {
  if (!parseDate(day).ok || day > chinaDate(clock())) {
    throw refused('date-invalid', { field: 'asOf' });
  }
  return new FederationAsOf(federation, day);
}

/**
 * A union as it was, for whom it is in the jurisdiction now, or was on that day.
 * @throws Refused when it is outside, or was not there
 */
async function requireUnionThen(
  scope: Scope,
  then: FederationAsOf,
  unionId: string,
): Promise<UnionDocument> {
  const union = await then.union(unionId);
  const isInside =
    (await scope.union(unionId)) !== undefined ||
    scope.covers(`/${(await then.line(unionId)).reverse().join('/')}/`);
  if (union === undefined || !isInside) throw refused('union-unknown', { field: 'unionId' });
  return union;
}
