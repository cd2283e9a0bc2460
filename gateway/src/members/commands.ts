import { isRefusal } from '@unionfold/eventsourcing';
import type { FastifyRequest } from 'fastify';
import Type from 'typebox';
import { type GatewayContext, scopeOf } from '../context.ts';
import { accepts, idField, reasonField, versionField } from '../http/command-fields.ts';
import { expectedVersion } from '../http/command-headers.ts';
import { type Api, accepted, commandOrigin, queryOrigin } from '../http/exchange.ts';
import { body, operation } from '../http/operation.ts';
import type { Scope } from '../jurisdiction/jurisdiction.ts';
import type { MemberDocument } from '../read-models/federation/documents.ts';

const memberParams = Type.Object({ memberId: Type.String() });
const roles = ['cadre'] as const;

/** What can be wrong with a person's particulars. */
export const particularsProblems = [
  'name-missing',
  'name-too-long',
  'citizen-number-missing',
  'citizen-number-invalid-length',
  'citizen-number-invalid-characters',
  'citizen-number-unknown-region',
  'citizen-number-invalid-birth-date',
  'citizen-number-invalid-check-digit',
  'mobile-invalid',
  'date-invalid',
  'date-in-future',
  'member-duplicate',
] as const;

/** What cadres do with memberships: 入会, 更正, 转会, 退会. */
export function memberCommands(api: Api, context: GatewayContext): void {
  const { members } = context.services;

  api.post(
    '/members',
    operation({
      id: 'enrolMember',
      tag: 'members',
      summary: { zh: '入会', en: 'Enrol a member' },
      roles,
      command: 'plain',
      body: body(
        {
          unionId: idField('加入的工会 | The union to join.'),
          name: Type.String({ maxLength: 400 }),
          citizenNumber: Type.String({ maxLength: 64, description: 'GB 11643' }),
          mobile: Type.Optional(Type.String({ maxLength: 32 })),
          joinedOn: Type.Optional(
            Type.String({ format: 'date', description: '默认今天 | Default today.' }),
          ),
          synthetic: Type.Optional(Type.Boolean()),
        },
        {
          examples: [
            {
              unionId: '01k2ab3cd4ef5gh6jk7n',
              name: '王小明',
              citizenNumber: '370202199001019991',
              mobile: '10012345678',
              joinedOn: '2026-05-01',
              synthetic: true,
            },
          ],
        },
      ),
      status: 201,
      ...accepts,
      problems: [
        'union-unknown',
        'union-not-live',
        'union-dissolved',
        'member-union-takes-no-members',
        ...particularsProblems,
      ],
    }),
    async (request, reply) => {
      const origin = commandOrigin(request);
      const { unionId, name, citizenNumber } = request.body;
      const { mobile = '', joinedOn = '', synthetic = false } = request.body;
      await (await scopeOf(context, request)).requirePlace(unionId);
      return accepted(
        reply,
        await members.enrolMember(
          { memberId: '', unionId, name, citizenNumber, mobile, joinedOn, synthetic },
          origin,
        ),
        (id) => `/api/v1/members/${id}`,
      );
    },
  );

  api.post(
    '/members/:memberId/correct',
    operation({
      id: 'correctMember',
      tag: 'members',
      summary: { zh: '更正会员信息', en: 'Correct a member’s particulars' },
      description: '未填写的字段保持不变 | Fields that are left out stay as they are.',
      roles,
      command: 'guarded',
      params: memberParams,
      body: body({
        name: Type.Optional(Type.String({ maxLength: 400 })),
        citizenNumber: Type.Optional(Type.String({ maxLength: 64 })),
        mobile: Type.Optional(Type.String({ maxLength: 32 })),
        ...reasonField,
        ...versionField,
      }),
      ...accepts,
      problems: ['member-unknown', 'person-forgotten', 'member-not-live', ...particularsProblems],
    }),
    async (request, reply) => {
      const origin = commandOrigin(request);
      const { memberId } = request.params;
      const { name = '', citizenNumber = '', mobile = '', reason = '' } = request.body;
      await requireMember(context, request, await scopeOf(context, request), memberId);
      const seen = expectedVersion(request.headers['if-match'], request.body.expectedVersion);
      return accepted(
        reply,
        await members.correctMember(
          { memberId, name, citizenNumber, mobile, reason, expectedVersion: seen },
          origin,
        ),
      );
    },
  );

  api.post(
    '/members/:memberId/transfer',
    operation({
      id: 'transferMember',
      tag: 'members',
      summary: { zh: '会籍转接', en: 'Transfer a membership' },
      description:
        '会员和转入的工会都须在管辖范围内 | Both the member and the receiving union must be in the jurisdiction.',
      roles,
      command: 'guarded',
      params: memberParams,
      body: body({
        toUnionId: idField('转入的工会 | The receiving union.'),
        ...reasonField,
        ...versionField,
      }),
      ...accepts,
      problems: [
        'member-unknown',
        'member-not-live',
        'union-unknown',
        'union-not-live',
        'union-dissolved',
        'member-already-in-union',
      ],
    }),
    async (request, reply) => {
      const origin = commandOrigin(request);
      const { memberId } = request.params;
      const { toUnionId, reason = '' } = request.body;
      const scope = await scopeOf(context, request);
      await requireMember(context, request, scope, memberId);
      await scope.requirePlace(toUnionId, 'toUnionId');
      const seen = expectedVersion(request.headers['if-match'], request.body.expectedVersion);
      return accepted(
        reply,
        await members.transferMember(
          { memberId, toUnionId, reason, expectedVersion: seen },
          origin,
        ),
      );
    },
  );

  api.post(
    '/members/:memberId/leave',
    operation({
      id: 'leaveUnion',
      tag: 'members',
      summary: { zh: '退会', en: 'End a membership' },
      roles,
      command: 'guarded',
      params: memberParams,
      body: body({ ...reasonField, ...versionField }),
      ...accepts,
      problems: ['member-unknown', 'member-not-live'],
    }),
    async (request, reply) => {
      const origin = commandOrigin(request);
      const { memberId } = request.params;
      await requireMember(context, request, await scopeOf(context, request), memberId);
      const seen = expectedVersion(request.headers['if-match'], request.body.expectedVersion);
      return accepted(
        reply,
        await members.leaveUnion(
          { memberId, reason: request.body.reason ?? '', expectedVersion: seen },
          origin,
        ),
      );
    },
  );
}

/** @throws Refused `member-unknown` when the member is outside the jurisdiction or there is none */
export async function requireMember(
  { federation, services }: GatewayContext,
  request: FastifyRequest,
  scope: Scope,
  memberId: string,
): Promise<void> {
  const known = (await federation.get('members', memberId)) as MemberDocument | undefined;
  await scope.requirePlaced(
    known?.path,
    async () => {
      const member = await services.members.getMember({ memberId }, queryOrigin(request));
      return isRefusal(member) ? undefined : member.unionId;
    },
    { code: 'member-unknown', field: 'memberId' },
  );
}
