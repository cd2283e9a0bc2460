import { BookingStatus } from '@unionfold/contracts/organizations';
import Type, { type Static } from 'typebox';
import { fromChinaTime, momentField } from '../http/china-time.ts';
import { enumWords, wordSchema } from '../http/enum-words.ts';
import { textEnum } from '../http/operation.ts';
import type { BookingDocument } from '../read-models/federation/booking-documents.ts';
import { kinds } from '../resources/answers.ts';

/** Where a booking stands (已预约, 候补, 已取消). */
export const bookingStatuses = enumWords({
  booked: BookingStatus.BOOKING_STATUS_BOOKED,
  waiting: BookingStatus.BOOKING_STATUS_WAITING,
  cancelled: BookingStatus.BOOKING_STATUS_CANCELLED,
});

/** Place in the waiting list. */
export const waitingPlaceField = Type.Optional(
  Type.Integer({ description: '候补次序,从 1 起 | Place in the waiting list, from 1.' }),
);

/** A booking. Of a worker's, the id alone says whose it is. */
export const Booking = Type.Object(
  {
    id: Type.String(),
    resourceId: Type.String(),
    resourceName: Type.String({ description: '预约时的名称 | Its name when it was booked.' }),
    kind: wordSchema(kinds),
    unionId: Type.String({ description: '预约的工会,或职工所在工会 | For whom, or whose worker.' }),
    memberId: Type.Optional(Type.String({ description: '预约的职工 | The worker who booked.' })),
    from: momentField('开始 | Beginning.'),
    to: momentField('结束 | End.'),
    purpose: Type.Optional(Type.String({ description: '用途 | What for.' })),
    status: textEnum(
      [...bookingStatuses.words, 'lapsed'],
      '已预约、候补、已取消、候补未成 | `lapsed`: its time came while it waited.',
    ),
    waitingPlace: waitingPlaceField,
    cancelReason: Type.Optional(
      Type.String({ description: '提供方取消的理由 | Why the owner cancelled it.' }),
    ),
    stars: Type.Optional(Type.Integer({ description: '评分 | 1 to 5.' })),
    bookedAt: Type.String({ format: 'date-time' }),
    version: Type.Integer(),
  },
  {
    $id: 'Booking',
    examples: [
      {
        id: '01k2ab3cd4ef5gh6jk7t',
        resourceId: '01k2ab3cd4ef5gh6jk7r',
        resourceName: '市工人文化宫报告厅',
        kind: 'venue',
        unionId: 'cn-370202',
        from: '2026-12-01T09:00:00+08:00',
        to: '2026-12-01T11:00:00+08:00',
        purpose: '技能竞赛',
        status: 'waiting',
        waitingPlace: 2,
        bookedAt: '2026-11-24T02:03:04.000Z',
        version: 1,
      },
    ],
  },
);

/**
 * A booking as it is told.
 * @param now what the clock shows in China, `yyyy-MM-ddTHH:mm`
 */
export function bookingAnswer(booking: BookingDocument, now: string): Static<typeof Booking> {
  const { id, resourceId, resourceName, unionId, memberId, purpose, status } = booking;
  const { cancelReason, stars, bookedAt, version, startsAt, endsAt } = booking;
  return {
    id,
    resourceId,
    resourceName,
    kind: kinds.toWord(booking.kind) ?? 'equipment',
    unionId,
    ...(memberId === '' ? {} : { memberId }),
    from: fromChinaTime(startsAt),
    to: fromChinaTime(endsAt),
    ...(purpose === '' ? {} : { purpose }),
    status: status === 'waiting' && endsAt <= now ? 'lapsed' : status,
    ...(cancelReason === '' ? {} : { cancelReason }),
    ...(stars === 0 ? {} : { stars }),
    bookedAt,
    version,
  };
}
