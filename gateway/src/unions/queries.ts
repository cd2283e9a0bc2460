import Type from 'typebox';
import { type GatewayContext, scopeOf } from '../context.ts';
import type { Api } from '../http/exchange.ts';
import { operation, reference } from '../http/operation.ts';
import { pageFields, pageOf, readPage } from '../http/page.ts';
import { pathIds, type UnionDocument } from '../read-models/federation/documents.ts';
import { Statistics, statistics, UnionDetail, UnionFacts, unionFacts } from './answers.ts';
import { searchUnions } from './search.ts';

const unionParams = Type.Object({ unionId: Type.String() });
const cadreOrOperator = ['cadre', 'operator'] as const;

const ChildUnion = Type.Object(
  { ...UnionFacts.properties, statistics: reference(Statistics) },
  { $id: 'ChildUnion' },
);

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
      answer: UnionDetail,
      problems: ['union-unknown'],
    }),
    async (request, reply) => {
      const scope = await scopeOf(context, request);
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
      querystring: Type.Object({ ...pageFields }),
      answer: pageOf(reference(ChildUnion)),
      problems: ['union-unknown', 'page-token-invalid'],
    }),
    async (request) => {
      const scope = await scopeOf(context, request);
      const { id } = await scope.requireUnion(request.params.unionId);
      const found = await readPage(
        federation,
        {
          collection: 'unions',
          where: { parentId: id, status: ['preparing', 'pending', 'active', 'suspended'] },
          orderBy: ['regionCode', 'id'],
        },
        request.query,
      );
      const totals = await federation.getMany(
        'statistics',
        found.items.map((union) => union.id),
      );
      return {
        ...found,
        items: found.items.map((union) => ({
          ...unionFacts(union as UnionDocument, scope),
          statistics: statistics(totals.get(union.id)),
        })),
      };
    },
  );

  api.get(
    '/unions/:unionId/ancestors',
    operation({
      id: 'listAncestors',
      tag: 'unions',
      summary: { zh: '上级工会', en: 'Upper unions, the nearest first, up to the caller’s own' },
      params: unionParams,
      answer: Type.Object({ items: Type.Array(reference(UnionFacts)) }),
      problems: ['union-unknown'],
    }),
    async (request) => {
      const scope = await scopeOf(context, request);
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
      params: unionParams,
      answer: Statistics,
      problems: ['union-unknown'],
    }),
    async (request) => {
      const scope = await scopeOf(context, request);
      const { id } = await scope.requireUnion(request.params.unionId);
      return statistics(await federation.get('statistics', id));
    },
  );
}
