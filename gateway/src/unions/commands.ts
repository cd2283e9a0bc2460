import Type from 'typebox';
import { type GatewayContext, scopeOf } from '../context.ts';
import { accepts, idField, reasonField, versionField } from '../http/command-fields.ts';
import { expectedVersion } from '../http/command-headers.ts';
import { wordSchema } from '../http/enum-words.ts';
import { type Api, accepted, callerOf, commandOrigin } from '../http/exchange.ts';
import { body, operation } from '../http/operation.ts';
import { refused } from '../http/refused.ts';
import type { Scope } from '../jurisdiction/jurisdiction.ts';
import { unionTypes } from './answers.ts';
import { requireIndustryUnion } from './industry-union.ts';

const unionParams = Type.Object({ unionId: Type.String() });
const roles = ['cadre'] as const;

/** What a cadre may establish; the id is made by the platform, or taking one would tell whether it is free. */
const EstablishUnion = body(
  {
    name: Type.String({ maxLength: 400 }),
    type: wordSchema(unionTypes, '工会类型 | Kind.'),
    territorialParentId: Type.String({
      maxLength: 64,
      description: '上级工会 | The upper union on the territorial line.',
    }),
    industryParentId: Type.Optional(
      Type.String({
        maxLength: 64,
        description: '产业隶属的上级工会 | The upper union on the industry line.',
      }),
    ),
    regionCode: Type.Optional(Type.String({ maxLength: 16 })),
    creditCode: Type.Optional(
      Type.String({ maxLength: 64, description: '工会统一社会信用代码 | GB 32100' }),
    ),
    foundedOn: Type.Optional(Type.String({ format: 'date' })),
    synthetic: Type.Optional(Type.Boolean()),
    approvalDocument: Type.Optional(
      Type.String({
        maxLength: 200,
        description:
          '批复文号:上级工会直接成立时填写 | The upper union establishes and approves in one.',
      }),
    ),
  },
  {
    examples: [
      {
        name: '青岛示例精密机械有限公司工会',
        type: 'enterprise',
        territorialParentId: 'cn-370202',
        regionCode: '370202',
        creditCode: '81370200MC1234566U',
        foundedOn: '2026-05-01',
        synthetic: true,
      },
    ],
  },
);

/** What cadres do with unions: 成立, 批复, 更名, 变更隶属, 撤销. */
export function unionCommands(api: Api, context: GatewayContext): void {
  const { organizations } = context.services;

  api.post(
    '/unions',
    operation({
      id: 'establishUnion',
      tag: 'unions',
      summary: { zh: '成立工会', en: 'Establish a union' },
      description:
        '填写批复文号即由调用者所在工会直接批复;否则待上级工会批复。\n\n' +
        'With an approval document the caller’s union approves at once; without one the union waits for approval.',
      roles,
      command: 'plain',
      body: EstablishUnion,
      status: 201,
      ...accepts,
      problems: [
        'union-unknown',
        'parent-unknown',
        'parent-not-live',
        'parent-level-not-allowed',
        'name-missing',
        'name-too-long',
        'credit-code-invalid-length',
        'credit-code-invalid-characters',
        'credit-code-invalid-check-digit',
        'credit-code-not-a-union',
        'credit-code-taken',
        'region-code-unknown',
        'date-invalid',
        'not-an-upper-union',
        'field-value-not-allowed',
      ],
    }),
    async (request, reply) => {
      const origin = commandOrigin(request);
      const scope = await scopeOf(context, request);
      const { territorialParentId, industryParentId = '', approvalDocument = '' } = request.body;
      if (territorialParentId !== '') {
        await scope.requirePlace(territorialParentId, 'territorialParentId', 'parent-unknown');
      }
      await requireIndustryUnion(context, scope, industryParentId);
      const { name, type, regionCode = '', creditCode = '' } = request.body;
      const { foundedOn = '', synthetic = false } = request.body;
      return accepted(
        reply,
        await organizations.establishUnion(
          {
            unionId: '',
            name,
            type: unionTypes.toValue(type),
            territorialParentId,
            industryParentId,
            regionCode,
            creditCode,
            foundedOn,
            synthetic,
            approvalDocument,
            approvedByUnionId: approvalDocument === '' ? '' : callerOf(request).unionId,
          },
          origin,
        ),
        (id) => `/api/v1/unions/${id}`,
      );
    },
  );

  api.post(
    '/unions/:unionId/approve',
    operation({
      id: 'approveUnion',
      tag: 'unions',
      summary: { zh: '批复成立', en: 'Approve an establishment' },
      description: '由调用者所在工会批复 | The caller’s union approves.',
      roles,
      command: 'guarded',
      params: unionParams,
      body: body(
        { approvalDocument: Type.String({ maxLength: 200 }), ...versionField },
        { examples: [{ approvalDocument: '青工发〔2026〕12号' }] },
      ),
      ...accepts,
      problems: [
        'union-unknown',
        'union-already-approved',
        'union-dissolved',
        'not-an-upper-union',
        'approval-document-missing',
      ],
    }),
    async (request, reply) => {
      const origin = commandOrigin(request);
      const { unionId } = request.params;
      const { approvalDocument } = request.body;
      await (await scopeOf(context, request)).requirePlace(unionId);
      return accepted(
        reply,
        await organizations.approveUnion(
          {
            unionId,
            approvedByUnionId: callerOf(request).unionId,
            approvalDocument,
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

  api.post(
    '/unions/:unionId/rename',
    operation({
      id: 'renameUnion',
      tag: 'unions',
      summary: { zh: '更名', en: 'Rename a union' },
      roles,
      command: 'guarded',
      params: unionParams,
      body: body(
        { name: Type.String({ maxLength: 400 }), ...reasonField, ...versionField },
        { examples: [{ name: '青岛示例重工有限公司工会', reason: '企业更名' }] },
      ),
      ...accepts,
      problems: ['union-unknown', 'union-dissolved', 'name-missing', 'name-too-long'],
    }),
    async (request, reply) => {
      const origin = commandOrigin(request);
      const { unionId } = request.params;
      const { name, reason = '', expectedVersion: seen } = request.body;
      await (await scopeOf(context, request)).requirePlace(unionId);
      return accepted(
        reply,
        await organizations.renameUnion(
          {
            unionId,
            name,
            reason,
            expectedVersion: expectedVersion(request.headers['if-match'], seen),
          },
          origin,
        ),
      );
    },
  );

  api.post(
    '/unions/:unionId/move',
    operation({
      id: 'moveUnion',
      tag: 'unions',
      summary: { zh: '变更隶属关系', en: 'Move a union with all below it' },
      description:
        '该工会和新的上级工会都须在管辖范围内 | Both the union and its new upper union must be in the jurisdiction.',
      roles,
      command: 'guarded',
      params: unionParams,
      body: body(
        {
          toParentId: idField('新的上级工会 | The new upper union.'),
          ...reasonField,
          ...versionField,
        },
        { examples: [{ toParentId: 'cn-3702', reason: '行政区划调整' }] },
      ),
      ...accepts,
      problems: [
        'union-unknown',
        'union-dissolved',
        'parent-unknown',
        'parent-not-live',
        'parent-level-not-allowed',
        'move-into-own-subtree',
        'not-an-upper-union',
      ],
    }),
    async (request, reply) => {
      const origin = commandOrigin(request);
      const { unionId } = request.params;
      const { toParentId, reason = '', expectedVersion: seen } = request.body;
      const scope = await scopeOf(context, request);
      await scope.requirePlace(unionId);
      await scope.requirePlace(toParentId, 'toParentId', 'parent-unknown');
      requireBelow(scope, unionId);
      return accepted(
        reply,
        await organizations.moveUnion(
          {
            unionId,
            toParentId,
            reason,
            expectedVersion: expectedVersion(request.headers['if-match'], seen),
          },
          origin,
        ),
      );
    },
  );

  api.post(
    '/unions/:unionId/dissolve',
    operation({
      id: 'dissolveUnion',
      tag: 'unions',
      summary: { zh: '撤销', en: 'Dissolve a union' },
      description:
        '由上级工会办理;会员、未办结的困难档案和资金项转入接续工会,未填写则转入上级工会。\n\n' +
        'Done by an upper union. Members, open cases and fund lines pass to the successor, or else to the upper union.',
      roles,
      command: 'guarded',
      params: unionParams,
      body: body(
        {
          successorId: Type.Optional(idField('接续工会 | Who takes over.')),
          ...reasonField,
          ...versionField,
        },
        { examples: [{ reason: '企业注销' }] },
      ),
      ...accepts,
      problems: [
        'union-unknown',
        'union-dissolved',
        'union-has-subordinates',
        'successor-invalid',
        'not-an-upper-union',
      ],
    }),
    async (request, reply) => {
      const origin = commandOrigin(request);
      const { unionId } = request.params;
      const { successorId = '', reason = '', expectedVersion: seen } = request.body;
      const scope = await scopeOf(context, request);
      await scope.requirePlace(unionId);
      if (successorId !== '') await scope.requirePlace(successorId, 'successorId');
      requireBelow(scope, unionId);
      return accepted(
        reply,
        await organizations.dissolveUnion(
          {
            unionId,
            successorId,
            reason,
            expectedVersion: expectedVersion(request.headers['if-match'], seen),
          },
          origin,
        ),
      );
    },
  );
}

/** Where a union stands, and whether it goes on, is for those above it to decide. */
function requireBelow(scope: Scope, unionId: string): void {
  if (unionId === scope.unionId) throw refused('not-an-upper-union', { field: 'unionId' });
}
