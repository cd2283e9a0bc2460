import Type from 'typebox';
import { type GatewayContext, scopeOf } from '../context.ts';
import type { Api } from '../http/exchange.ts';
import { operation } from '../http/operation.ts';
import { refused } from '../http/refused.ts';
import type { ResourceUseDocument } from '../read-models/federation/booking-documents.ts';
import type { ResourceDocument, StatisticsDocument } from '../read-models/federation/documents.ts';
import { noUse } from '../read-models/federation/use-totals.ts';
import { averageOf, hoursOf, ResourceUse, shareOf, useAnswer } from './answers.ts';
import { visibleResource } from './visibility.ts';

/** Use of shared resources in a subtree, the union itself included. */
const UnionResourceUse = Type.Object(
  {
    resources: Type.Integer({ description: '提供的资源数 | Resources offered now.' }),
    bookings: Type.Integer({ description: '这些资源的有效预约数 | Their bookings.' }),
    hours: Type.Number({ description: '预约时长(小时) | Hours booked.' }),
    lentShare: Type.Number({
      description: '其他工会预约占比 | Share of the bookings by other unions than the owner.',
    }),
    averageStars: Type.Optional(Type.Number({ description: '平均评分 | 1 to 5.' })),
    ratings: Type.Integer({ description: '评价数 | Ratings.' }),
    borrowed: Type.Integer({
      description: '借用其他工会资源的预约数 | Bookings of what other unions own.',
    }),
    borrowedHours: Type.Number({ description: '借用时长(小时) | Hours of these.' }),
    borrowingUnions: Type.Integer({ description: '借用的工会数 | Unions that borrow.' }),
    duplicationAvoided: Type.Integer({
      description:
        '避免重复建设:借用某类资源而自身未提供该类的工会,每类计一 | ' +
        'Pairs of a union and a kind that it borrows and offers none of itself.',
    }),
  },
  {
    $id: 'UnionResourceUse',
    examples: [
      {
        resources: 14,
        bookings: 310,
        hours: 702,
        lentShare: 0.81,
        averageStars: 4.5,
        ratings: 122,
        borrowed: 268,
        borrowedHours: 590,
        borrowingUnions: 96,
        duplicationAvoided: 91,
      },
    ],
  },
);

/** How shared resources are used (使用统计). */
export function resourceUseRoutes(api: Api, context: GatewayContext): void {
  const { federation } = context;
  for (const schema of [ResourceUse, UnionResourceUse]) api.addSchema(schema);

  api.get(
    '/resources/:resourceId/use',
    operation({
      id: 'resourceUse',
      tag: 'resources',
      summary: { zh: '资源使用统计', en: 'How a resource is used' },
      roles: ['cadre', 'operator'],
      params: Type.Object({ resourceId: Type.String() }),
      answer: ResourceUse,
      problems: ['resource-unknown'],
    }),
    async (request) => {
      const scope = await scopeOf(context, request);
      const { resourceId } = request.params;
      const found = (await federation.get('resources', resourceId)) as ResourceDocument | undefined;
      // The owner's figures stay after the withdrawal.
      const isOwned = found !== undefined && scope.covers(found.path);
      if (!isOwned && (await visibleResource(federation, scope, resourceId)) === undefined) {
        throw refused('resource-unknown', { field: 'resourceId' });
      }
      const use = await federation.get('resource_use', resourceId);
      return useAnswer(use as ResourceUseDocument | undefined);
    },
  );

  api.get(
    '/unions/:unionId/resource-use',
    operation({
      id: 'unionResourceUse',
      tag: 'resources',
      summary: { zh: '共享资源使用统计', en: 'Use of shared resources in a subtree' },
      roles: ['cadre', 'operator'],
      params: Type.Object({ unionId: Type.String() }),
      answer: UnionResourceUse,
      problems: ['union-unknown'],
    }),
    async (request) => {
      const scope = await scopeOf(context, request);
      const { id } = await scope.requireUnion(request.params.unionId);
      const counted = (await federation.get('statistics', id)) as StatisticsDocument | undefined;
      const use = counted?.use ?? noUse;
      return {
        resources: use.resources,
        bookings: use.bookings,
        hours: hoursOf(use.minutes),
        lentShare: shareOf(use.lent, use.bookings),
        ...(use.ratings === 0 ? {} : { averageStars: averageOf(use.stars, use.ratings) }),
        ratings: use.ratings,
        borrowed: use.borrowed,
        borrowedHours: hoursOf(use.borrowedMinutes),
        borrowingUnions: use.borrowingUnions,
        duplicationAvoided: use.spared,
      };
    },
  );
}
