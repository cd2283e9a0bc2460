import { nameMatches, parseCreditCode, queryTerms } from '@unionfold/codes';
import type { Document } from '@unionfold/eventsourcing';
import Type, { type Static } from 'typebox';
import { type GatewayContext, scopeOf } from '../context.ts';
import { accepts, idField, reasonField, versionField } from '../http/command-fields.ts';
import { expectedVersion } from '../http/command-headers.ts';
import { type Api, accepted, callerOf, commandOrigin } from '../http/exchange.ts';
import { body, operation } from '../http/operation.ts';
import { type Page, type PageRequest, pageFields, pageOf, readPage } from '../http/page.ts';
import { refused } from '../http/refused.ts';
import type { Scope } from '../jurisdiction/jurisdiction.ts';
import { requireMember } from '../members/commands.ts';
import type { EmployerDocument } from '../read-models/federation/grid-documents.ts';
import { EmployerRecord, employerAnswer, employerRef, particularsFields } from './answers.ts';
import { insideOf, requireCell, requireEmployer, requireRegion, seenEmployer } from './sight.ts';

const employerParams = Type.Object({ creditCode: Type.String() });
const creditCodeField = Type.String({
  maxLength: 64,
  description: '用人单位统一社会信用代码 | GB 32100',
});

const example = {
  name: '青岛示例精密机械有限公司',
  regionCode: '370202',
  ownership: '170',
  industry: 'C34',
  employees: 86,
  women: 31,
  migrantWorkers: 20,
};

const creditCodeProblems = [
  'credit-code-invalid-length',
  'credit-code-invalid-characters',
  'credit-code-invalid-check-digit',
  'employer-code-of-a-union',
] as const;

const particularsProblems = [
  'name-missing',
  'name-too-long',
  'region-code-missing',
  'region-code-unknown',
  'region-outside-jurisdiction',
  'employer-ownership-unknown',
  'employer-industry-unknown',
  'employer-count-invalid',
] as const;

/** Employers, whether or not a union covers them (用人单位). */
export function employerRoutes(api: Api, context: GatewayContext): void {
  const { federation } = context;
  const { grid } = context.services;
  api.addSchema(EmployerRecord);

  api.post(
    '/employers',
    operation({
      id: 'registerEmployer',
      tag: 'employers',
      summary: { zh: '登记用人单位', en: 'Register an employer' },
      description:
        '属地工会登记;园区等工会可直接登记到本会的网格(cellId)。\n\n' +
        'By the union of its region; a union such as that of a park registers into a cell of its own (cellId).',
      roles: ['cadre'],
      command: 'plain',
      body: body(
        {
          creditCode: creditCodeField,
          ...particularsFields,
          cellId: Type.Optional(idField('同时划入的网格 | The cell to place it in at once.')),
        },
        { examples: [{ creditCode: '91370202YX0000017T', ...example }] },
      ),
      status: 201,
      ...accepts,
      problems: [
        'employer-registered',
        'employer-in-another-cell',
        'cell-unknown',
        'cell-closed',
        ...creditCodeProblems,
        ...particularsProblems,
      ],
    }),
    async (request, reply) => {
      const origin = commandOrigin(request);
      const scope = await scopeOf(context, request);
      const { creditCode, cellId, ...fields } = request.body;
      if (cellId !== undefined) await requireCell(context, request, scope, cellId);
      await requireRegion(context, scope, fields.regionCode, cellId);
      return accepted(
        reply,
        await grid.registerEmployer(
          { creditCode, particulars: particularsOf(fields), cellId: cellId ?? '' },
          origin,
        ),
        (id) => `/api/v1/employers/${id}`,
      );
    },
  );

  api.get(
    '/employers',
    operation({
      id: 'searchEmployers',
      tag: 'employers',
      summary: { zh: '查找用人单位', en: 'Search employers' },
      description:
        '按名称、拼音、拼音首字母或统一社会信用代码,在管辖范围内查找。\n\n' +
        'By a part of the name, its pinyin or initials, or by social credit code, in the jurisdiction.',
      roles: ['cadre', 'operator'],
      querystring: Type.Object({
        query: Type.Optional(Type.String({ maxLength: 120 })),
        unionId: Type.Optional(
          Type.String({ maxLength: 64, description: '该工会及下级 | That union and below it.' }),
        ),
        covered: Type.Optional(Type.Boolean({ description: '已建会 | Covered by a union.' })),
        inCell: Type.Optional(Type.Boolean({ description: '已入网格 | In a cell.' })),
        ...pageFields,
      }),
      answer: pageOf(employerRef),
      problems: ['union-unknown', 'page-token-invalid', 'text-too-long'],
    }),
    async (request) => {
      const scope = await scopeOf(context, request);
      const { query = '', unionId, covered, inCell, ...page } = request.query;
      const path =
        unionId === undefined ? await scope.path() : (await scope.requireUnion(unionId)).path;
      if (path === undefined) return { items: [] };
      const where = {
        counted: true,
        ...(covered === undefined ? {} : { covered }),
        ...(inCell === undefined ? {} : { inCell }),
      };
      const found = await searchEmployers(path, where, query.trim(), page);
      const employers = found.items as readonly EmployerDocument[];
      const inside = await insideOf(federation, employers);
      return {
        ...found,
        items: employers.map((employer) => employerAnswer(employer, scope, inside)),
      };
    },
  );

  api.get(
    '/employers/:creditCode',
    operation({
      id: 'getEmployer',
      tag: 'employers',
      summary: { zh: '用人单位详情', en: 'One employer' },
      roles: ['cadre', 'operator'],
      params: employerParams,
      answer: EmployerRecord,
      problems: ['employer-unknown'],
    }),
    async (request, reply) => {
      const scope = await scopeOf(context, request);
      const employer = await seenEmployer(federation, scope, request.params.creditCode);
      if (employer === undefined) throw refused('employer-unknown', { field: 'creditCode' });
      if (employer.version > 0) reply.header('etag', `"${employer.version}"`);
      return employerAnswer(employer, scope, await insideOf(federation, [employer]));
    },
  );

  api.post(
    '/employers/:creditCode/correct',
    operation({
      id: 'correctEmployer',
      tag: 'employers',
      summary: { zh: '更正用人单位信息', en: 'Correct an employer' },
      description: '须填写全部信息 | All particulars as they are now.',
      roles: ['cadre'],
      command: 'guarded',
      params: employerParams,
      body: body(
        { ...particularsFields, ...reasonField, ...versionField },
        { examples: [{ ...example, reason: '年度核实' }] },
      ),
      ...accepts,
      problems: ['employer-unknown', 'employer-closed', ...particularsProblems],
    }),
    async (request, reply) => {
      const origin = commandOrigin(request);
      const scope = await scopeOf(context, request);
      const { creditCode } = request.params;
      const { reason = '', expectedVersion: inBody, ...fields } = request.body;
      await requireEmployer(context, request, scope, creditCode);
      await requireSameOrOwnRegion(scope, creditCode, fields.regionCode);
      const seen = expectedVersion(request.headers['if-match'], inBody);
      return accepted(
        reply,
        await grid.correctEmployer(
          { creditCode, particulars: particularsOf(fields), reason, expectedVersion: seen },
          origin,
        ),
      );
    },
  );

  api.post(
    '/employers/:creditCode/close',
    operation({
      id: 'closeEmployer',
      tag: 'employers',
      summary: { zh: '注销用人单位', en: 'Close an employer' },
      roles: ['cadre'],
      command: 'guarded',
      params: employerParams,
      body: body({ ...reasonField, ...versionField }),
      ...accepts,
      problems: ['employer-unknown'],
    }),
    async (request, reply) => {
      const origin = commandOrigin(request);
      const { creditCode } = request.params;
      const { reason = '', expectedVersion: inBody } = request.body;
      await requireEmployer(context, request, await scopeOf(context, request), creditCode);
      const seen = expectedVersion(request.headers['if-match'], inBody);
      return accepted(
        reply,
        await grid.closeEmployer({ creditCode, reason, expectedVersion: seen }, origin),
      );
    },
  );

  api.post(
    '/members/:memberId/workplace',
    operation({
      id: 'stateWorkplace',
      tag: 'employers',
      summary: { zh: '申报工作单位', en: 'State where a member works' },
      description:
        '会员之家等处的会员申报所在单位;同一未建会单位的会员达到人数时提示建会。单位无须已登记。\n\n' +
        'Members at a township’s 会员之家 tell where they work; many at one employer without a union prompt its ' +
        'establishment. The employer need not be registered.',
      roles: ['cadre', 'worker'],
      command: 'plain',
      params: Type.Object({ memberId: Type.String() }),
      body: body({
        creditCode: creditCodeField,
        employerName: Type.String({ maxLength: 400, description: '单位名称 | Its name.' }),
      }),
      ...accepts,
      problems: [
        'member-unknown',
        'member-not-live',
        'name-missing',
        'name-too-long',
        ...creditCodeProblems,
      ],
    }),
    async (request, reply) => {
      const origin = commandOrigin(request);
      const { memberId } = request.params;
      const caller = callerOf(request);
      if (caller.role === 'worker' && caller.memberId !== memberId) {
        throw refused('member-unknown', { field: 'memberId' });
      }
      await requireMember(context, request, await scopeOf(context, request), memberId);
      const { creditCode, employerName } = request.body;
      return accepted(
        reply,
        await grid.stateWorkplace({ memberId, creditCode, employerName }, origin),
      );
    },
  );

  async function searchEmployers(
    path: string,
    where: Readonly<Record<string, boolean>>,
    text: string,
    page: PageRequest,
  ): Promise<Page<Document>> {
    const parsed = parseCreditCode(text);
    if (parsed.ok) {
      const found = await federation.get('employers', parsed.code);
      const isListed =
        found !== undefined &&
        String(found['path']).startsWith(path) &&
        Object.entries(where).every(([field, value]) => found[field] === value);
      return { items: isListed ? [found] : [] };
    }
    const [term] = queryTerms(text).toSorted((a, b) => b.length - a.length);
    // A text without a letter, digit or Han character is no part of any name.
    if (term === undefined && text !== '') return { items: [] };
    return await readPage(
      federation,
      {
        collection: 'employers',
        where,
        prefix: { path },
        orderBy: ['path', 'id'],
        mark: text,
        ...(term === undefined
          ? {}
          : { term, keep: (employer) => nameMatches(String(employer['name']), text) }),
      },
      page,
    );
  }

  /** A correction does not send an employer out of the jurisdiction. */
  async function requireSameOrOwnRegion(scope: Scope, creditCode: string, regionCode: string) {
    const known = (await federation.get('employers', creditCode)) as EmployerDocument | undefined;
    if (known?.regionCode !== regionCode) {
      await requireRegion(context, scope, regionCode, known?.cellId);
    }
  }
}

type ParticularsFields = Static<ReturnType<typeof Type.Object<typeof particularsFields>>>;

function particularsOf(fields: ParticularsFields) {
  const { name, regionCode, ownership = '', industry = '', employees } = fields;
  const { women = 0, migrantWorkers = 0, dispatched = 0, newForms = 0 } = fields;
  return {
    name,
    regionCode,
    ownership,
    industry,
    employees,
    women,
    migrantWorkers,
    dispatched,
    newForms,
  };
}
