import { isRefusal } from '@unionfold/eventsourcing';
import type { FastifyRequest } from 'fastify';
import Type from 'typebox';
import { type GatewayContext, scopeOf } from '../context.ts';
import { accepts, versionField } from '../http/command-fields.ts';
import { expectedVersion } from '../http/command-headers.ts';
import { wordSchema } from '../http/enum-words.ts';
import { type Api, accepted, callerOf, commandOrigin, queryOrigin } from '../http/exchange.ts';
import { body, operation, reference } from '../http/operation.ts';
import { pageFields, pageOf, readPage } from '../http/page.ts';
import { refused } from '../http/refused.ts';
import type { ElectionExceptionDocument } from '../read-models/federation/committee-documents.ts';
import { approvalStatuses, ElectionException, exceptionAnswer, exceptionKinds } from './answers.ts';

const unionParams = Type.Object({ unionId: Type.String() });
const exceptionParams = Type.Object({ exceptionId: Type.String() });
const roles = ['cadre'] as const;

/** Requests to elect early or late (提前或延期换届申请). */
export function electionExceptionRoutes(api: Api, context: GatewayContext): void {
  const { federation, services } = context;
  api.addSchema(ElectionException);

  api.post(
    '/unions/:unionId/election-exceptions',
    operation({
      id: 'requestElectionException',
      tag: 'committees',
      summary: { zh: '申请提前或延期换届', en: 'Ask to elect early or late' },
      roles,
      command: 'plain',
      params: unionParams,
      body: body(
        {
          kind: wordSchema(exceptionKinds, '提前、延期 | Early, late.'),
          holdBy: Type.String({
            format: 'date',
            description: '最迟选举日期 | The election is held by this day.',
          }),
          reason: Type.String({ maxLength: 1_000, description: '事由 | Why.' }),
        },
        { examples: [{ kind: 'late', holdBy: '2026-11-30', reason: '企业改制正在进行' }] },
      ),
      status: 201,
      ...accepts,
      problems: [
        'union-unknown',
        'union-not-live',
        'union-dissolved',
        'term-missing',
        'term-rules-not-in-force',
        'election-exception-day-invalid',
        'date-invalid',
        'reason-missing',
        'field-value-not-allowed',
      ],
    }),
    async (request, reply) => {
      const origin = commandOrigin(request);
      const { unionId } = request.params;
      const { kind, holdBy, reason } = request.body;
      await (await scopeOf(context, request)).requirePlace(unionId);
      return accepted(
        reply,
        await services.committees.requestElectionException(
          { unionId, kind: exceptionKinds.toValue(kind), holdBy, reason },
          origin,
        ),
        (id) => `/api/v1/election-exceptions/${id}`,
      );
    },
  );

  api.post(
    '/election-exceptions/:exceptionId/approve',
    operation({
      id: 'approveElectionException',
      tag: 'committees',
      summary: { zh: '批准提前或延期换届', en: 'Allow an early or late election' },
      description: '由调用者所在工会批准 | The caller’s union decides.',
      roles,
      command: 'guarded',
      params: exceptionParams,
      body: body(
        { approvalDocument: Type.String({ maxLength: 200 }), ...versionField },
        { examples: [{ approvalDocument: '青工发〔2026〕16号' }] },
      ),
      ...accepts,
      problems: [
        'election-exception-unknown',
        'election-exception-already-decided',
        'election-exception-day-invalid',
        'not-an-upper-union',
        'approval-document-missing',
        'term-missing',
        'union-dissolved',
      ],
    }),
    async (request, reply) => {
      const origin = commandOrigin(request);
      const { exceptionId } = request.params;
      const { approvalDocument, expectedVersion: seen } = request.body;
      await requireException(request, exceptionId);
      return accepted(
        reply,
        await services.committees.approveElectionException(
          {
            exceptionId,
            approvedByUnionId: callerOf(request).unionId,
            approvalDocument,
            expectedVersion: expectedVersion(request.headers['if-match'], seen),
          },
          origin,
        ),
      );
    },
  );

  api.post(
    '/election-exceptions/:exceptionId/reject',
    operation({
      id: 'rejectElectionException',
      tag: 'committees',
      summary: { zh: '不予批准提前或延期换届', en: 'Turn a request down' },
      roles,
      command: 'guarded',
      params: exceptionParams,
      body: body(
        { reason: Type.String({ maxLength: 1_000 }), ...versionField },
        { examples: [{ reason: '应按期换届' }] },
      ),
      ...accepts,
      problems: [
        'election-exception-unknown',
        'election-exception-already-decided',
        'not-an-upper-union',
        'reason-missing',
      ],
    }),
    async (request, reply) => {
      const origin = commandOrigin(request);
      const { exceptionId } = request.params;
      const { reason, expectedVersion: seen } = request.body;
      await requireException(request, exceptionId);
      return accepted(
        reply,
        await services.committees.rejectElectionException(
          {
            exceptionId,
            rejectedByUnionId: callerOf(request).unionId,
            reason,
            expectedVersion: expectedVersion(request.headers['if-match'], seen),
          },
          origin,
        ),
      );
    },
  );

  api.get(
    '/election-exceptions',
    operation({
      id: 'listElectionExceptions',
      tag: 'committees',
      summary: { zh: '提前或延期换届申请', en: 'Requests in the jurisdiction' },
      roles,
      querystring: Type.Object({
        status: Type.Optional(wordSchema(approvalStatuses)),
        ...pageFields,
      }),
      answer: pageOf(reference(ElectionException)),
      problems: ['page-token-invalid', 'field-value-not-allowed'],
    }),
    async (request) => {
      const scope = await scopeOf(context, request);
      const path = await scope.path();
      if (path === undefined) return { items: [] };
      const { status, ...page } = request.query;
      const where = status === undefined ? {} : { status: approvalStatuses.toValue(status) };
      const found = await readPage(
        federation,
        { collection: 'election_exceptions', where, prefix: { path }, orderBy: ['path', 'id'] },
        page,
      );
      return {
        ...found,
        items: found.items.map((item) => exceptionAnswer(item as ElectionExceptionDocument, scope)),
      };
    },
  );

  api.get(
    '/election-exceptions/:exceptionId',
    operation({
      id: 'getElectionException',
      tag: 'committees',
      summary: { zh: '换届申请', en: 'One request to elect early or late' },
      roles,
      params: exceptionParams,
      answer: ElectionException,
      problems: ['election-exception-unknown'],
    }),
    async (request, reply) => {
      const scope = await scopeOf(context, request);
      const found = await exceptionIn(request.params.exceptionId);
      if (found === undefined || !scope.covers(found.path)) {
        throw refused('election-exception-unknown', { field: 'exceptionId' });
      }
      reply.header('etag', `"${found.version}"`);
      return exceptionAnswer(found, scope);
    },
  );

  async function exceptionIn(exceptionId: string): Promise<ElectionExceptionDocument | undefined> {
    const found = await federation.get('election_exceptions', exceptionId);
    return found as ElectionExceptionDocument | undefined;
  }

  async function requireException(request: FastifyRequest, exceptionId: string): Promise<void> {
    const scope = await scopeOf(context, request);
    const found = await exceptionIn(exceptionId);
    await scope.requirePlaced(
      found?.path,
      async () => {
        const origin = queryOrigin(request);
        const answer = await services.committees.getElectionException({ exceptionId }, origin);
        return isRefusal(answer) ? undefined : answer.unionId;
      },
      { code: 'election-exception-unknown', field: 'exceptionId' },
    );
  }
}
