import { ResourceAudience, ResourceKind } from '@unionfold/contracts';
import Type, { type Static } from 'typebox';
import { enumWords, wordSchema } from '../http/enum-words.ts';
import type { ResourceUseDocument } from '../read-models/federation/booking-documents.ts';
import type { ResourceDocument } from '../read-models/federation/documents.ts';
import { unionTypes } from '../unions/answers.ts';
import { Calendar, Eligibility } from './terms.ts';

/** The kinds of resource (资源类别). */
export const kinds = enumWords({
  venue: ResourceKind.RESOURCE_KIND_VENUE,
  course: ResourceKind.RESOURCE_KIND_COURSE,
  lawyer: ResourceKind.RESOURCE_KIND_LAWYER,
  expert: ResourceKind.RESOURCE_KIND_EXPERT,
  equipment: ResourceKind.RESOURCE_KIND_EQUIPMENT,
  fund: ResourceKind.RESOURCE_KIND_FUND,
});

/** Whom a resource is offered to (共享范围). */
export const audiences = enumWords({
  subtree: ResourceAudience.RESOURCE_AUDIENCE_SUBTREE,
  level: ResourceAudience.RESOURCE_AUDIENCE_LEVEL,
  neighbours: ResourceAudience.RESOURCE_AUDIENCE_NEIGHBOURS,
  all: ResourceAudience.RESOURCE_AUDIENCE_ALL,
});

export const kindsText = '场馆、课程、律师、专家、设备、资金';
export const audiencesText =
  '本级及下级、下级中的指定层级、同级、全部 | The owner’s subtree, one level of it, its neighbours’, everybody.';

/** A resource that a union offers. Who offers it is part of the offer, wherever that union stands. */
export const SharedResource = Type.Object(
  {
    id: Type.String(),
    ownerUnionId: Type.String(),
    kind: wordSchema(kinds, kindsText),
    name: Type.String(),
    description: Type.String(),
    audience: wordSchema(audiences, audiencesText),
    levelUnionType: Type.Optional(wordSchema(unionTypes, '指定层级 | With `level`: which.')),
    capacity: Type.Optional(
      Type.Integer({ description: '可同时预约数 | Bookings at the same time.' }),
    ),
    calendar: Type.Optional(Calendar),
    eligibility: Type.Optional(Eligibility),
    regionCode: Type.Optional(
      Type.String({ description: '所在地(GB/T 2260, GB/T 10114) | Where it is.' }),
    ),
    bookableDays: Type.Optional(
      Type.Integer({ description: '可提前预约天数 | Days ahead that it can be booked.' }),
    ),
    version: Type.Integer(),
  },
  {
    $id: 'SharedResource',
    examples: [
      {
        id: '01k2ab3cd4ef5gh6jk7r',
        ownerUnionId: 'cn-3702',
        kind: 'venue',
        name: '市工人文化宫报告厅',
        description: '可容纳 300 人,工作日可预约',
        audience: 'level',
        levelUnionType: 'county',
        capacity: 1,
        calendar: {
          hours: [{ weekday: 1, opensAt: '09:00', closesAt: '17:00' }],
          closedOn: ['2026-10-01'],
          slotMinutes: 120,
        },
        eligibility: { unions: true, workers: false, unionTypes: [] },
        regionCode: '370202',
        bookableDays: 90,
        version: 1,
      },
    ],
  },
);

/** How a resource is used (使用统计). */
export const ResourceUse = Type.Object(
  {
    bookings: Type.Integer({
      description: '有效预约数,不含候补和已取消 | Bookings with a place, without cancelled ones.',
    }),
    hours: Type.Number({ description: '预约时长(小时) | Hours booked.' }),
    unionsServed: Type.Integer({ description: '服务工会数 | Distinct unions.' }),
    lentShare: Type.Number({
      description: '其他工会预约占比 | Share of the bookings by other unions than the owner.',
    }),
    duplicationAvoided: Type.Integer({
      description:
        '避免重复建设:借用该资源而自身未提供同类资源的工会数 | ' +
        'Unions that borrow it and offer none of the kind themselves.',
    }),
    averageStars: Type.Optional(Type.Number({ description: '平均评分 | 1 to 5.' })),
    ratings: Type.Integer({ description: '评价数 | Ratings.' }),
  },
  {
    $id: 'ResourceUse',
    examples: [
      {
        bookings: 24,
        hours: 48,
        unionsServed: 9,
        lentShare: 0.75,
        duplicationAvoided: 7,
        averageStars: 4.6,
        ratings: 18,
      },
    ],
  },
);

/** A resource as it is told. */
export function resourceAnswer(resource: ResourceDocument): Static<typeof SharedResource> {
  const { id, ownerUnionId, name, description, terms, regionCode, version } = resource;
  const kind = kinds.toWord(resource.kind) ?? 'equipment';
  const audience = audiences.toWord(resource.audience) ?? 'subtree';
  const level = terms === undefined ? undefined : unionTypes.toWord(terms.levelUnionType);
  return {
    id,
    ownerUnionId,
    kind,
    name,
    description,
    audience,
    ...(audience === 'level' && level !== undefined ? { levelUnionType: level } : {}),
    ...(regionCode === '' ? {} : { regionCode }),
    ...(terms === undefined ? {} : shared(terms)),
    version,
  };
}

function shared(terms: NonNullable<ResourceDocument['terms']>) {
  const { capacity, calendar, eligibility, bookableDays } = terms;
  return {
    capacity,
    ...(calendar === undefined
      ? {}
      : {
          calendar: {
            hours: calendar.hours.map((hours) => ({ ...hours })),
            closedOn: [...calendar.closedOn],
            slotMinutes: calendar.slotMinutes,
          },
        }),
    eligibility: {
      unions: eligibility.unions,
      workers: eligibility.workers,
      unionTypes: eligibility.unionTypes.flatMap((type) => unionTypes.toWord(type) ?? []),
    },
    bookableDays,
  };
}

/** How a resource is used, in rounded figures; zeros where it never was. */
export function useAnswer(use: ResourceUseDocument | undefined): Static<typeof ResourceUse> {
  const { bookings = 0, minutes = 0, ownBookings = 0, borrowers = 0 } = use ?? {};
  const { spared = 0, ratings = 0, stars = 0 } = use ?? {};
  return {
    bookings,
    hours: hoursOf(minutes),
    unionsServed: borrowers + (ownBookings > 0 ? 1 : 0),
    lentShare: shareOf(bookings - ownBookings, bookings),
    duplicationAvoided: spared,
    ...(ratings === 0 ? {} : { averageStars: averageOf(stars, ratings) }),
    ratings,
  };
}

/** Hours of minutes, to two places. */
export function hoursOf(minutes: number): number {
  return Math.round((minutes / 60) * 100) / 100;
}

/** A part of a whole from 0 to 1, to four places. */
export function shareOf(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((part / whole) * 10_000) / 10_000;
}

/** An average, to two places. */
export function averageOf(sum: number, count: number): number {
  return Math.round((sum / count) * 100) / 100;
}
