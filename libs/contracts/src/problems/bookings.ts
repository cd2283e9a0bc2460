import { grpcStatus, type ProblemDefinition } from './problem.ts';

const conflict = { http: 409, grpc: grpcStatus.FAILED_PRECONDITION } as const;
const invalid = { http: 422, grpc: grpcStatus.INVALID_ARGUMENT } as const;

/** Booking shared resources, and the terms on which they are shared. */
export const bookingProblems = {
  'booking-unknown': {
    http: 404,
    grpc: grpcStatus.NOT_FOUND,
    title: { zh: '预约不存在', en: 'Unknown booking' },
    detail: { zh: '没有找到所指的预约。', en: 'The booking named was not found.' },
    remedy: { zh: '请在预约列表中核对编号。', en: 'Check the id in the list of bookings.' },
  },
  'booking-duplicate': {
    http: 409,
    grpc: grpcStatus.ALREADY_EXISTS,
    title: { zh: '该时段已经预约', en: 'Booked already' },
    detail: {
      zh: '同一预约方在该时段已有预约或候补。',
      en: 'The same union or worker has booked this time already, or waits for it.',
    },
    remedy: {
      zh: '请查看已有的预约，或先取消再重新预约。',
      en: 'Look at the present booking, or cancel it before booking again.',
    },
  },
  'booking-not-eligible': {
    http: 403,
    grpc: grpcStatus.PERMISSION_DENIED,
    title: { zh: '不符合预约资格', en: 'Not eligible to book' },
    detail: {
      zh: '提供方未向此类预约方开放该资源。',
      en: 'The owner has not opened this resource to unions or workers of this kind.',
    },
    remedy: {
      zh: '请查看资源的预约资格，或由符合资格的工会预约。',
      en: 'See the eligibility of the resource, or have an eligible union book it.',
    },
  },
  'booking-purpose-not-taken': {
    ...invalid,
    title: { zh: '职工预约不填写用途', en: 'A worker’s booking takes no purpose' },
    detail: {
      zh: '为保护个人信息，职工本人预约不登记用途。',
      en: 'To protect personal matters, the purpose of a worker’s own booking is not recorded.',
    },
    remedy: { zh: '请去掉用途后重新提交。', en: 'Leave the purpose out and submit again.' },
  },
  'booking-period-invalid': {
    ...invalid,
    title: { zh: '预约时间无效', en: 'The time of the booking is invalid' },
    detail: {
      zh: '预约的起止时间应为真实存在的时刻，且结束晚于开始。',
      en: 'A booking begins and ends at moments that exist, and ends after it begins.',
    },
    remedy: {
      zh: '请从资源日历中选取时段。',
      en: 'Choose slots from the calendar of the resource.',
    },
  },
  'booking-in-the-past': {
    ...conflict,
    title: { zh: '预约时间已过', en: 'The time is over' },
    detail: {
      zh: '所选时段已经开始或已经过去。',
      en: 'The time chosen has begun or is over.',
    },
    remedy: { zh: '请选择以后的时段。', en: 'Choose a later time.' },
  },
  'booking-too-far-ahead': {
    ...conflict,
    title: { zh: '预约时间过早', en: 'Too far ahead' },
    detail: {
      zh: '该资源最多可提前 {days} 天预约。',
      en: 'This resource can be booked at most {days} days ahead.',
    },
    remedy: { zh: '请选择更近的时段，或届时再预约。', en: 'Choose a nearer time, or book later.' },
  },
  'booking-outside-hours': {
    ...conflict,
    title: { zh: '不在开放时间内', en: 'Outside the opening hours' },
    detail: {
      zh: '所选时间不在资源的开放时间内，或当日闭馆。',
      en: 'The resource is not open for all of the time chosen, or is closed on that day.',
    },
    remedy: {
      zh: '请从资源日历中选取时段。',
      en: 'Choose slots from the calendar of the resource.',
    },
  },
  'booking-not-on-slots': {
    ...invalid,
    title: { zh: '预约时间与时段不符', en: 'Not on the slots' },
    detail: {
      zh: '预约须从一个时段的开始到某个时段的结束；没有日历的资源按整日预约。',
      en: 'A booking goes from the beginning of a slot to the end of one; a resource without a calendar is booked by whole days.',
    },
    remedy: {
      zh: '请从资源日历中选取时段。',
      en: 'Choose slots from the calendar of the resource.',
    },
  },
  'booking-begun': {
    ...conflict,
    title: { zh: '预约时段已经开始', en: 'The booking has begun' },
    detail: {
      zh: '已经开始或结束的预约不能取消。',
      en: 'A booking that has begun or is over cannot be cancelled.',
    },
    remedy: {
      zh: '无须办理；结束后可以评价。',
      en: 'Nothing need be done; rate it when it is over.',
    },
  },
  'booking-not-over': {
    ...conflict,
    title: { zh: '预约尚未结束', en: 'The booking is not over' },
    detail: {
      zh: '预约的时段结束后才能评价。',
      en: 'A booking can be rated only after its time.',
    },
    remedy: { zh: '请在使用结束后评价。', en: 'Rate it when it is over.' },
  },
  'booking-not-used': {
    ...conflict,
    title: { zh: '预约未使用', en: 'The booking was not used' },
    detail: {
      zh: '候补或已取消的预约没有使用资源，不能评价。',
      en: 'A booking that waited or was cancelled did not use the resource, and cannot be rated.',
    },
    remedy: { zh: '请核对预约编号。', en: 'Check the id of the booking.' },
  },
  'booking-not-own': {
    http: 403,
    grpc: grpcStatus.PERMISSION_DENIED,
    title: { zh: '不是预约方', en: 'Not who booked' },
    detail: {
      zh: '此事项只能由预约方办理。',
      en: 'This can be done only by who made the booking.',
    },
    remedy: { zh: '请由预约方办理。', en: 'Have it done by who booked.' },
  },
  'booking-rated': {
    ...conflict,
    title: { zh: '已经评价', en: 'Rated already' },
    detail: { zh: '每次预约只能评价一次。', en: 'A booking is rated once.' },
    remedy: { zh: '无须重复评价。', en: 'Nothing need be done.' },
  },
  'resource-level-missing': {
    ...invalid,
    title: { zh: '未选择共享层级', en: 'The level is missing' },
    detail: {
      zh: '向指定层级共享时须选择工会类型。',
      en: 'Sharing with one level needs the type of union that makes it.',
    },
    remedy: { zh: '请选择层级后重新提交。', en: 'Choose the level and submit again.' },
  },
  'resource-eligibility-empty': {
    ...invalid,
    title: { zh: '没有人可以预约', en: 'Nobody could book' },
    detail: {
      zh: '预约资格至少须包括工会或职工之一。',
      en: 'Unions or workers, or both, must be able to book.',
    },
    remedy: { zh: '请选择预约资格后重新提交。', en: 'Choose who may book and submit again.' },
  },
  'resource-calendar-invalid': {
    ...invalid,
    title: { zh: '开放时间无效', en: 'The opening hours are invalid' },
    detail: {
      zh: '开放时间须有星期、起止时刻，至少容纳一个时段，且同一天内不重叠。',
      en: 'Opening hours need a weekday, a beginning and an end with room for a slot, and must not overlap on one day.',
    },
    remedy: {
      zh: '请按 HH:mm 填写，例如星期一 09:00 至 17:00。',
      en: 'Enter them as HH:mm, such as Monday from 09:00 to 17:00.',
    },
  },
  'resource-booked-by-days': {
    ...conflict,
    title: { zh: '已有整日预约', en: 'Booked by whole days' },
    detail: {
      zh: '该资源还有未结束的整日预约，暂不能改为按日历预约。',
      en: 'The resource has bookings of whole days ahead, and cannot be given a calendar until they are over.',
    },
    remedy: {
      zh: '请在这些预约结束或取消后再设置日历。',
      en: 'Set the calendar when they are over or cancelled.',
    },
  },
} as const satisfies Record<string, ProblemDefinition>;
