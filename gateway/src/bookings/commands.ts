import { BookingCanceller } from '@unionfold/contracts';
import Type from 'typebox';
import { type GatewayContext, scopeOf } from '../context.ts';
import { momentField, toChinaTime } from '../http/china-time.ts';
import { accepts, idField, reasonField, versionField } from '../http/command-fields.ts';
import { expectedVersion } from '../http/command-headers.ts';
import { Accepted, type Api, accepted, callerOf, commandOrigin } from '../http/exchange.ts';
import { body, operation, textEnum } from '../http/operation.ts';
import { granted, refused } from '../http/refused.ts';
import type { MemberDocument } from '../read-models/federation/documents.ts';
import { bookingStatuses, waitingPlaceField } from './answers.ts';
import { sidesOf } from './sides.ts';

const bookingParams = Type.Object({ bookingId: Type.String() });
const roles = ['cadre', 'worker'] as const;

const BookingAccepted = Type.Object(
  {
    ...Accepted.properties,
    status: textEnum(bookingStatuses.words, '已预约、候补 | Booked, or waiting.'),
    waitingPlace: waitingPlaceField,
  },
  {
    $id: 'BookingAccepted',
    examples: [
      {
        id: '01k2ab3cd4ef5gh6jk7t',
        version: 1,
        position: 'organizations/0/123',
        status: 'waiting',
        waitingPlace: 2,
      },
    ],
  },
);

/** Booking, cancelling and rating (预约、取消、评价). */
export function bookingCommands(api: Api, context: GatewayContext): void {
  const { federation, services } = context;
  api.addSchema(BookingAccepted);

  api.post(
    '/resources/:resourceId/bookings',
    operation({
      id: 'bookResource',
      tag: 'bookings',
      summary: { zh: '预约共享资源', en: 'Book a resource' },
      description:
        '工会干部为管辖范围内的工会预约,职工为本人预约。名额已满时进入候补,有空缺时依次转正。\n\n' +
        'A cadre books for a union of the jurisdiction, a worker for themselves. When all places are taken the booking ' +
        'waits, and moves up in turn.',
      roles,
      command: 'plain',
      params: Type.Object({ resourceId: Type.String() }),
      body: body(
        {
          from: momentField('时段的开始(RFC 3339) | Beginning of a slot.'),
          to: momentField('时段的结束 | End of that slot or a later one.'),
          purpose: Type.Optional(
            Type.String({
              maxLength: 200,
              description:
                '用途,工会预约时填写,不写个人信息 | What a union wants it for; nothing personal.',
            }),
          ),
          forUnionId: Type.Optional(idField('预约的工会,默认本工会 | Default the caller’s union.')),
        },
        {
          examples: [
            {
              from: '2026-12-01T09:00:00+08:00',
              to: '2026-12-01T11:00:00+08:00',
              purpose: '技能竞赛',
            },
          ],
        },
      ),
      answer: BookingAccepted,
      answerDescription: accepts.answerDescription,
      status: 201,
      problems: [
        'resource-unknown',
        'resource-withdrawn',
        'union-unknown',
        'union-not-live',
        'member-not-live',
        'booking-not-eligible',
        'booking-purpose-not-taken',
        'booking-period-invalid',
        'booking-in-the-past',
        'booking-too-far-ahead',
        'booking-outside-hours',
        'booking-not-on-slots',
        'booking-duplicate',
        'field-format-wrong',
      ],
    }),
    async (request, reply) => {
      const origin = commandOrigin(request);
      const caller = callerOf(request);
      const scope = await scopeOf(context, request);
      const { from, to, purpose = '', forUnionId = scope.unionId } = request.body;
      await scope.requirePlace(forUnionId, 'forUnionId');
      if (caller.role === 'worker') await requireMember(caller.memberId);
      const [startsAt, endsAt] = [toChinaTime(from), toChinaTime(to)];
      if (startsAt === undefined || endsAt === undefined) {
        throw refused('booking-period-invalid', { field: startsAt === undefined ? 'from' : 'to' });
      }
      const { accepted: outcome, booking } = granted(
        await services.bookings.bookResource(
          {
            resourceId: request.params.resourceId,
            unionId: forUnionId,
            memberId: caller.role === 'worker' ? caller.memberId : '',
            startsAt,
            endsAt,
            purpose,
          },
          origin,
        ),
      );
      if (outcome === undefined || booking === undefined) throw new Error('no booking answered');
      const { waitingPlace } = booking;
      return {
        ...accepted(reply, outcome, (id) => `/api/v1/bookings/${id}`),
        status: bookingStatuses.toWord(booking.status) ?? 'waiting',
        ...(waitingPlace === 0 ? {} : { waitingPlace }),
      };
    },
  );

  api.post(
    '/bookings/:bookingId/cancel',
    operation({
      id: 'cancelBooking',
      tag: 'bookings',
      summary: { zh: '取消预约', en: 'Cancel a booking' },
      description:
        '开始之前可以取消,候补依次转正;提供方取消须说明事由。\n\n' +
        'Before it begins; who waits moves up. An owner who cancels gives a reason.',
      roles,
      command: 'guarded',
      params: bookingParams,
      body: body({ ...reasonField, ...versionField }),
      ...accepts,
      problems: ['booking-unknown', 'booking-begun', 'reason-missing'],
    }),
    async (request, reply) => {
      const origin = commandOrigin(request);
      const { bookingId } = request.params;
      const { reason = '', expectedVersion: seen } = request.body;
      const scope = await scopeOf(context, request);
      const sides = await sidesOf(context, scope, callerOf(request), bookingId, origin);
      // Who stands above both sides acts for the owner, unless it is the union's own booking.
      const isAsOwner = sides.isOwner && !sides.isOwn;
      return accepted(
        reply,
        await services.bookings.cancelBooking(
          {
            bookingId,
            cancelledBy: isAsOwner
              ? BookingCanceller.BOOKING_CANCELLER_OWNER
              : BookingCanceller.BOOKING_CANCELLER_PARTY,
            reason,
            expectedVersion: expectedVersion(request.headers['if-match'], seen),
          },
          origin,
        ),
      );
    },
  );

  api.post(
    '/bookings/:bookingId/feedback',
    operation({
      id: 'rateBooking',
      tag: 'bookings',
      summary: { zh: '评价', en: 'Rate a booking' },
      description: '预约结束后由预约方评价一次 | Once, by who booked, when it is over.',
      roles,
      command: 'plain',
      params: bookingParams,
      body: body(
        { stars: Type.Integer({ minimum: 1, maximum: 5, description: '1–5' }) },
        { examples: [{ stars: 5 }] },
      ),
      ...accepts,
      problems: [
        'booking-unknown',
        'booking-not-own',
        'booking-not-used',
        'booking-not-over',
        'booking-rated',
        'field-out-of-range',
      ],
    }),
    async (request, reply) => {
      const origin = commandOrigin(request);
      const { bookingId } = request.params;
      const scope = await scopeOf(context, request);
      const { isParty } = await sidesOf(context, scope, callerOf(request), bookingId, origin);
      if (!isParty) throw refused('booking-not-own', { field: 'bookingId' });
      const { stars } = request.body;
      return accepted(reply, await services.bookings.rateBooking({ bookingId, stars }, origin));
    },
  );

  async function requireMember(memberId: string): Promise<void> {
    const member = (await federation.get('members', memberId)) as MemberDocument | undefined;
    if (member?.status === 'left') throw refused('member-not-live', { field: 'memberId' });
  }
}
