import { UnionFunction } from '@unionfold/contracts';
import Type, { type Static } from 'typebox';
import { type GatewayContext, scopeOf } from '../context.ts';
import { accepts, idField, reasonField, versionField } from '../http/command-fields.ts';
import { expectedVersion } from '../http/command-headers.ts';
import { enumWords, wordSchema } from '../http/enum-words.ts';
import { type Api, accepted, commandOrigin, queryOrigin } from '../http/exchange.ts';
import { body, operation, reference, textEnum } from '../http/operation.ts';
import { pageFields, pageOf, readPage } from '../http/page.ts';
import { granted } from '../http/refused.ts';
import type { RecordDocument, UnionDocument } from '../read-models/federation/documents.ts';
import { qualityPolicies } from '../read-models/federation/record-quality.ts';

const unionParams = Type.Object({ unionId: Type.String() });
const roles = ['cadre'] as const;

/** The four functions (四项职能). */
const functions = enumWords({
  protect: UnionFunction.UNION_FUNCTION_PROTECT,
  build: UnionFunction.UNION_FUNCTION_BUILD,
  participate: UnionFunction.UNION_FUNCTION_PARTICIPATE,
  educate: UnionFunction.UNION_FUNCTION_EDUCATE,
});

const text = (description: string, maxLength = 2_000) =>
  Type.Optional(Type.String({ maxLength, description }));

const recordFields = {
  legalPerson: Type.Optional(Type.Boolean({ description: '具有法人资格 | Is a legal person.' })),
  certificateNumber: text('工会法人资格证书号 | Number of the legal-person certificate.', 64),
  certificateValidUntil: Type.Optional(Type.String({ format: 'date' })),
  address: text('办公地址 | Address of the office.', 400),
  addressRegionCode: text('GB/T 2260, GB/T 10114', 16),
  contactOffice: text('联系部门(不填个人) | The office, not a person.', 200),
  contactPhone: text('办公电话 | Telephone of the office.', 30),
  duties: text('职责 | Duties.'),
  functions: Type.Optional(
    Type.Array(wordSchema(functions, '维护、建设、参与、教育 | Function.'), { maxItems: 4 }),
  ),
};

const unitFields = {
  name: Type.String({ maxLength: 400, description: '单位名称 | As on its code certificate.' }),
  ownership: text('代码表 unit-type,如 170 | Code of the unit type.', 8),
  industry: text('GB/T 4754,门类或大类,如 C、C34 | Section or division.', 8),
  employees: Type.Optional(Type.Integer({ minimum: 0, maximum: 10_000_000 })),
  women: Type.Optional(Type.Integer({ minimum: 0, maximum: 10_000_000 })),
  migrantWorkers: Type.Optional(Type.Integer({ minimum: 0, maximum: 10_000_000 })),
  dispatched: Type.Optional(Type.Integer({ minimum: 0, maximum: 10_000_000 })),
  newForms: Type.Optional(Type.Integer({ minimum: 0, maximum: 10_000_000 })),
};

const UnionRecord = Type.Object(
  {
    ...recordFields,
    units: Type.Array(Type.Object({ creditCode: Type.String(), ...unitFields }), {
      description: '覆盖单位 | The employers that it covers.',
    }),
    verifiedOn: Type.Optional(Type.String({ format: 'date' })),
    version: Type.Integer(),
  },
  { $id: 'UnionRecord' },
);

const RecordQuality = Type.Object(
  {
    unionId: Type.String(),
    name: Type.String(),
    score: Type.Integer({ minimum: 0, maximum: 100 }),
    toFix: Type.Array(Type.Object({ name: Type.String(), title: Type.String() }), {
      description: '待完善事项 | What is missing or wrong.',
    }),
    verifiedOn: Type.Optional(Type.String({ format: 'date' })),
    rank: Type.Optional(
      Type.Integer({ description: '在上级工会内的名次 | Rank within the upper union.' }),
    ),
    of: Type.Optional(Type.Integer({ description: '参与排名的工会数 | Unions ranked.' })),
  },
  {
    $id: 'RecordQuality',
    examples: [
      {
        unionId: 'cn-370202',
        name: '青岛市市南区总工会',
        score: 85,
        toFix: [{ name: 'duties', title: '职责' }],
        rank: 2,
        of: 12,
      },
    ],
  },
);

/** Unions ranked within one upper union, at most. */
const mostRanked = 10_000;

/** The record of a union (登记信息), the employers it covers, and how good the record is (数据质量). */
export function recordRoutes(api: Api, context: GatewayContext): void {
  const { federation } = context;
  const { organizations } = context.services;
  for (const schema of [UnionRecord, RecordQuality]) api.addSchema(schema);

  api.post(
    '/unions/prepare',
    operation({
      id: 'prepareUnion',
      tag: 'unions',
      summary: { zh: '筹建工会', en: 'Begin to prepare a union' },
      roles,
      command: 'plain',
      body: body(
        {
          name: Type.String({ maxLength: 400 }),
          territorialParentId: idField('上级工会 | The upper union.'),
          regionCode: text('GB/T 2260', 16),
          synthetic: Type.Optional(Type.Boolean()),
        },
        { examples: [{ name: '青岛示例物流园联合工会(筹)', territorialParentId: 'cn-370202' }] },
      ),
      status: 201,
      ...accepts,
      problems: ['parent-unknown', 'parent-not-live', 'name-missing', 'region-code-unknown'],
    }),
    async (request, reply) => {
      const origin = commandOrigin(request);
      const { name, territorialParentId, regionCode = '', synthetic = false } = request.body;
      const scope = await scopeOf(context, request);
      await scope.requirePlace(territorialParentId, 'territorialParentId', 'parent-unknown');
      return accepted(
        reply,
        await organizations.prepareUnion(
          { unionId: '', name, territorialParentId, regionCode, synthetic },
          origin,
        ),
        (id) => `/api/v1/unions/${id}`,
      );
    },
  );

  api.get(
    '/unions/:unionId/record',
    operation({
      id: 'getUnionRecord',
      tag: 'unions',
      summary: { zh: '登记信息', en: 'The union’s record and the employers it covers' },
      roles,
      params: unionParams,
      answer: UnionRecord,
      problems: ['union-unknown'],
    }),
    async (request, reply) => {
      const { unionId } = request.params;
      await (await scopeOf(context, request)).requirePlace(unionId);
      const answer = granted(await organizations.getUnionRecord({ unionId }, queryOrigin(request)));
      const { record, units, verifiedOn } = answer;
      const version = Number(answer.version);
      reply.header('etag', `"${version}"`);
      return {
        ...filled({ ...record }),
        legalPerson: record?.legalPerson ?? false,
        functions: (record?.functions ?? []).flatMap((value) => functions.toWord(value) ?? []),
        units: units.map((unit) => ({ ...unit })),
        ...(verifiedOn === '' ? {} : { verifiedOn }),
        version,
      };
    },
  );

  api.put(
    '/unions/:unionId/record',
    operation({
      id: 'correctUnionRecord',
      tag: 'unions',
      summary: { zh: '更正登记信息', en: 'Correct the union’s record' },
      description: '整份提交,未填的项清空 | The whole record: what is left out becomes empty.',
      roles,
      command: 'guarded',
      params: unionParams,
      body: body(
        { ...recordFields, ...reasonField, ...versionField },
        {
          examples: [
            {
              legalPerson: true,
              certificateNumber: '工法证字第370202001号',
              address: '香港中路1号',
              addressRegionCode: '370202',
              contactOffice: '办公室',
              contactPhone: '0532-80000000',
              functions: ['protect', 'build'],
            },
          ],
        },
      ),
      ...accepts,
      problems: [
        'union-unknown',
        'union-dissolved',
        'text-too-long',
        'certificate-without-legal-person',
        'date-invalid',
        'region-code-unknown',
        'phone-invalid',
      ],
    }),
    async (request, reply) => {
      const origin = commandOrigin(request);
      const { unionId } = request.params;
      await (await scopeOf(context, request)).requirePlace(unionId);
      const { reason = '', expectedVersion: seen, ...given } = request.body;
      return accepted(
        reply,
        await organizations.correctUnionRecord(
          {
            unionId,
            record: {
              legalPerson: given.legalPerson ?? false,
              certificateNumber: given.certificateNumber ?? '',
              certificateValidUntil: given.certificateValidUntil ?? '',
              address: given.address ?? '',
              addressRegionCode: given.addressRegionCode ?? '',
              contactOffice: given.contactOffice ?? '',
              contactPhone: given.contactPhone ?? '',
              duties: given.duties ?? '',
              functions: (given.functions ?? []).map((word) => functions.toValue(word)),
            },
            reason,
            expectedVersion: expectedVersion(request.headers['if-match'], seen),
          },
          origin,
        ),
      );
    },
  );

  api.post(
    '/unions/:unionId/record/verify',
    operation({
      id: 'verifyUnionRecord',
      tag: 'unions',
      summary: { zh: '信息核实', en: 'Note that the record is right' },
      roles,
      command: 'guarded',
      params: unionParams,
      body: body({ ...versionField }),
      ...accepts,
      problems: ['union-unknown', 'union-dissolved'],
    }),
    async (request, reply) => {
      const origin = commandOrigin(request);
      const { unionId } = request.params;
      await (await scopeOf(context, request)).requirePlace(unionId);
      return accepted(
        reply,
        await organizations.verifyUnionRecord(
          {
            unionId,
            expectedVersion: expectedVersion(
              request.headers['if-match'],
              request.body.expectedVersion,
            ),
          },
          origin,
        ),
      );
    },
  );

  api.put(
    '/unions/:unionId/units/:creditCode',
    operation({
      id: 'coverUnit',
      tag: 'unions',
      summary: { zh: '登记覆盖单位', en: 'Note an employer that the union covers' },
      roles,
      command: 'guarded',
      params: Type.Object({ unionId: Type.String(), creditCode: Type.String() }),
      body: body(
        { ...unitFields, ...versionField },
        {
          examples: [
            { name: '青岛示例重工有限公司', ownership: '170', industry: 'C34', employees: 260 },
          ],
        },
      ),
      ...accepts,
      problems: [
        'union-unknown',
        'union-dissolved',
        'name-missing',
        'headcount-invalid',
        'ownership-code-unknown',
        'industry-code-unknown',
        'credit-code-invalid-length',
        'credit-code-invalid-characters',
        'credit-code-invalid-check-digit',
      ],
    }),
    async (request, reply) => {
      const origin = commandOrigin(request);
      const { unionId, creditCode } = request.params;
      await (await scopeOf(context, request)).requirePlace(unionId);
      const { expectedVersion: seen, ...unit } = request.body;
      return accepted(
        reply,
        await organizations.coverUnit(
          {
            unionId,
            unit: {
              creditCode,
              name: unit.name,
              ownership: unit.ownership ?? '',
              industry: unit.industry ?? '',
              employees: unit.employees ?? 0,
              women: unit.women ?? 0,
              migrantWorkers: unit.migrantWorkers ?? 0,
              dispatched: unit.dispatched ?? 0,
              newForms: unit.newForms ?? 0,
            },
            expectedVersion: expectedVersion(request.headers['if-match'], seen),
          },
          origin,
        ),
      );
    },
  );

  api.post(
    '/unions/:unionId/units/:creditCode/release',
    operation({
      id: 'releaseUnit',
      tag: 'unions',
      summary: { zh: '移出覆盖单位', en: 'Note that the union covers an employer no longer' },
      roles,
      command: 'guarded',
      params: Type.Object({ unionId: Type.String(), creditCode: Type.String() }),
      body: body({ ...reasonField, ...versionField }, { examples: [{ reason: '企业注销' }] }),
      ...accepts,
      problems: ['union-unknown', 'union-dissolved', 'unit-not-covered'],
    }),
    async (request, reply) => {
      const origin = commandOrigin(request);
      const { unionId, creditCode } = request.params;
      await (await scopeOf(context, request)).requirePlace(unionId);
      const { reason = '', expectedVersion: seen } = request.body;
      return accepted(
        reply,
        await organizations.releaseUnit(
          {
            unionId,
            creditCode,
            reason,
            expectedVersion: expectedVersion(request.headers['if-match'], seen),
          },
          origin,
        ),
      );
    },
  );

  api.get(
    '/unions/:unionId/quality',
    operation({
      id: 'getRecordQuality',
      tag: 'unions',
      summary: { zh: '数据质量', en: 'How good the union’s record is' },
      roles: ['cadre', 'operator'],
      params: unionParams,
      answer: RecordQuality,
      problems: ['union-unknown'],
    }),
    async (request) => {
      const union = await (await scopeOf(context, request)).requireUnion(request.params.unionId);
      const record = (await federation.get('records', union.id)) as RecordDocument | undefined;
      const { score = 0, live = false, parentId = '' } = record ?? {};
      const siblings = { parentId, live: true };
      const ranked = live && parentId !== '';
      // Whoever has as many points shares the rank.
      const better = ranked
        ? await federation.find('records', {
            where: siblings,
            orderBy: ['score'],
            after: [score, '\uffff'],
            limit: mostRanked,
          })
        : [];
      return {
        ...qualityAnswer(union, record, request.locale),
        ...(ranked
          ? {
              rank: better.length + 1,
              of: await federation.count('records', { where: siblings, limit: mostRanked }),
            }
          : {}),
      };
    },
  );

  api.get(
    '/unions/:unionId/quality/list',
    operation({
      id: 'listRecordQuality',
      tag: 'unions',
      summary: { zh: '数据质量清单', en: 'Unions by the quality of their records' },
      description:
        'within=children:直接下级,从低分到高分;within=subtree:全部下级,按组织顺序。\n\n' +
        'Direct subordinates, the worst first; or the whole subtree in order of the tree.',
      roles: ['cadre', 'operator'],
      params: unionParams,
      querystring: Type.Object({
        within: Type.Optional(textEnum(['children', 'subtree'])),
        below: Type.Optional(
          Type.Integer({ minimum: 1, maximum: 101, description: '低于此分 | Below this score.' }),
        ),
        ...pageFields,
      }),
      answer: pageOf(reference(RecordQuality)),
      problems: ['union-unknown', 'page-token-invalid'],
    }),
    async (request) => {
      const scope = await scopeOf(context, request);
      const { id, path } = await scope.requireUnion(request.params.unionId);
      const { within = 'children', below = 101, ...page } = request.query;
      const found = await readPage(
        federation,
        {
          collection: 'records',
          ...(within === 'children'
            ? { where: { parentId: id, live: true }, orderBy: ['score', 'id'] }
            : { prefix: { path }, orderBy: ['path', 'id'] }),
          keep: ({ live, score }) => live === true && Number(score) < below,
          mark: String(below),
        },
        page,
      );
      const unions = await federation.getMany(
        'unions',
        found.items.map((record) => record.id),
      );
      return {
        ...found,
        items: found.items.flatMap((record) => {
          const union = unions.get(record.id) as UnionDocument | undefined;
          return union === undefined
            ? []
            : [qualityAnswer(union, record as RecordDocument, request.locale)];
        }),
      };
    },
  );
}

function qualityAnswer(
  union: UnionDocument,
  record: RecordDocument | undefined,
  locale: 'zh' | 'en',
): Static<typeof RecordQuality> {
  const { score = 0, toFix = [], verifiedOn = '' } = record ?? {};
  return {
    unionId: union.id,
    name: union.name,
    score,
    toFix: toFix.map((name) => ({
      name,
      title: qualityPolicies.find((policy) => policy.name === name)?.title[locale] ?? name,
    })),
    ...(verifiedOn === '' ? {} : { verifiedOn }),
  };
}

/** Texts that are filled in. */
function filled(record: Readonly<Record<string, unknown>>): { readonly [field: string]: string } {
  return Object.fromEntries(
    Object.entries(record).filter(([, value]) => typeof value === 'string' && value !== ''),
  ) as { readonly [field: string]: string };
}
