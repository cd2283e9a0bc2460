import { RecipientKind } from '@unionfold/contracts';
import { describeNotice } from '@unionfold/contracts/notices';
import type { Locale } from '@unionfold/contracts/problems';
import Type, { type Static } from 'typebox';
import type { GatewayContext } from '../context.ts';
import { accepts } from '../http/command-fields.ts';
import { type Api, accepted, callerOf, commandOrigin } from '../http/exchange.ts';
import { noBody, operation, reference, textEnum } from '../http/operation.ts';
import { pageFields, readPage } from '../http/page.ts';
import { refused } from '../http/refused.ts';
import type { Caller } from '../identity/caller.ts';
import { type NoticeDocument, recipientOf } from '../read-models/inbox/projection.ts';

const roles = ['cadre', 'worker'] as const;
/** Where counting stops: more than that is simply a lot. */
const mostCounted = 1_000;

const Notice = Type.Object(
  {
    id: Type.String(),
    template: Type.String({ description: '通知模板 | Name of the text.' }),
    title: Type.String(),
    text: Type.String({ description: '按 Accept-Language | In the language asked for.' }),
    params: Type.Record(Type.String(), Type.String()),
    aboutType: Type.String(),
    aboutId: Type.String(),
    read: Type.Boolean(),
    postedAt: Type.String({ format: 'date-time' }),
  },
  {
    $id: 'Notice',
    examples: [
      {
        id: '01k2ab3cd4ef5gh6jk7s',
        template: 'hardship-approved',
        title: '困难救助已批准',
        text: '您的困难救助申请已获批准,金额 1250 元。',
        params: { amountFen: '125000' },
        aboutType: 'hardship-case',
        aboutId: '01k2ab3cd4ef5gh6jk7p',
        read: false,
        postedAt: '2026-05-01T02:03:04.000Z',
      },
    ],
  },
);

/** The caller's inbox (收件箱): a cadre's is that of their union, a worker's their own. */
export function inboxRoutes(api: Api, context: GatewayContext): void {
  const { inbox, services } = context;
  api.addSchema(Notice);

  api.get(
    '/inbox',
    operation({
      id: 'listNotices',
      tag: 'inbox',
      summary: { zh: '收件箱', en: 'Notices, the newest first' },
      roles,
      querystring: Type.Object({
        show: Type.Optional(textEnum(['all', 'unread'], '默认全部 | Default all.')),
        ...pageFields,
      }),
      answer: Type.Object({
        items: Type.Array(reference(Notice)),
        next: Type.Optional(Type.String()),
        unread: Type.Integer({
          description: `未读数,最多数到 ${mostCounted} | Unread, counted up to ${mostCounted}.`,
        }),
      }),
      problems: ['page-token-invalid'],
    }),
    async (request) => {
      const { recipient } = inboxOf(callerOf(request));
      const { show = 'all', ...page } = request.query;
      const found = await readPage(
        inbox,
        {
          collection: 'notices',
          where: { recipient, ...(show === 'unread' ? { read: false } : {}) },
          orderBy: ['recency', 'id'],
        },
        page,
      );
      const unread = await inbox.count('notices', {
        where: { recipient, read: false },
        limit: mostCounted,
      });
      return {
        ...found,
        items: found.items.map((notice) => noticeAnswer(notice as NoticeDocument, request.locale)),
        unread,
      };
    },
  );

  api.post(
    '/inbox/:noticeId/read',
    operation({
      id: 'markNoticeRead',
      tag: 'inbox',
      summary: { zh: '标为已读', en: 'Mark a notice as read' },
      roles,
      command: 'plain',
      params: Type.Object({ noticeId: Type.String() }),
      body: noBody,
      ...accepts,
      problems: ['notice-unknown'],
    }),
    async (request, reply) => {
      const origin = commandOrigin(request);
      const { noticeId } = request.params;
      const { kind, id, recipient } = inboxOf(callerOf(request));
      const notice = (await inbox.get('notices', noticeId)) as NoticeDocument | undefined;
      if (notice?.recipient !== recipient) {
        throw refused('notice-unknown', { field: 'noticeId' });
      }
      return accepted(
        reply,
        await services.notifications.markNoticeRead(
          { noticeId, recipientKind: kind, recipientId: id },
          origin,
        ),
      );
    },
  );
}

function inboxOf({ role, memberId, unionId }: Caller): {
  readonly kind: RecipientKind;
  readonly id: string;
  readonly recipient: string;
} {
  const isWorker = role === 'worker';
  const kind = isWorker ? RecipientKind.RECIPIENT_KIND_MEMBER : RecipientKind.RECIPIENT_KIND_UNION;
  const id = isWorker ? memberId : unionId;
  return { kind, id, recipient: recipientOf(kind, id) };
}

function noticeAnswer(notice: NoticeDocument, locale: Locale): Static<typeof Notice> {
  const { id, template, params, aboutType, aboutId, read, postedAt } = notice;
  const { title, text } = describeNotice(template, locale, params);
  return { id, template, title, text, params, aboutType, aboutId, read, postedAt };
}
