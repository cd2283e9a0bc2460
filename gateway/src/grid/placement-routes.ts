import { createHash } from 'node:crypto';
import { describeProblem, isProblemCode, type Locale } from '@unionfold/contracts/problems';
import type { CommandAccepted } from '@unionfold/contracts/types';
import { isRefusal, type Refusal } from '@unionfold/eventsourcing';
import type { CallOrigin } from '@unionfold/service-kit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import Type, { type Static } from 'typebox';
import { type GatewayContext, scopeOf } from '../context.ts';
import { reasonField } from '../http/command-fields.ts';
import { type Api, commandOrigin } from '../http/exchange.ts';
import { body, operation, textEnum } from '../http/operation.ts';
import { LastPositions, positionHeader } from '../http/position-token.ts';
import { Refused } from '../http/refused.ts';
import type { Scope } from '../jurisdiction/jurisdiction.ts';
import type { EmployerDocument } from '../read-models/federation/grid-documents.ts';
import { belongsIn, requireCell, requireEmployer, seenCell } from './sight.ts';

/** Employers in one request at most. */
const most = 200;
/** Commands under way at a time: they share the store's commits. */
const width = 16;

const employersField = Type.Array(Type.String({ minLength: 1, maxLength: 64 }), {
  minItems: 1,
  maxItems: most,
  description: `统一社会信用代码,最多 ${most} 个 | Social credit codes, at most ${most}.`,
});

/** How the employers of a request fared, one by one. */
const Placements = Type.Object(
  {
    done: Type.Integer({ description: '已办理 | Done.' }),
    failed: Type.Integer({ description: '未办理 | Not done.' }),
    position: Type.String(),
    items: Type.Array(
      Type.Object({
        creditCode: Type.String(),
        status: textEnum(['done', 'failed']),
        code: Type.Optional(Type.String({ description: '问题代码 | Code of the problem.' })),
        reason: Type.Optional(Type.String({ description: '未办理的原因 | Why not.' })),
        warning: Type.Optional(
          textEnum(
            ['outside-cell-union'],
            '单位不在网格所属工会的范围内 | It lies outside what the cell’s union is responsible for.',
          ),
        ),
      }),
    ),
  },
  {
    $id: 'Placements',
    examples: [
      {
        done: 1,
        failed: 1,
        position: 'organizations/0/123',
        items: [
          { creditCode: '91370202YX0000017T', status: 'done' },
          {
            creditCode: '91370202YX0000025N',
            status: 'failed',
            code: 'employer-in-another-cell',
            reason: '一个用人单位只能在一个网格内，该单位已划入其他网格。',
          },
        ],
      },
    ],
  },
);

type Item = Static<typeof Placements>['items'][number];

/** Which employers lie in a cell: each is a command of its own, and one that fails stops no other. */
export function placementRoutes(api: Api, context: GatewayContext): void {
  const { federation } = context;
  const { grid } = context.services;
  api.addSchema(Placements);
  const description =
    '逐个办理,有误的不影响其他;以同一 Idempotency-Key 再次提交,已办理的不重复办理。\n\n' +
    'One by one: one that fails stops no other. Sent again with the same Idempotency-Key, what was done is not repeated.';

  api.post(
    '/cells/:cellId/employers',
    operation({
      id: 'placeEmployers',
      tag: 'grid',
      summary: { zh: '用人单位划入网格', en: 'Place employers in a cell' },
      description,
      roles: ['cadre'],
      command: 'plain',
      params: Type.Object({ cellId: Type.String() }),
      body: body(
        { creditCodes: employersField },
        { examples: [{ creditCodes: ['91370202YX0000017T'] }] },
      ),
      answer: Placements,
      problems: ['cell-unknown', 'cell-closed'],
    }),
    async (request, reply) => {
      const origin = commandOrigin(request);
      const scope = await scopeOf(context, request);
      const { cellId } = request.params;
      await requireCell(context, request, scope, cellId);
      const cell = await seenCell(federation, scope, cellId);
      return await oneByOne(request, reply, request.body.creditCodes, async (creditCode) => {
        const employer = await employerFor(request, scope, creditCode);
        if (isRefusal(employer)) return { answer: employer };
        const covered = employer?.covered === true;
        const answer = await grid.placeEmployer(
          { creditCode, cellId, covered },
          itemOrigin(origin, `place/${creditCode}`),
        );
        // What is wrong with the cell is wrong for every employer.
        if (isRefusal(answer) && answer.refused.startsWith('cell-')) throw new Refused(answer);
        const isFine = employer === undefined || (await belongsIn(federation, employer, cell));
        return { answer, ...(isFine ? {} : { warning: 'outside-cell-union' as const }) };
      });
    },
  );

  api.post(
    '/cells/:cellId/employers/remove',
    operation({
      id: 'removeEmployers',
      tag: 'grid',
      summary: { zh: '用人单位移出网格', en: 'Remove employers from a cell' },
      description,
      roles: ['cadre'],
      command: 'plain',
      params: Type.Object({ cellId: Type.String() }),
      body: body({ creditCodes: employersField, ...reasonField }),
      answer: Placements,
      problems: ['cell-unknown'],
    }),
    async (request, reply) => {
      const origin = commandOrigin(request);
      const { cellId } = request.params;
      const { creditCodes, reason = '' } = request.body;
      // Who sees the cell sees what lies in it, so its own stream alone tells whether an employer does.
      await requireCell(context, request, await scopeOf(context, request), cellId);
      return await oneByOne(request, reply, creditCodes, async (creditCode) => ({
        answer: await grid.removeEmployer(
          { creditCode, cellId, reason },
          itemOrigin(origin, `remove/${creditCode}`),
        ),
      }));
    },
  );

  /** The employer as the directory has it, which may be not yet; a refusal when it is outside or there is none. */
  async function employerFor(
    request: FastifyRequest,
    scope: Scope,
    creditCode: string,
  ): Promise<EmployerDocument | Refusal | undefined> {
    try {
      await requireEmployer(context, request, scope, creditCode);
    } catch (error) {
      if (error instanceof Refused) return error.refusal;
      throw error;
    }
    return (await federation.get('employers', creditCode)) as EmployerDocument | undefined;
  }
}

interface Outcome {
  readonly answer: CommandAccepted | Refusal;
  readonly warning?: NonNullable<Item['warning']>;
}

async function oneByOne(
  request: FastifyRequest,
  reply: FastifyReply,
  creditCodes: readonly string[],
  work: (creditCode: string) => Promise<Outcome>,
): Promise<Static<typeof Placements>> {
  const positions = new LastPositions();
  const items: Item[] = [];
  const wanted = [...new Set(creditCodes)];
  for (let start = 0; start < wanted.length; start += width) {
    const group = wanted.slice(start, start + width);
    const outcomes = await Promise.all(group.map(work));
    for (const [index, { answer, warning }] of outcomes.entries()) {
      const creditCode = group[index] ?? '';
      if (isRefusal(answer)) {
        items.push({ creditCode, status: 'failed', ...told(answer, request.locale) });
        continue;
      }
      positions.add(answer.positions);
      items.push({ creditCode, status: 'done', ...(warning === undefined ? {} : { warning }) });
    }
  }
  const position = positions.token();
  if (position !== '') reply.header(positionHeader, position);
  const done = items.filter(({ status }) => status === 'done').length;
  return { done, failed: items.length - done, position, items };
}

function told({ refused, field, params }: Refusal, locale: Locale): Pick<Item, 'code' | 'reason'> {
  const code = isProblemCode(refused) ? refused : 'internal-error';
  const reason = describeProblem(code, locale, { ...(field ? { field } : {}), ...params }).detail;
  return { code, reason };
}

/** The origin of one command of many: with a key of its own that follows from the request's. */
function itemOrigin({ idempotencyKey, ...origin }: CallOrigin, mark: string): CallOrigin {
  if (idempotencyKey === undefined) return origin;
  const hash = createHash('sha256').update(`${idempotencyKey}/${mark}`).digest('base64url');
  return { ...origin, idempotencyKey: `${origin.actor}:${hash}` };
}
