import { type ResourceEligibility, type ResourceTerms, UnionType } from '@unionfold/contracts';
import Type, { type Static } from 'typebox';
import { wordSchema } from '../http/enum-words.ts';
import { body } from '../http/operation.ts';
import { unionTypes } from '../unions/answers.ts';

const clock = (description: string) =>
  Type.String({ pattern: '^([01]\\d|2[0-4]):[0-5]\\d$', description });

/** The times at which a resource can be booked (开放日历). */
export const Calendar = Type.Object(
  {
    hours: Type.Array(
      body({
        weekday: Type.Integer({
          minimum: 1,
          maximum: 7,
          description: '1 为星期一 | 1 is Monday.',
        }),
        opensAt: clock('北京时间 HH:mm | China time.'),
        closesAt: clock('24:00 为当日结束 | 24:00 is the end of the day.'),
      }),
      { minItems: 1, maxItems: 50 },
    ),
    closedOn: Type.Array(Type.String({ format: 'date' }), {
      maxItems: 400,
      description: '闭馆日 | Days on which it is closed all the same.',
    }),
    slotMinutes: Type.Integer({
      minimum: 5,
      maximum: 1_440,
      description: '时段长度(分钟) | Length of a slot.',
    }),
  },
  { additionalProperties: false },
);

/** Who may book, among those that the resource reaches (预约资格). */
export const Eligibility = Type.Object(
  {
    unions: Type.Boolean({ description: '工会可预约 | Unions may book.' }),
    workers: Type.Boolean({ description: '职工本人可预约 | Workers may book for themselves.' }),
    unionTypes: Type.Array(wordSchema(unionTypes), {
      maxItems: 20,
      description: '限工会类型,空为不限 | Only these kinds of union; empty: any.',
    }),
  },
  { additionalProperties: false },
);

/** The fields of an offer or a correction that make its terms. */
export const termsFields = {
  levelUnionType: Type.Optional(
    wordSchema(unionTypes, '共享范围为 level 时的层级 | With the audience `level`: which.'),
  ),
  capacity: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 10_000,
      description: '可同时预约数,默认 1 | Bookings at the same time, default 1.',
    }),
  ),
  calendar: Type.Optional(Calendar),
  eligibility: Type.Optional(Eligibility),
  regionCode: Type.Optional(
    Type.String({
      maxLength: 16,
      description: '所在地,默认提供方所在地 | Where it is; default where the owner is.',
    }),
  ),
  bookableDays: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 366,
      description: '可提前预约天数,默认 90 | Days ahead that it can be booked, default 90.',
    }),
  ),
};

/** The terms as a body gives them. */
export interface TermsBody {
  readonly levelUnionType?: (typeof unionTypes.words)[number];
  readonly capacity?: number;
  readonly calendar?: Static<typeof Calendar>;
  readonly eligibility?: Static<typeof Eligibility>;
  readonly regionCode?: string;
  readonly bookableDays?: number;
}

/** The terms of an offer; what the body leaves open is left to the service. */
export function offeredTerms(terms: TermsBody): ResourceTerms {
  const { capacity = 0, calendar, regionCode = '', bookableDays = 0 } = terms;
  return {
    capacity,
    ...(calendar === undefined ? {} : { calendar }),
    eligibility: eligibilityOf(terms.eligibility),
    regionCode,
    levelUnionType: levelOf(terms.levelUnionType) ?? UnionType.UNION_TYPE_UNSPECIFIED,
    bookableDays,
  };
}

/** The terms of a correction: only what the body says. */
export function correctedTerms(terms: TermsBody) {
  const { capacity, calendar, regionCode, bookableDays } = terms;
  return {
    capacity,
    calendar,
    eligibility: eligibilityOf(terms.eligibility),
    regionCode,
    levelUnionType: levelOf(terms.levelUnionType),
    bookableDays,
  };
}

function levelOf(word: TermsBody['levelUnionType']): UnionType | undefined {
  return word === undefined ? undefined : unionTypes.toValue(word);
}

function eligibilityOf(eligibility: TermsBody['eligibility']): ResourceEligibility | undefined {
  if (eligibility === undefined) return undefined;
  const { unions, workers } = eligibility;
  return { unions, workers, unionTypes: eligibility.unionTypes.map(unionTypes.toValue) };
}
