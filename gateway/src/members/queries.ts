import { parseCitizenNumber, parseMobile } from '@unionfold/codes';
import type { DocumentQuery } from '@unionfold/eventsourcing';
import { blindIndex } from '@unionfold/privacy';
import Type from 'typebox';
import { type GatewayContext, scopeOf } from '../context.ts';
import { type Api, callerOf } from '../http/exchange.ts';
import { body, operation, reference, textEnum } from '../http/operation.ts';
import { pageFields, pageOf, readPage } from '../http/page.ts';
import { refused } from '../http/refused.ts';
import type { MemberDocument } from '../read-models/federation/documents.ts';
import { auditRead, MemberRecord, memberRecords } from './records.ts';

interface Wanted {
  readonly name?: string;
  readonly citizenNumber?: string;
  readonly mobile?: string;
}

/** The register of members (会员名册). What is searched for stands in the body: addresses end up in logs. */
export function memberQueries(api: Api, context: GatewayContext): void {
  const { federation, masterKey } = context;
  const { searchIndex } = context.keys;
  api.addSchema(MemberRecord);

  api.post(
    '/members/search',
    operation({
      id: 'searchMembers',
      tag: 'members',
      summary: { zh: '查找会员', en: 'Search members' },
      description:
        '姓名填一至两个字时查找以此开头的姓名,三个字以上须为全名;身份证号码和手机号须完整。unionId 含其下级。\n\n' +
        'One or two characters of a name find all that begin so; more must be the full name. Numbers must be complete. ' +
        'A unionId means that union with all below it.',
      roles: ['cadre'],
      body: body(
        {
          name: Type.Optional(
            Type.String({
              minLength: 2,
              maxLength: 120,
              description: '姓名,或前两个字 | The name, or its first two characters.',
            }),
          ),
          citizenNumber: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
          mobile: Type.Optional(Type.String({ minLength: 1, maxLength: 32 })),
          unionId: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
          status: Type.Optional(textEnum(['active', 'left'], '默认在册 | Default active.')),
          ...pageFields,
        },
        { examples: [{ name: '王伟' }] },
      ),
      answer: pageOf(reference(MemberRecord)),
      problems: [
        'union-unknown',
        'page-token-invalid',
        'mobile-invalid',
        'citizen-number-invalid-length',
        'citizen-number-invalid-characters',
        'citizen-number-unknown-region',
        'citizen-number-invalid-birth-date',
        'citizen-number-invalid-check-digit',
      ],
    }),
    async (request) => {
      const scope = await scopeOf(context, request);
      const { unionId, status = 'active', limit, cursor, ...wanted } = request.body;
      const path =
        unionId === undefined ? await scope.path() : (await scope.requireUnion(unionId)).path;
      const { query, terms } = conditions(wanted);
      if (path === undefined) return { items: [] };
      const found = await readPage(
        federation,
        {
          collection: 'members',
          where: { status, ...query.where },
          prefix: { path },
          orderBy: ['path', 'id'],
          mark: terms.join(),
          ...(query.term === undefined ? {} : { term: query.term }),
          ...(terms.length < 2
            ? {}
            : {
                keep: (document) =>
                  terms.every((term) => (document as MemberDocument).terms.includes(term)),
              }),
        },
        { ...(limit === undefined ? {} : { limit }), ...(cursor === undefined ? {} : { cursor }) },
      );
      const items = await memberRecords(context, found.items as readonly MemberDocument[]);
      auditRead(context, callerOf(request), request.correlationId, {
        action: 'members.search',
        members: items.map(({ id }) => id),
      });
      return { ...found, items };
    },
  );

  api.get(
    '/members/:memberId',
    operation({
      id: 'getMember',
      tag: 'members',
      summary: { zh: '会员信息', en: 'One member' },
      roles: ['cadre', 'worker'],
      params: Type.Object({ memberId: Type.String() }),
      answer: MemberRecord,
      problems: ['member-unknown'],
    }),
    async (request, reply) => {
      const caller = callerOf(request);
      const scope = await scopeOf(context, request);
      const member = (await federation.get('members', request.params.memberId)) as
        | MemberDocument
        | undefined;
      const isVisible =
        member !== undefined &&
        (caller.role === 'worker' ? member.id === caller.memberId : scope.covers(member.path));
      const [record] = isVisible ? await memberRecords(context, [member]) : [];
      if (record === undefined) throw refused('member-unknown', { field: 'memberId' });
      auditRead(context, caller, request.correlationId, {
        action: 'members.read',
        members: [record.id],
      });
      reply.header('etag', `"${record.version}"`);
      return record;
    },
  );

  function conditions({ name = '', citizenNumber, mobile }: Wanted): {
    readonly query: Pick<DocumentQuery, 'where' | 'term'>;
    readonly terms: readonly string[];
  } {
    const terms = [...mobileTerms(mobile), ...searchIndex.queryTerms('name', name)];
    const [term] = terms;
    const where: Record<string, string> = {};
    if (citizenNumber !== undefined) {
      const parsed = parseCitizenNumber(citizenNumber);
      if (!parsed.ok) {
        throw refused(parsed.reason, {
          field: 'citizenNumber',
          params: { length: [...citizenNumber.trim()].length },
        });
      }
      where['citizenNumberIndex'] = blindIndex(masterKey, 'citizen-number', parsed.number);
    }
    return { query: { where, ...(term === undefined ? {} : { term }) }, terms };
  }

  function mobileTerms(mobile: string | undefined): string[] {
    if (mobile === undefined) return [];
    const parsed = parseMobile(mobile);
    if (!parsed.ok) throw refused('mobile-invalid', { field: 'mobile' });
    return searchIndex.queryTerms('mobile', parsed.number);
  }
}
