import { UnionType } from '@unionfold/contracts';
import type { Document } from '@unionfold/eventsourcing';
import Type, { type Static } from 'typebox';
import { enumWords, wordSchema } from '../http/enum-words.ts';
import { textEnum } from '../http/operation.ts';
import type { Scope } from '../jurisdiction/jurisdiction.ts';
import type { StatisticsDocument, UnionDocument } from '../read-models/federation/documents.ts';

/** The kinds of union (工会类型), from the top down. */
export const unionTypes = enumWords({
  national: UnionType.UNION_TYPE_NATIONAL,
  provincial: UnionType.UNION_TYPE_PROVINCIAL,
  municipal: UnionType.UNION_TYPE_MUNICIPAL,
  county: UnionType.UNION_TYPE_COUNTY,
  township: UnionType.UNION_TYPE_TOWNSHIP,
  industry: UnionType.UNION_TYPE_INDUSTRY,
  area: UnionType.UNION_TYPE_AREA,
  joint: UnionType.UNION_TYPE_JOINT,
  enterprise: UnionType.UNION_TYPE_ENTERPRISE,
  'sub-union': UnionType.UNION_TYPE_SUB_UNION,
  group: UnionType.UNION_TYPE_GROUP,
});

/** Totals of a union's subtree, itself included. */
export const Statistics = Type.Object(
  {
    unions: Type.Integer({ description: '在册工会数 | Live unions.' }),
    members: Type.Integer({ description: '在册会员数 | Live memberships.' }),
    openCases: Type.Integer({ description: '未办结困难档案数 | Open hardship cases.' }),
    paidFen: Type.Integer({ description: '已发放救助金(分) | Aid paid, in fen.' }),
    ownMembers: Type.Integer({ description: '本级会员数 | Members of the union itself.' }),
  },
  {
    $id: 'Statistics',
    examples: [{ unions: 168, members: 5_120, openCases: 12, paidFen: 1_250_000, ownMembers: 0 }],
  },
);

const facts = {
  id: Type.String(),
  name: Type.String(),
  type: wordSchema(unionTypes, '工会类型 | Kind.'),
  status: textEnum(
    ['preparing', 'pending', 'active', 'suspended', 'dissolved'],
    '筹建、待批复、在册、暂停活动、已撤销 | Being prepared, not approved yet, live, suspended, dissolved.',
  ),
  parentId: Type.Optional(
    Type.String({
      description: '上级工会(管辖范围内) | The upper union, where it is in the jurisdiction.',
    }),
  ),
  industryParentId: Type.Optional(Type.String()),
  regionCode: Type.Optional(Type.String({ description: 'GB/T 2260, GB/T 10114' })),
  creditCode: Type.Optional(Type.String({ description: 'GB 32100' })),
  foundedOn: Type.Optional(Type.String({ format: 'date' })),
  synthetic: Type.Boolean({ description: '演示数据 | Made up for demonstration.' }),
  version: Type.Integer(),
};

const example = {
  id: 'cn-370202',
  name: '青岛市市南区总工会',
  type: 'county',
  status: 'active',
  parentId: 'cn-3702',
  regionCode: '370202',
  synthetic: false,
  version: 2,
};

/** A union's facts. */
export const UnionFacts = Type.Object(facts, { $id: 'UnionFacts', examples: [example] });

/** A union in a list, with the totals of its subtree. */
export const ChildUnion = Type.Object(
  {
    ...facts,
    statistics: Type.Unsafe<Static<typeof Statistics>>({ $ref: 'Statistics#' }),
  },
  { $id: 'ChildUnion' },
);

/** A union with the totals of its subtree; a worker gets the facts alone. */
export const UnionDetail = Type.Object(
  {
    ...facts,
    successorId: Type.Optional(
      Type.String({
        description: '撤销后的接续工会(管辖范围内) | Who took over after dissolution.',
      }),
    ),
    statistics: Type.Optional(Type.Unsafe<Static<typeof Statistics>>({ $ref: 'Statistics#' })),
  },
  { $id: 'UnionDetail', examples: [example] },
);

/** A union's facts as they are told to one caller: ids of unions outside are left out. */
export function unionFacts(union: UnionDocument, scope: Scope): Static<typeof UnionFacts> {
  const { id, name, type, status, synthetic, version } = union;
  return {
    id,
    name,
    type: unionTypes.toWord(type) ?? 'group',
    status: status === 'unknown' ? 'pending' : status,
    ...(union.parentId === '' || id === scope.unionId ? {} : { parentId: union.parentId }),
    ...present('industryParentId', union.industryParentId),
    ...present('regionCode', union.regionCode),
    ...present('creditCode', union.creditCode),
    ...present('foundedOn', union.foundedOn),
    synthetic,
    version,
  };
}

/** The totals of a subtree; zeros where nothing was ever counted. */
export function statistics(document: Document | undefined): Static<typeof Statistics> {
  const counted = document as StatisticsDocument | undefined;
  return {
    unions: counted?.unions ?? 0,
    members: counted?.members ?? 0,
    openCases: counted?.openCases ?? 0,
    paidFen: counted?.paidFen ?? 0,
    ownMembers: counted?.ownMembers ?? 0,
  };
}

function present<Field extends string>(field: Field, value: string): { [F in Field]?: string } {
  return (value === '' ? {} : { [field]: value }) as { [F in Field]?: string };
}
