import Type from 'typebox';
import { type GatewayContext, scopeOf } from '../context.ts';
import { accepts, idField } from '../http/command-fields.ts';
import { wordSchema } from '../http/enum-words.ts';
import { type Api, accepted, commandOrigin } from '../http/exchange.ts';
import { body, noBody, operation, reference, textEnum } from '../http/operation.ts';
import { pageFields, pageOf, readPage } from '../http/page.ts';
import type { DutyDocument } from '../read-models/federation/committee-documents.ts';
import { bodies, Duty, dutyAnswer, posts } from './answers.ts';

const unionParams = Type.Object({ unionId: Type.String() });
const roles = ['cadre'] as const;

/** What a union's officers have to do, held by post (待办, 移交). */
export function dutyRoutes(api: Api, context: GatewayContext): void {
  const { federation, services } = context;
  api.addSchema(Duty);

  api.post(
    '/unions/:unionId/duties',
    operation({
      id: 'assignDuty',
      tag: 'committees',
      summary: { zh: '交办', en: 'Give a matter to the holder of a post' },
      description:
        '按职务交办:人员变动时自动移交继任者,职务空缺时由主席承接。\n\n' +
        'Held by post: it passes to the successor by itself, and to the chair while the post is vacant.',
      roles,
      command: 'plain',
      params: unionParams,
      body: body(
        {
          title: Type.String({
            maxLength: 64,
            description: '事项代码 | A code: what is to be done.',
          }),
          subjectType: idField('对象类型,如 hardship-case | What it is about.'),
          subjectId: idField('对象编号 | Its id.'),
          body: wordSchema(bodies, '机构 | Body.'),
          post: wordSchema(posts, '职务 | Post.'),
          memberId: Type.Optional(
            idField(
              '同职务多人时的经办人,默认待办最少的 | Which of several holders; default the one with the fewest.',
            ),
          ),
        },
        {
          examples: [
            {
              title: 'verify-case',
              subjectType: 'hardship-case',
              subjectId: '01k2ab3cd4ef5gh6jk7m',
              body: 'committee',
              post: 'vice-chair',
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
        'term-missing',
        'post-not-of-body',
        'post-not-held',
        'duty-title-invalid',
        'field-value-not-allowed',
      ],
    }),
    async (request, reply) => {
      const origin = commandOrigin(request);
      const { unionId } = request.params;
      const { title, subjectType, subjectId, post, memberId = '' } = request.body;
      await (await scopeOf(context, request)).requirePlace(unionId);
      return accepted(
        reply,
        await services.committees.assignDuty(
          {
            unionId,
            title,
            subjectType,
            subjectId,
            body: bodies.toValue(request.body.body),
            post: posts.toValue(post),
            memberId,
          },
          origin,
        ),
        () => `/api/v1/unions/${encodeURIComponent(unionId)}/duties`,
      );
    },
  );

  api.post(
    '/unions/:unionId/duties/:dutyId/complete',
    operation({
      id: 'completeDuty',
      tag: 'committees',
      summary: { zh: '办结', en: 'Report a matter as done' },
      roles,
      command: 'plain',
      params: Type.Object({ unionId: Type.String(), dutyId: Type.String() }),
      body: noBody,
      ...accepts,
      problems: ['union-unknown', 'duty-unknown'],
    }),
    async (request, reply) => {
      const origin = commandOrigin(request);
      const { unionId, dutyId } = request.params;
      await (await scopeOf(context, request)).requirePlace(unionId);
      return accepted(reply, await services.committees.completeDuty({ unionId, dutyId }, origin));
    },
  );

  api.get(
    '/unions/:unionId/duties',
    operation({
      id: 'listDuties',
      tag: 'committees',
      summary: { zh: '任职人员的待办', en: 'What a union’s officers have to do' },
      roles,
      params: unionParams,
      querystring: Type.Object({
        holder: Type.Optional(idField('经办人的会员编号 | Who holds it.')),
        status: Type.Optional(textEnum(['open', 'done', 'passed-on'], '默认待办 | Default open.')),
        ...pageFields,
      }),
      answer: pageOf(reference(Duty)),
      problems: ['union-unknown', 'page-token-invalid', 'field-value-not-allowed'],
    }),
    async (request) => {
      const scope = await scopeOf(context, request);
      const { id: unionId } = await scope.requireUnion(request.params.unionId);
      const { holder, status = 'open', ...page } = request.query;
      const where = { unionId, status, ...(holder === undefined ? {} : { holderId: holder }) };
      const found = await readPage(
        federation,
        { collection: 'duties', where, orderBy: ['id'] },
        page,
      );
      return { ...found, items: found.items.map((duty) => dutyAnswer(duty as DutyDocument)) };
    },
  );
}
