import { OfficerBody } from '@unionfold/contracts';
import type { Document } from '@unionfold/eventsourcing';
import Type from 'typebox';
import { type GatewayContext, scopeOf } from '../context.ts';
import { accepts, reasonField, versionField } from '../http/command-fields.ts';
import { expectedVersion } from '../http/command-headers.ts';
import { wordSchema } from '../http/enum-words.ts';
import { type Api, accepted, commandOrigin } from '../http/exchange.ts';
import { body, operation, reference, textEnum } from '../http/operation.ts';
import { pageFields, pageOf, readPage } from '../http/page.ts';
import type { TermDocument } from '../read-models/federation/committee-documents.ts';
import type { UnionDocument } from '../read-models/federation/documents.ts';
import {
  bodies,
  Committee,
  committeeAnswer,
  isInOffice,
  TermEnding,
  termEndingAnswer,
  vacancyCauses,
} from './answers.ts';

/** More terms than any union has had. */
const mostTerms = 1_000;
const dueFields = { '6': 'due6', '3': 'due3', '0': 'due0' } as const;

/** Who holds posts in a union, until when, and who ceases from one (工会机构, 换届预警, 去职). */
export function officerRoutes(api: Api, context: GatewayContext): void {
  const { federation, services } = context;
  for (const schema of [Committee, TermEnding]) api.addSchema(schema);

  api.get(
    '/unions/:unionId/committee',
    operation({
      id: 'getCommittee',
      tag: 'committees',
      summary: { zh: '工会机构和任职人员', en: 'A union’s bodies and officers' },
      roles: ['cadre', 'worker'],
      params: Type.Object({ unionId: Type.String() }),
      querystring: Type.Object({
        asOf: Type.Optional(
          Type.String({
            format: 'date',
            description: '截至日期,默认现任 | As of a day; default as it is now.',
          }),
        ),
      }),
      answer: Committee,
      problems: ['union-unknown', 'date-invalid'],
    }),
    async (request, reply) => {
      const scope = await scopeOf(context, request);
      const { id: unionId } = await scope.requireUnion(request.params.unionId);
      const { asOf } = request.query;
      const terms = (await federation.find('terms', {
        where: { unionId },
        orderBy: ['id'],
        limit: mostTerms,
      })) as readonly TermDocument[];
      const term =
        asOf === undefined
          ? terms.findLast(({ endedOn }) => endedOn === '')
          : terms.findLast((candidate) => isInOffice(candidate, asOf));
      const version = terms.at(-1)?.version ?? 0;
      if (version > 0) reply.header('etag', `"${version}"`);
      return { ...committeeAnswer(unionId, term, asOf), version };
    },
  );

  api.post(
    '/unions/:unionId/officers/:memberId/resign',
    operation({
      id: 'vacatePost',
      tag: 'committees',
      summary: { zh: '报告去职', en: 'Report that an officer ceased from a post' },
      description:
        '职务空缺至补选;未办结事项自动移交同职务人员或主席。\n\n' +
        'The post is vacant until a by-election; open duties pass to others in the same post, or to the chair.',
      roles: ['cadre'],
      command: 'guarded',
      params: Type.Object({ unionId: Type.String(), memberId: Type.String() }),
      body: body(
        {
          cause: Type.Optional(
            wordSchema(
              vacancyCauses,
              '辞职(默认)、罢免、其他 | Resigned (default), removed, other.',
            ),
          ),
          body: Type.Optional(
            wordSchema(bodies, '只卸任该机构的职务,默认全部 | In this body alone; default in all.'),
          ),
          ...reasonField,
          ...versionField,
        },
        { examples: [{ cause: 'resigned', reason: '工作调动' }] },
      ),
      ...accepts,
      problems: [
        'union-unknown',
        'union-not-live',
        'union-dissolved',
        'term-missing',
        'post-not-held',
        'field-value-not-allowed',
      ],
    }),
    async (request, reply) => {
      const origin = commandOrigin(request);
      const { unionId, memberId } = request.params;
      const { cause = 'resigned', reason = '', expectedVersion: seen } = request.body;
      await (await scopeOf(context, request)).requirePlace(unionId);
      return accepted(
        reply,
        await services.committees.vacatePost(
          {
            unionId,
            memberId,
            body:
              request.body.body === undefined
                ? OfficerBody.OFFICER_BODY_UNSPECIFIED
                : bodies.toValue(request.body.body),
            cause: vacancyCauses.toValue(cause),
            reason,
            expectedVersion: expectedVersion(request.headers['if-match'], seen),
          },
          origin,
        ),
      );
    },
  );

  api.get(
    '/terms-ending',
    operation({
      id: 'listTermsEnding',
      tag: 'committees',
      summary: { zh: '换届预警', en: 'Unions in the jurisdiction whose term ends' },
      roles: ['cadre'],
      querystring: Type.Object({
        within: Type.Optional(
          textEnum(
            ['6', '3', '0'],
            '几个月内到期,含更紧急的,默认 6;0 为已逾期 | Months, the more urgent ones included, default 6; 0: overdue.',
          ),
        ),
        ...pageFields,
      }),
      answer: pageOf(reference(TermEnding)),
      problems: ['page-token-invalid', 'field-value-not-allowed'],
    }),
    async (request) => {
      const path = await (await scopeOf(context, request)).path();
      if (path === undefined) return { items: [] };
      const { within = '6', ...page } = request.query;
      const found = await readPage(
        federation,
        {
          collection: 'terms',
          where: { [dueFields[within]]: true },
          prefix: { path },
          orderBy: ['path', 'id'],
        },
        page,
      );
      const terms = found.items as readonly TermDocument[];
      const unions = await federation.getMany(
        'unions',
        terms.map(({ unionId }) => unionId),
      );
      return {
        ...found,
        items: terms.map((term) => termEndingAnswer(term, nameOf(unions.get(term.unionId)))),
      };
    },
  );
}

function nameOf(union: Document | undefined): string {
  return (union as UnionDocument | undefined)?.name ?? '';
}
