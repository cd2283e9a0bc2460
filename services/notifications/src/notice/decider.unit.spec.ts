import { RecipientKind } from '@unionfold/contracts';
import { specificationFor } from '@unionfold/eventsourcing/specification';
import { describe, it } from 'vitest';
import { type NoticeEvent, noticeDecider, type PostNotice } from './decider.ts';

const { given } = specificationFor(noticeDecider);
const cadres = { recipientKind: RecipientKind.RECIPIENT_KIND_UNION, recipientId: 'county' };
const post: PostNotice = {
  type: 'PostNotice',
  noticeId: 'n1',
  ...cadres,
  template: 'hardship-declared',
  aboutType: 'hardship-case',
  aboutId: 'c1',
  params: {},
  causeEventId: 'e1',
};
const { type: _, ...notice } = post;
const posted: NoticeEvent = { type: 'NoticePosted', data: { ...notice, params: {} } };
const read: NoticeEvent = { type: 'NoticeRead', data: { noticeId: 'n1', ...cadres } };
const markRead = { type: 'MarkRead', noticeId: 'n1', ...cadres } as const;

describe('A notice', () => {
  it('is posted once, however often its cause comes', () => {
    given([]).when(post).then([posted]);
    given([posted]).when(post).thenNothing();
    given([posted, read]).when(post).thenNothing();
  });

  it('is marked as read by its recipient, once', () => {
    given([posted]).when(markRead).then([read]);
    given([posted, read]).when(markRead).thenNothing();
  });

  it('is not there for anyone else', () => {
    given([]).when(markRead).thenRefused('notice-unknown', 'noticeId');
    given([posted])
      .when({ ...markRead, recipientId: 'city' })
      .thenRefused('notice-unknown', 'noticeId');
    given([posted])
      .when({ ...markRead, recipientKind: RecipientKind.RECIPIENT_KIND_MEMBER })
      .thenRefused('notice-unknown', 'noticeId');
    given([posted, read])
      .when({ ...markRead, recipientId: 'city' })
      .thenRefused('notice-unknown', 'noticeId');
  });
});
