import { type EventOf, RecipientKind } from '@unionfold/contracts';
import type { NoticeTemplate } from '@unionfold/contracts/notices';
import { refuse } from '@unionfold/contracts/problems';
import type { Decider } from '@unionfold/eventsourcing';

/** The events of a notice (站内信). */
export type NoticeEvent = EventOf<'NoticePosted' | 'NoticeRead'>;

/** Who a notice is for: the cadres of a union, or one member. */
export interface Recipient {
  readonly recipientKind: RecipientKind;
  readonly recipientId: string;
}

/** What is known of a notice. */
export interface NoticeState extends Recipient {
  readonly status: 'absent' | 'unread' | 'read';
  readonly template: string;
  readonly aboutType: string;
  readonly aboutId: string;
  readonly params: Readonly<Record<string, string>>;
}

/** Post (发出通知). */
export interface PostNotice extends Recipient {
  readonly type: 'PostNotice';
  readonly noticeId: string;
  readonly template: NoticeTemplate;
  readonly aboutType: string;
  readonly aboutId: string;
  /** Facts for the text that name no person. */
  readonly params: Readonly<Record<string, string>>;
  readonly causeEventId: string;
}

/** Mark as read (通知已读), by the recipient. */
export interface MarkRead extends Recipient {
  readonly type: 'MarkRead';
  readonly noticeId: string;
}

/** What can be asked of a notice. */
export type NoticeCommand = PostNotice | MarkRead;

/** The rules of a notice. */
export const noticeDecider: Decider<NoticeState, NoticeCommand, NoticeEvent> = {
  aggregate: 'notice',
  initialState: {
    status: 'absent',
    recipientKind: RecipientKind.RECIPIENT_KIND_UNSPECIFIED,
    recipientId: '',
    template: '',
    aboutType: '',
    aboutId: '',
    params: {},
  },
  decide: (command, state) => {
    if (command.type === 'PostNotice') {
      const { type: _, ...notice } = command;
      // Its id follows from its cause: the cause came again, and the recipient has been told.
      if (state.status !== 'absent') return [];
      return [{ type: 'NoticePosted', data: { ...notice, params: { ...notice.params } } }];
    }
    const { noticeId, recipientKind, recipientId } = command;
    // To anyone but the recipient there is no such notice.
    if (
      state.status === 'absent' ||
      state.recipientKind !== recipientKind ||
      state.recipientId !== recipientId
    ) {
      return refuse('notice-unknown', { field: 'noticeId' });
    }
    if (state.status === 'read') return [];
    return [{ type: 'NoticeRead', data: { noticeId, recipientKind, recipientId } }];
  },
  evolve: (state, event) => {
    if (event.type === 'NoticeRead') return { ...state, status: 'read' };
    const { noticeId: _id, causeEventId: _cause, ...notice } = event.data;
    return { ...notice, status: 'unread' };
  },
};
