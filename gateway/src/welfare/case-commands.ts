import { isRefusal } from '@unionfold/eventsourcing';
import type { FastifyRequest } from 'fastify';
import Type from 'typebox';
import { type GatewayContext, scopeOf } from '../context.ts';
import { accepts, fenField, idField, versionField } from '../http/command-fields.ts';
import { expectedVersion } from '../http/command-headers.ts';
import { type Api, accepted, callerOf, commandOrigin, queryOrigin } from '../http/exchange.ts';
import { body, operation } from '../http/operation.ts';
import { refused } from '../http/refused.ts';
import type { Scope } from '../jurisdiction/jurisdiction.ts';
import { requireMember } from '../members/commands.ts';
import type { CaseDocument } from '../read-models/federation/documents.ts';
import { requireFundLine } from './fund-lines.ts';

const caseParams = Type.Object({ caseId: Type.String() });
const roles = ['cadre'] as const;

const actingUnion = (description: string) => Type.Optional(idField(description));

const caseProblems = ['case-unknown', 'case-wrong-status', 'maker-is-checker'] as const;

/** Declaring, verifying, approving, rejecting and paying (申报、核实、批准、驳回、发放). */
export function caseCommands(api: Api, context: GatewayContext): void {
  const { welfare } = context.services;

  api.post(
    '/hardship-cases',
    operation({
      id: 'declareHardship',
      tag: 'hardship-cases',
      summary: { zh: '困难申报', en: 'Declare hardship' },
      description:
        '职工为本人申报,可省略 memberId;工会干部可代管辖范围内的会员申报。\n\n' +
        'A worker declares for themselves and may leave memberId out; a cadre may declare on behalf of a member.',
      roles: ['worker', 'cadre'],
      command: 'plain',
      body: body(
        {
          memberId: Type.Optional(idField('申报人 | The member concerned.')),
          householdSize: Type.Integer({
            minimum: 0,
            maximum: 1_000,
            description: '家庭人口,含本人 | Persons in the household.',
          }),
          annualIncomeFen: fenField('家庭年可支配收入(分) | Disposable income of the year.'),
          rigidExpenditureFen: fenField('刚性支出(分) | Rigid expenditure of the year.'),
          accidentCostFen: Type.Optional(
            fenField('意外、灾害、重病支出(分) | Cost of accident, disaster or illness.'),
          ),
          statement: Type.Optional(Type.String({ maxLength: 4_000, description: '申报说明' })),
          consent: Type.Boolean({ description: '同意核对信息 | Consent to have data checked.' }),
        },
        {
          examples: [
            {
              householdSize: 3,
              annualIncomeFen: 3_600_000,
              rigidExpenditureFen: 1_200_000,
              accidentCostFen: 0,
              statement: '家人患病,收入减少',
              consent: true,
            },
          ],
        },
      ),
      status: 201,
      ...accepts,
      problems: [
        'member-unknown',
        'person-forgotten',
        'member-not-live',
        'case-open-already',
        'consent-missing',
        'household-size-invalid',
        'amount-invalid',
      ],
    }),
    async (request, reply) => {
      const origin = commandOrigin(request);
      const { householdSize, annualIncomeFen, rigidExpenditureFen } = request.body;
      const { accidentCostFen = 0, statement = '', consent } = request.body;
      const memberId = await declarant(context, request, request.body.memberId);
      return accepted(
        reply,
        await welfare.declareHardship(
          {
            caseId: '',
            memberId,
            householdSize,
            annualIncomeFen: BigInt(annualIncomeFen),
            rigidExpenditureFen: BigInt(rigidExpenditureFen),
            accidentCostFen: BigInt(accidentCostFen),
            statement,
            consent,
          },
          origin,
        ),
        (id) => `/api/v1/hardship-cases/${id}`,
      );
    },
  );

  api.post(
    '/hardship-cases/:caseId/verify',
    operation({
      id: 'verifyHardship',
      tag: 'hardship-cases',
      summary: { zh: '核实', en: 'Verify against held data' },
      roles,
      command: 'guarded',
      params: caseParams,
      body: body({
        verifiedByUnionId: actingUnion('核实的工会,默认本工会 | Default the caller’s.'),
        ...versionField,
      }),
      ...accepts,
      problems: [
        ...caseProblems,
        'union-unknown',
        'verifier-not-responsible',
        'verification-source-unavailable',
      ],
    }),
    async (request, reply) => {
      const origin = commandOrigin(request);
      const { caseId } = request.params;
      const scope = await scopeOf(context, request);
      await requireCase(context, request, scope, caseId);
      const verifiedByUnionId = await acting(
        scope,
        request.body.verifiedByUnionId,
        'verifiedByUnionId',
      );
      const seen = expectedVersion(request.headers['if-match'], request.body.expectedVersion);
      return accepted(
        reply,
        await welfare.verifyHardship({ caseId, verifiedByUnionId, expectedVersion: seen }, origin),
      );
    },
  );

  api.post(
    '/hardship-cases/:caseId/approve',
    operation({
      id: 'approveHardship',
      tag: 'hardship-cases',
      summary: { zh: '批准', en: 'Approve aid' },
      roles,
      command: 'guarded',
      params: caseParams,
      body: body(
        {
          amountFen: fenField('救助金(分) | Aid.'),
          approvedByUnionId: actingUnion('批准的工会,默认本工会 | Default the caller’s.'),
          ...versionField,
        },
        { examples: [{ amountFen: 125_000 }] },
      ),
      ...accepts,
      problems: [
        ...caseProblems,
        'union-unknown',
        'not-an-upper-union',
        'case-not-eligible',
        'amount-invalid',
        'amount-over-cap',
      ],
    }),
    async (request, reply) => {
      const origin = commandOrigin(request);
      const { caseId } = request.params;
      const scope = await scopeOf(context, request);
      await requireCase(context, request, scope, caseId);
      const approvedByUnionId = await acting(
        scope,
        request.body.approvedByUnionId,
        'approvedByUnionId',
      );
      return accepted(
        reply,
        await welfare.approveHardship(
          {
            caseId,
            approvedByUnionId,
            amountFen: BigInt(request.body.amountFen),
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
    '/hardship-cases/:caseId/reject',
    operation({
      id: 'rejectHardship',
      tag: 'hardship-cases',
      summary: { zh: '驳回', en: 'Turn a declaration down' },
      roles,
      command: 'guarded',
      params: caseParams,
      body: body({
        opinion: Type.String({ maxLength: 2_000, description: '驳回意见 | Why.' }),
        rejectedByUnionId: actingUnion('驳回的工会,默认本工会 | Default the caller’s.'),
        ...versionField,
      }),
      ...accepts,
      problems: [
        ...caseProblems,
        'person-forgotten',
        'union-unknown',
        'reason-missing',
        'not-an-upper-union',
      ],
    }),
    async (request, reply) => {
      const origin = commandOrigin(request);
      const { caseId } = request.params;
      const { opinion } = request.body;
      const scope = await scopeOf(context, request);
      await requireCase(context, request, scope, caseId);
      const rejectedByUnionId = await acting(
        scope,
        request.body.rejectedByUnionId,
        'rejectedByUnionId',
      );
      const seen = expectedVersion(request.headers['if-match'], request.body.expectedVersion);
      return accepted(
        reply,
        await welfare.rejectHardship(
          { caseId, rejectedByUnionId, opinion, expectedVersion: seen },
          origin,
        ),
      );
    },
  );

  api.post(
    '/hardship-cases/:caseId/pay',
    operation({
      id: 'payAid',
      tag: 'hardship-cases',
      summary: { zh: '发放', en: 'Pay approved aid from one fund line' },
      roles,
      command: 'guarded',
      params: caseParams,
      body: body({ fundLineId: idField('资金项 | The fund line that pays.'), ...versionField }),
      ...accepts,
      problems: [
        ...caseProblems,
        'fund-line-unknown',
        'fund-line-insufficient',
        'fund-line-outside-jurisdiction',
      ],
    }),
    async (request, reply) => {
      const origin = commandOrigin(request);
      const { caseId } = request.params;
      const { fundLineId } = request.body;
      const scope = await scopeOf(context, request);
      await requireCase(context, request, scope, caseId);
      await requireFundLine(context, request, scope, fundLineId);
      const seen = expectedVersion(request.headers['if-match'], request.body.expectedVersion);
      return accepted(
        reply,
        await welfare.payAid({ caseId, fundLineId, expectedVersion: seen }, origin),
      );
    },
  );
}

/** Whom a declaration is for; another worker is for a worker somebody who does not exist. */
async function declarant(
  context: GatewayContext,
  request: FastifyRequest,
  named: string | undefined,
): Promise<string> {
  const caller = callerOf(request);
  if (caller.role === 'worker') {
    if (named !== undefined && named !== caller.memberId) {
      throw refused('member-unknown', { field: 'memberId' });
    }
    return caller.memberId;
  }
  if (named === undefined) throw refused('field-missing', { field: 'memberId' });
  await requireMember(context, request, await scopeOf(context, request), named);
  return named;
}

/** The union in whose name a cadre acts: their own, or one below it. */
async function acting(scope: Scope, named: string | undefined, field: string): Promise<string> {
  if (named === undefined) return scope.unionId;
  await scope.requirePlace(named, field);
  return named;
}

async function requireCase(
  { federation, services }: GatewayContext,
  request: FastifyRequest,
  scope: Scope,
  caseId: string,
): Promise<void> {
  const known = (await federation.get('cases', caseId)) as CaseDocument | undefined;
  await scope.requirePlaced(
    known?.path,
    async () => {
      const found = await services.welfare.getCase({ caseId }, queryOrigin(request));
      return isRefusal(found) ? undefined : found.unionId;
    },
    { code: 'case-unknown', field: 'caseId' },
  );
}
