import { chinaDate } from '@unionfold/codes';
import Type from 'typebox';
import { type GatewayContext, scopeOf } from '../context.ts';
import { daysAfter, fromChinaTime, momentField } from '../http/china-time.ts';
import { accepts, idField, reasonField, versionField } from '../http/command-fields.ts';
import { expectedVersion } from '../http/command-headers.ts';
import { wordSchema } from '../http/enum-words.ts';
import { Accepted, type Api, accepted, commandOrigin, queryOrigin } from '../http/exchange.ts';
import { body, operation, reference } from '../http/operation.ts';
import { pageFields, pageOf, readPage } from '../http/page.ts';
import { granted, refused } from '../http/refused.ts';
import type { ResourceDocument } from '../read-models/federation/documents.ts';
import {
  audiences,
  audiencesText,
  kinds,
  kindsText,
  resourceAnswer,
  SharedResource,
} from './answers.ts';
import { NearbyResource, nearbyResources } from './nearby.ts';
import { correctedTerms, offeredTerms, termsFields } from './terms.ts';
import { ownedResource, reachesOfCaller, visibleResource } from './visibility.ts';

const resourceParams = Type.Object({ resourceId: Type.String() });
/** Days of a calendar that are shown at once. */
const mostDays = 31;

/** What offering answers: the new resource, or, of a dry run, what there is near by. */
const Offered = Type.Object(
  {
    ...Accepted.properties,
    id: Type.Optional(Accepted.properties.id),
    version: Type.Optional(Accepted.properties.version),
    position: Type.Optional(Accepted.properties.position),
    nearby: Type.Optional(
      Type.Array(reference(NearbyResource), {
        description: '试办:附近的同类资源 | Dry run: the same kind near by.',
      }),
    ),
  },
  { $id: 'Offered' },
);

const termsProblems = [
  'name-missing',
  'name-too-long',
  'field-value-not-allowed',
  'field-out-of-range',
  'field-format-wrong',
  'region-code-unknown',
  'date-invalid',
  'resource-level-missing',
  'resource-eligibility-empty',
  'resource-calendar-invalid',
] as const;

/** Resources that unions share across levels (共享资源). */
export function resourceRoutes(api: Api, context: GatewayContext): void {
  const { federation, services } = context;
  for (const schema of [SharedResource, NearbyResource, Offered]) {
    api.addSchema(schema);
  }

  api.post(
    '/resources',
    operation({
      id: 'offerResource',
      tag: 'resources',
      summary: { zh: '提供共享资源', en: 'Offer a resource' },
      description:
        '填写 dryRun 只作校验,并列出附近的同类资源,避免重复建设。没有日历的资源按整日预约。\n\n' +
        'With `dryRun` nothing is made: the offer is validated, and the same kind near by is listed. A resource ' +
        'without a calendar is booked by whole days.',
      roles: ['cadre'],
      command: 'plain',
      body: body(
        {
          ownerUnionId: Type.Optional(idField('提供的工会,默认本工会 | Default the caller’s.')),
          kind: wordSchema(kinds, kindsText),
          name: Type.String({ maxLength: 400 }),
          description: Type.Optional(Type.String({ maxLength: 4_000 })),
          audience: wordSchema(audiences, audiencesText),
          ...termsFields,
          dryRun: Type.Optional(Type.Boolean({ description: '试办,不落盘 | Appends nothing.' })),
        },
        {
          examples: [
            {
              kind: 'venue',
              name: '市工人文化宫报告厅',
              description: '可容纳 300 人,工作日可预约',
              audience: 'level',
              levelUnionType: 'county',
              capacity: 1,
              calendar: {
                hours: [{ weekday: 1, opensAt: '09:00', closesAt: '17:00' }],
                closedOn: [],
                slotMinutes: 120,
              },
              eligibility: { unions: true, workers: false, unionTypes: [] },
            },
          ],
        },
      ),
      answer: Offered,
      answerDescription: accepts.answerDescription,
      status: 201,
      alsoAs: { 200: '试办通过 · The dry run found nothing wrong' },
      problems: ['union-unknown', 'union-not-live', ...termsProblems],
    }),
    async (request, reply) => {
      const origin = commandOrigin(request);
      const scope = await scopeOf(context, request);
      const { ownerUnionId = scope.unionId, kind, name, description = '' } = request.body;
      const { audience, dryRun = false, ...terms } = request.body;
      await scope.requirePlace(ownerUnionId, 'ownerUnionId');
      const outcome = await services.organizations.offerResource(
        {
          resourceId: '',
          ownerUnionId,
          kind: kinds.toValue(kind),
          name,
          description,
          audience: audiences.toValue(audience),
          terms: offeredTerms(terms),
          dryRun,
        },
        origin,
      );
      if (!dryRun) return accepted(reply, outcome, (id) => `/api/v1/resources/${id}`);
      granted(outcome);
      const owner = await scope.union(ownerUnionId);
      const { regionCode = owner?.regionCode ?? '' } = terms;
      reply.status(200);
      return {
        nearby:
          owner === undefined
            ? []
            : await nearbyResources(federation, owner, kinds.toValue(kind), regionCode),
      };
    },
  );

  api.get(
    '/resources',
    operation({
      id: 'listResources',
      tag: 'resources',
      summary: { zh: '可用的共享资源', en: 'Resources that the caller’s union can use' },
      roles: ['cadre', 'worker'],
      querystring: Type.Object({
        owned: Type.Optional(
          Type.Boolean({
            description: '只列本级及下级提供的 | Only what the union and those below it offer.',
          }),
        ),
        kind: Type.Optional(wordSchema(kinds, kindsText)),
        ...pageFields,
      }),
      answer: pageOf(reference(SharedResource)),
      problems: ['page-token-invalid'],
    }),
    async (request) => {
      const scope = await scopeOf(context, request);
      const path = await scope.path();
      if (path === undefined) return { items: [] };
      const { owned = false, kind, ...page } = request.query;
      const offered = {
        offered: true,
        ...(kind === undefined ? {} : { kind: kinds.toValue(kind) }),
      };
      const found = await readPage(
        federation,
        owned
          ? {
              collection: 'resources',
              where: offered,
              prefix: { path },
              orderBy: ['path', 'id'],
              // A worker's union alone, without those below it.
              keep: (resource) => scope.covers((resource as ResourceDocument).path),
            }
          : {
              collection: 'resources',
              where: { ...offered, reach: await reachesOfCaller(federation, scope) },
              orderBy: ['id'],
            },
        page,
      );
      return {
        ...found,
        items: found.items.map((resource) => resourceAnswer(resource as ResourceDocument)),
      };
    },
  );

  api.get(
    '/resources/nearby',
    operation({
      id: 'nearbyResources',
      tag: 'resources',
      summary: { zh: '附近的同类资源', en: 'Who has the same kind near by' },
      description:
        '新建之前先查:可用的同类资源,先同县,再同市,再同省,附使用情况。\n\n' +
        'Before something new is made: what reaches the caller’s union, of the same county first, with its use.',
      roles: ['cadre'],
      querystring: Type.Object({
        kind: wordSchema(kinds, kindsText),
        regionCode: Type.Optional(
          Type.String({
            maxLength: 16,
            description: '所在地,默认本工会所在地 | Default where the caller’s union is.',
          }),
        ),
      }),
      answer: Type.Object({ items: Type.Array(reference(NearbyResource)) }),
    }),
    async (request) => {
      const scope = await scopeOf(context, request);
      const union = await scope.union(scope.unionId);
      if (union === undefined) return { items: [] };
      const { kind, regionCode = union.regionCode } = request.query;
      return { items: await nearbyResources(federation, union, kinds.toValue(kind), regionCode) };
    },
  );

  api.get(
    '/resources/:resourceId',
    operation({
      id: 'getResource',
      tag: 'resources',
      summary: { zh: '共享资源', en: 'One resource' },
      roles: ['cadre', 'worker'],
      params: resourceParams,
      answer: SharedResource,
      problems: ['resource-unknown'],
    }),
    async (request, reply) => {
      const scope = await scopeOf(context, request);
      const resource = await visibleResource(federation, scope, request.params.resourceId);
      if (resource === undefined) throw refused('resource-unknown', { field: 'resourceId' });
      reply.header('etag', `"${resource.version}"`);
      return resourceAnswer(resource);
    },
  );

  api.post(
    '/resources/:resourceId/correct',
    operation({
      id: 'correctResource',
      tag: 'resources',
      summary: { zh: '变更共享条件', en: 'Change a resource and its terms' },
      description:
        '未填写的不变;已有的预约保留,扩大可预约数时候补依次转正。\n\n' +
        'What is left out stays. Bookings already made stay; when there are more places, who waits moves up.',
      roles: ['cadre'],
      command: 'guarded',
      params: resourceParams,
      body: body(
        {
          name: Type.Optional(Type.String({ maxLength: 400 })),
          description: Type.Optional(Type.String({ maxLength: 4_000 })),
          audience: Type.Optional(wordSchema(audiences, audiencesText)),
          ...termsFields,
          ...reasonField,
          ...versionField,
        },
        { examples: [{ capacity: 2, reason: '增设一间' }] },
      ),
      ...accepts,
      problems: [
        'resource-unknown',
        'resource-withdrawn',
        'resource-not-owned',
        'resource-booked-by-days',
        ...termsProblems,
      ],
    }),
    async (request, reply) => {
      const origin = commandOrigin(request);
      const scope = await scopeOf(context, request);
      const { resourceId } = request.params;
      const { ownerUnionId } = await ownedResource(federation, scope, resourceId);
      const { name, description, audience, reason = '', ...rest } = request.body;
      const { expectedVersion: seen, ...terms } = rest;
      return accepted(
        reply,
        await services.bookings.correctResource(
          {
            resourceId,
            ownerUnionId,
            name,
            description,
            audience: audience === undefined ? undefined : audiences.toValue(audience),
            ...correctedTerms(terms),
            reason,
            expectedVersion: expectedVersion(request.headers['if-match'], seen),
          },
          origin,
        ),
      );
    },
  );

  api.post(
    '/resources/:resourceId/withdraw',
    operation({
      id: 'withdrawResource',
      tag: 'resources',
      summary: { zh: '撤回共享资源', en: 'Withdraw a resource' },
      description:
        '尚未开始的预约一并取消,并通知预约方 | Bookings that have not begun are cancelled, and who made them is told.',
      roles: ['cadre'],
      command: 'plain',
      params: resourceParams,
      body: body({ ...reasonField }),
      ...accepts,
      problems: ['resource-unknown', 'resource-withdrawn', 'resource-not-owned'],
    }),
    async (request, reply) => {
      const origin = commandOrigin(request);
      const scope = await scopeOf(context, request);
      const { resourceId } = request.params;
      const { ownerUnionId } = await ownedResource(federation, scope, resourceId);
      return accepted(
        reply,
        await services.organizations.withdrawResource(
          { resourceId, ownerUnionId, reason: request.body.reason ?? '' },
          origin,
        ),
      );
    },
  );

  api.get(
    '/resources/:resourceId/calendar',
    operation({
      id: 'resourceCalendar',
      tag: 'resources',
      summary: { zh: '资源日历', en: 'Slots with what is free' },
      description:
        '尚未开始的时段,最多 31 天;没有日历的资源每日为一个时段。\n\n' +
        'Slots that have not begun, of at most 31 days. Without a calendar a day is one slot.',
      roles: ['cadre', 'worker'],
      params: resourceParams,
      querystring: Type.Object({
        from: Type.Optional(
          Type.String({ format: 'date', description: '默认今天 | Default today.' }),
        ),
        to: Type.Optional(
          Type.String({ format: 'date', description: '含,默认六天后 | Included; six days on.' }),
        ),
      }),
      answer: Type.Object({
        items: Type.Array(
          Type.Object({
            from: momentField('开始 | Beginning.'),
            to: momentField('结束 | End.'),
            free: Type.Integer({ description: '剩余名额 | Places left.' }),
            waiting: Type.Integer({ description: '候补数 | Waiting for it.' }),
          }),
        ),
      }),
      problems: ['resource-unknown', 'date-invalid', 'field-out-of-range'],
    }),
    async (request) => {
      const scope = await scopeOf(context, request);
      const { resourceId } = request.params;
      const { from = chinaDate(context.clock()) } = request.query;
      const { to = daysAfter(from, 6) } = request.query;
      const last = daysAfter(from, mostDays - 1);
      if (to < from || to > last) {
        const params = { field: 'to', minimum: from, maximum: last };
        throw refused('field-out-of-range', { field: 'to', params });
      }
      const resource = await visibleResource(federation, scope, resourceId);
      if (resource === undefined) throw refused('resource-unknown', { field: 'resourceId' });
      const { slots } = granted(
        await services.bookings.listSlots(
          { resourceId, fromDay: from, toDay: to },
          queryOrigin(request),
        ),
      );
      return {
        items: slots.map(({ startsAt, endsAt, free, waiting }) => ({
          from: fromChinaTime(startsAt),
          to: fromChinaTime(endsAt),
          free,
          waiting,
        })),
      };
    },
  );
}
