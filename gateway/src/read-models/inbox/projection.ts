import { type EventOf, RecipientKind } from '@unionfold/contracts';
import { type Document, eventsTopic, type Projection } from '@unionfold/eventsourcing';

/** A notice in an inbox. */
export interface NoticeDocument extends Document {
  /** `union:<id>` for the cadres of a union, `member:<id>` for one member. */
  readonly recipient: string;
  readonly template: string;
  readonly aboutType: string;
  readonly aboutId: string;
  readonly params: { readonly [name: string]: string };
  readonly read: boolean;
  readonly postedAt: string;
  /** Sorts the newest first. */
  readonly recency: string;
}

/** Whose inbox: the value of a notice's `recipient`. */
export function recipientOf(kind: RecipientKind, id: string): string {
  return `${kind === RecipientKind.RECIPIENT_KIND_MEMBER ? 'member' : 'union'}:${id}`;
}

/** Inboxes (收件箱) of unions and members. */
export const inboxProjection: Projection = {
  name: 'inbox',
  version: 1,
  topics: [eventsTopic('notifications')],
  collections: [
    {
      name: 'notices',
      indexes: [
        { fields: ['recipient', 'recency', 'id'] },
        { fields: ['recipient', 'read', 'recency', 'id'] },
      ],
    },
  ],
  apply: async ({ event, recorded }, documents) => {
    const change = event as EventOf<'NoticePosted' | 'NoticeRead'>;
    if (change.type === 'NoticePosted') {
      const { data } = change;
      documents.put('notices', {
        id: data.noticeId,
        recipient: recipientOf(data.recipientKind, data.recipientId),
        template: data.template,
        aboutType: data.aboutType,
        aboutId: data.aboutId,
        params: data.params,
        read: false,
        postedAt: recorded.metadata.occurredAt,
        recency: recency(recorded.metadata.occurredAt),
      } satisfies NoticeDocument);
    } else {
      const before = await documents.get('notices', change.data.noticeId);
      if (before !== undefined) documents.put('notices', { ...before, read: true });
    }
  },
};

/** Falls as time goes by: indexes are read upwards. */
function recency(time: string): string {
  return String(9_999_999_999_999 - Date.parse(time)).padStart(13, '0');
}
