import {
  eventByName,
  type NoticePosted,
  type NoticeRead,
  RecipientKind,
} from '@unionfold/contracts';
import { NotificationsServiceService } from '@unionfold/contracts/notifications';
import {
  type Decider,
  eventsTopic,
  type Projection,
  type RecordedEvent,
  refuse,
} from '@unionfold/eventsourcing';
import { rpcService } from './rpc/server.ts';
import type { ServiceContext, ServiceModule } from './service.ts';

type NoticeEvent =
  | { readonly type: 'NoticePosted'; readonly data: NoticePosted }
  | { readonly type: 'NoticeRead'; readonly data: NoticeRead };

/** A notice that may be read any number of times, each time an event. */
export const noticeDecider: Decider<number, NoticeRead, NoticeEvent> = {
  aggregate: 'notice',
  initialState: 0,
  decide: (data) => [{ type: 'NoticeRead', data }],
  evolve: (reads) => reads + 1,
};

/** How often each notice was read, and by whom last. */
export const readsProjection = (
  version = 1,
  meet: (recorded: RecordedEvent) => void = () => undefined,
): Projection => ({
  name: 'reads',
  version,
  topics: [eventsTopic('notifications')],
  collections: [{ name: 'notices', indexes: [{ fields: ['lastReader', 'id'] }] }],
  apply: async ({ event, recorded }, documents) => {
    meet(recorded);
    const { noticeId, recipientId } = (event as NoticeEvent).data;
    const before = await documents.get('notices', noticeId);
    documents.put('notices', {
      id: noticeId,
      reads: Number(before?.['reads'] ?? 0) + 1,
      lastReader: recipientId,
      version: recorded.version,
    });
  },
});

export interface NoticesOptions {
  readonly projection?: Projection;
  /** Called with the context of a service that is built. */
  readonly built?: (context: ServiceContext) => void;
}

/** A small service over the real contracts of the notifications, to try the kit with. */
export function noticesModule({ projection, built }: NoticesOptions = {}): ServiceModule {
  return {
    name: 'notifications',
    build: (context) => {
      context.projection(projection ?? readsProjection());
      built?.(context);
      return [
        rpcService(NotificationsServiceService, {
          markNoticeRead: async (request, call) =>
            context.answer(
              await context.commands.execute(call, async (session) => {
                const { noticeId } = request;
                const notice = await session.load(noticeDecider, noticeId);
                return notice.decide(request) ?? noticeId;
              }),
            ),
          getNotice: async ({ noticeId }) => {
            const { version } = await context.commands.read(noticeDecider, noticeId);
            if (version === 0) return refuse('notice-unknown', { field: 'noticeId' });
            return {
              noticeId,
              recipientKind: RecipientKind.RECIPIENT_KIND_MEMBER,
              recipientId: '',
              template: '',
              aboutType: '',
              aboutId: '',
              params: {},
              read: true,
              version: BigInt(version),
            };
          },
        }),
      ];
    },
  };
}

/** What is asked of the service: `reader` reads the notice. */
export function readNotice(noticeId: string, reader: string): NoticeRead {
  return { noticeId, recipientKind: RecipientKind.RECIPIENT_KIND_MEMBER, recipientId: reader };
}

/** The full type name under which a reading is stored. */
export const noticeReadType = eventByName('NoticeRead').fullName;
