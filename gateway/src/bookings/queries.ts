import type { Document } from '@unionfold/eventsourcing';
import Type, { type Static } from 'typebox';
import { type GatewayContext, scopeOf } from '../context.ts';
import { toChinaTime } from '../http/china-time.ts';
import { wordSchema } from '../http/enum-words.ts';
import { type Api, callerOf, queryOrigin } from '../http/exchange.ts';
import { operation, reference, textEnum } from '../http/operation.ts';
import { type DocumentList, pageFields, pageOf, readPage } from '../http/page.ts';
import { granted, refused } from '../http/refused.ts';
import type { BookingDocument } from '../read-models/federation/booking-documents.ts';
import { ownedResource } from '../resources/visibility.ts';
import { Booking, bookingAnswer, bookingStatuses } from './answers.ts';
import { sidesOf } from './sides.ts';

const roles = ['cadre', 'worker'] as const;

const filterFields = {
  status: Type.Optional(
    wordSchema(bookingStatuses, '候补含候补未成 | `waiting` holds those that lapsed, too.'),
  ),
  from: Type.Optional(
    Type.String({ format: 'date', description: '开始日期不早于 | Begins on this day or later.' }),
  ),
  to: Type.Optional(
    Type.String({ format: 'date', description: '开始日期不晚于 | Begins on this day or before.' }),
  ),
};

interface Filters {
  readonly status?: (typeof bookingStatuses.words)[number];
  readonly from?: string;
  readonly to?: string;
}

/** Bookings by whom they are of and by whose resource (预约查询). */
export function bookingQueries(api: Api, context: GatewayContext): void {
  const { federation, services } = context;
  api.addSchema(Booking);

  api.get(
    '/bookings',
    operation({
      id: 'listBookings',
      tag: 'bookings',
      summary: { zh: '预约列表', en: 'Bookings' },
      description:
        '职工:本人的预约。干部:本级及下级工会的预约,或(side=owner)本级及下级工会所提供资源的预约。\n\n' +
        'A worker’s own. A cadre’s: those of the unions of the jurisdiction, or, with `side=owner`, those of what they ' +
        'offer.',
      roles,
      querystring: Type.Object({
        side: Type.Optional(
          textEnum(['party', 'owner'], '预约方(默认)、提供方 | Who booked (default), who offers.'),
        ),
        unionId: Type.Optional(
          Type.String({ maxLength: 64, description: '预约的工会 | For whom.' }),
        ),
        resourceId: Type.Optional(Type.String({ maxLength: 64 })),
        ...filterFields,
        ...pageFields,
      }),
      answer: pageOf(reference(Booking)),
      problems: ['page-token-invalid', 'date-invalid'],
    }),
    async (request) => {
      const caller = callerOf(request);
      const scope = await scopeOf(context, request);
      const { side = 'party', unionId, resourceId, status, from, to, ...page } = request.query;
      const where = {
        ...(unionId === undefined ? {} : { unionId }),
        ...(resourceId === undefined ? {} : { resourceId }),
      };
      if (caller.role === 'worker') {
        if (side === 'owner' || caller.memberId === '') return { items: [] };
        const mine = { ...where, memberId: caller.memberId };
        return await list({ where: mine, orderBy: ['startsAt', 'id'] }, { status, from, to }, page);
      }
      const path = await scope.path();
      if (path === undefined) return { items: [] };
      const field = side === 'owner' ? 'resourcePath' : 'path';
      return await list(
        { where, prefix: { [field]: path }, orderBy: [field, 'startsAt', 'id'] },
        { status, from, to },
        page,
      );
    },
  );

  api.get(
    '/bookings/:bookingId',
    operation({
      id: 'getBooking',
      tag: 'bookings',
      summary: { zh: '预约详情', en: 'One booking' },
      roles,
      params: Type.Object({ bookingId: Type.String() }),
      answer: Booking,
      problems: ['booking-unknown'],
    }),
    async (request, reply) => {
      const { bookingId } = request.params;
      const scope = await scopeOf(context, request);
      const origin = queryOrigin(request);
      await sidesOf(context, scope, callerOf(request), bookingId, origin);
      const found = (await federation.get('bookings', bookingId)) as BookingDocument | undefined;
      if (found === undefined) throw refused('booking-unknown', { field: 'bookingId' });
      reply.header('etag', `"${found.version}"`);
      const answer = bookingAnswer(found, now());
      if (answer.status !== 'waiting') return answer;
      const { waitingPlace } = granted(await services.bookings.getBooking({ bookingId }, origin));
      return { ...answer, ...(waitingPlace === 0 ? {} : { waitingPlace }) };
    },
  );

  api.get(
    '/resources/:resourceId/bookings',
    operation({
      id: 'listResourceBookings',
      tag: 'bookings',
      summary: { zh: '资源的预约', en: 'Bookings of a resource, for its owner' },
      description: '按时间,同一时间的候补按先后 | By time; who waits for the same time, in turn.',
      roles: ['cadre'],
      params: Type.Object({ resourceId: Type.String() }),
      querystring: Type.Object({ ...filterFields, ...pageFields }),
      answer: pageOf(reference(Booking)),
      problems: ['resource-unknown', 'resource-not-owned', 'page-token-invalid', 'date-invalid'],
    }),
    async (request) => {
      const scope = await scopeOf(context, request);
      const { id } = await ownedResource(federation, scope, request.params.resourceId);
      const { status, from, to, ...page } = request.query;
      return await list(
        { where: { resourceId: id }, orderBy: ['startsAt', 'ticket', 'id'] },
        { status, from, to },
        page,
      );
    },
  );

  function now(): string {
    return toChinaTime(context.clock().toISOString()) ?? '';
  }

  async function list(
    query: Omit<DocumentList, 'collection'>,
    { status, from, to }: { readonly [Name in keyof Filters]: Filters[Name] | undefined },
    page: { readonly limit?: number; readonly cursor?: string },
  ): Promise<{ items: Static<typeof Booking>[]; next?: string }> {
    const isWithin = (document: Document) => {
      const day = (document as BookingDocument).startsAt.slice(0, 10);
      return day >= (from ?? '') && (to === undefined || day <= to);
    };
    const found = await readPage(
      federation,
      {
        ...query,
        collection: 'bookings',
        where: { ...query.where, ...(status === undefined ? {} : { status }) },
        ...(from === undefined && to === undefined
          ? {}
          : { keep: isWithin, mark: `${from ?? ''} ${to ?? ''}` }),
      },
      page,
    );
    const at = now();
    return {
      ...found,
      items: found.items.map((booking) => bookingAnswer(booking as BookingDocument, at)),
    };
  }
}
