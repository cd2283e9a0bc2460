import { isRefusal } from '@unionfold/eventsourcing';
import type { FastifyRequest } from 'fastify';
import Type, { type Static } from 'typebox';
import { type GatewayContext, scopeOf } from '../context.ts';
import { accepts, versionField } from '../http/command-fields.ts';
import { expectedVersion } from '../http/command-headers.ts';
import { wordSchema } from '../http/enum-words.ts';
import { type Api, accepted, callerOf, commandOrigin, queryOrigin } from '../http/exchange.ts';
import { body, operation, reference } from '../http/operation.ts';
import { pageFields, pageOf, readPage } from '../http/page.ts';
import { refused } from '../http/refused.ts';
import type { Scope } from '../jurisdiction/jurisdiction.ts';
import type { ElectionDocument } from '../read-models/federation/committee-documents.ts';
import {
  approvalStatuses,
  bodies,
  ElectedPost,
  Election,
  electionAnswer,
  electionKinds,
  posts,
} from './answers.ts';

const unionParams = Type.Object({ unionId: Type.String() });
const electionParams = Type.Object({ electionId: Type.String() });
const roles = ['cadre'] as const;
/** More posts than the largest committee has. */
const mostPosts = 600;

const approvedOnField = {
  approvedOn: Type.Optional(
    Type.String({
      format: 'date',
      description: '批复日期,默认当天 | Day of the approval, default today.',
    }),
  ),
};

/** Elections, from the report to the upper union's answer (选举结果报批). */
export function electionRoutes(api: Api, context: GatewayContext): void {
  const { federation, services } = context;
  for (const schema of [ElectedPost, Election]) api.addSchema(schema);

  api.post(
    '/unions/:unionId/elections',
    operation({
      id: 'reportElection',
      tag: 'committees',
      summary: { zh: '报告选举结果', en: 'Report an election' },
      description:
        '待上级工会批复后任期开始;上级工会填写批复文号的,报告的同时即批复。提前或延期换届须先经批准。\n\n' +
        'The term begins with the upper union’s approval; an upper union that names its approval document approves in one. ' +
        'Early and late elections need its leave beforehand.',
      roles,
      command: 'plain',
      params: unionParams,
      body: body(
        {
          kind: wordSchema(electionKinds, '换届、补选、提前换届、延期换届'),
          heldOn: Type.String({ format: 'date', description: '选举日期 | Day of the election.' }),
          termYears: Type.Optional(
            Type.Integer({
              minimum: 1,
              maximum: 10,
              description: '任期(年),补选不填 | Years of the term; not for a by-election.',
            }),
          ),
          posts: Type.Array(body(ElectedPost.properties), { maxItems: mostPosts }),
          approvalDocument: Type.Optional(
            Type.String({
              maxLength: 200,
              description:
                '批复文号:上级工会报告时填写 | The upper union reports and approves in one.',
            }),
          ),
          ...approvedOnField,
        },
        {
          examples: [
            {
              kind: 'regular',
              heldOn: '2026-05-20',
              termYears: 5,
              posts: [
                { body: 'committee', post: 'chair', memberId: 'm-1', fullTime: true },
                { body: 'committee', post: 'vice-chair', memberId: 'm-2', fullTime: false },
                { body: 'committee', post: 'member', memberId: 'm-3', fullTime: false },
              ],
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
        'not-an-upper-union',
        'election-empty',
        'election-before-term',
        'election-is-early',
        'election-is-late',
        'election-is-regular',
        'election-exception-missing',
        'election-exception-expired',
        'term-missing',
        'term-rules-not-in-force',
        'term-years-not-allowed',
        'body-size-not-allowed',
        'body-size-even',
        'committee-required',
        'post-not-of-body',
        'post-held-twice',
        'post-not-single',
        'post-not-vacant',
        'chair-audits-self',
        'officer-not-a-member',
        'approval-day-invalid',
        'date-invalid',
        'date-in-future',
        'field-value-not-allowed',
      ],
    }),
    async (request, reply) => {
      const origin = commandOrigin(request);
      const { unionId } = request.params;
      const { kind, heldOn, termYears = 0, approvalDocument = '', approvedOn = '' } = request.body;
      await (await scopeOf(context, request)).requirePlace(unionId);
      return accepted(
        reply,
        await services.committees.reportElection(
          {
            unionId,
            kind: electionKinds.toValue(kind),
            heldOn,
            termYears,
            seats: request.body.posts.map(seatOf),
            approvalDocument,
            approvedByUnionId: approvalDocument === '' ? '' : callerOf(request).unionId,
            approvedOn,
          },
          origin,
        ),
        (id) => `/api/v1/elections/${id}`,
      );
    },
  );

  api.post(
    '/elections/:electionId/approve',
    operation({
      id: 'approveElection',
      tag: 'committees',
      summary: { zh: '批复选举结果', en: 'Approve an election' },
      description:
        '由调用者所在工会批复:新一届任期开始,原任人员届满,未办结事项自动移交。\n\n' +
        'The caller’s union approves: the term begins, the former one ends, and open duties are handed over.',
      roles,
      command: 'guarded',
      params: electionParams,
      body: body(
        { approvalDocument: Type.String({ maxLength: 200 }), ...approvedOnField, ...versionField },
        { examples: [{ approvalDocument: '青工发〔2026〕18号' }] },
      ),
      ...accepts,
      problems: [
        'election-unknown',
        'election-already-decided',
        'not-an-upper-union',
        'approval-document-missing',
        'approval-day-invalid',
        'officer-not-a-member',
        'post-not-vacant',
        'election-before-term',
        'election-is-early',
        'election-is-late',
        'election-exception-missing',
        'union-dissolved',
      ],
    }),
    async (request, reply) => {
      const origin = commandOrigin(request);
      const { electionId } = request.params;
      const { approvalDocument, approvedOn = '', expectedVersion: seen } = request.body;
      await requireElection(request, electionId);
      return accepted(
        reply,
        await services.committees.approveElection(
          {
            electionId,
            approvedByUnionId: callerOf(request).unionId,
            approvalDocument,
            approvedOn,
            expectedVersion: expectedVersion(request.headers['if-match'], seen),
          },
          origin,
        ),
      );
    },
  );

  api.post(
    '/elections/:electionId/reject',
    operation({
      id: 'rejectElection',
      tag: 'committees',
      summary: { zh: '不予批复选举结果', en: 'Reject an election' },
      roles,
      command: 'guarded',
      params: electionParams,
      body: body(
        { reason: Type.String({ maxLength: 1_000 }), ...versionField },
        { examples: [{ reason: '差额比例不符合规定' }] },
      ),
      ...accepts,
      problems: [
        'election-unknown',
        'election-already-decided',
        'not-an-upper-union',
        'reason-missing',
      ],
    }),
    async (request, reply) => {
      const origin = commandOrigin(request);
      const { electionId } = request.params;
      const { reason, expectedVersion: seen } = request.body;
      await requireElection(request, electionId);
      return accepted(
        reply,
        await services.committees.rejectElection(
          {
            electionId,
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
    '/unions/:unionId/elections',
    operation({
      id: 'listElectionsOfUnion',
      tag: 'committees',
      summary: { zh: '工会的选举记录', en: 'Elections of a union, the oldest first' },
      roles,
      params: unionParams,
      querystring: Type.Object({ ...pageFields }),
      answer: pageOf(reference(Election)),
      problems: ['union-unknown', 'page-token-invalid'],
    }),
    async (request) => {
      const scope = await scopeOf(context, request);
      const { id: unionId } = await scope.requireUnion(request.params.unionId);
      const found = await readPage(
        federation,
        { collection: 'elections', where: { unionId }, orderBy: ['id'] },
        request.query,
      );
      return {
        ...found,
        items: found.items.map((item) => electionAnswer(item as ElectionDocument, scope)),
      };
    },
  );

  api.get(
    '/elections',
    operation({
      id: 'listElections',
      tag: 'committees',
      summary: { zh: '本级及下级的选举', en: 'Elections in the jurisdiction' },
      roles,
      querystring: Type.Object({
        status: Type.Optional(wordSchema(approvalStatuses)),
        ...pageFields,
      }),
      answer: pageOf(reference(Election)),
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
        { collection: 'elections', where, prefix: { path }, orderBy: ['path', 'id'] },
        page,
      );
      return {
        ...found,
        items: found.items.map((item) => electionAnswer(item as ElectionDocument, scope)),
      };
    },
  );

  api.get(
    '/elections/:electionId',
    operation({
      id: 'getElection',
      tag: 'committees',
      summary: { zh: '选举', en: 'One election' },
      roles,
      params: electionParams,
      answer: Election,
      problems: ['election-unknown'],
    }),
    async (request, reply) => {
      const scope = await scopeOf(context, request);
      const found = await electionIn(request.params.electionId);
      if (found === undefined || !scope.covers(found.path)) {
        throw refused('election-unknown', { field: 'electionId' });
      }
      reply.header('etag', `"${found.version}"`);
      return electionAnswer(found, scope);
    },
  );

  async function electionIn(electionId: string): Promise<ElectionDocument | undefined> {
    return (await federation.get('elections', electionId)) as ElectionDocument | undefined;
  }

  async function requireElection(request: FastifyRequest, electionId: string): Promise<void> {
    const scope: Scope = await scopeOf(context, request);
    const found = await electionIn(electionId);
    await scope.requirePlaced(
      found?.path,
      async () => {
        const answer = await services.committees.getElection({ electionId }, queryOrigin(request));
        return isRefusal(answer) ? undefined : answer.unionId;
      },
      { code: 'election-unknown', field: 'electionId' },
    );
  }
}

function seatOf({ body, post, memberId, fullTime }: Static<typeof ElectedPost>) {
  return { body: bodies.toValue(body), post: posts.toValue(post), memberId, fullTime };
}
