import { type Notice, NotificationsServiceService } from '@unionfold/contracts/notifications';
import { OrganizationsServiceService } from '@unionfold/contracts/organizations';
import { refuse } from '@unionfold/contracts/problems';
import type { Refusal } from '@unionfold/eventsourcing';
import {
  type RpcService,
  remoteService,
  rpcService,
  type ServiceContext,
  type ServiceModule,
} from '@unionfold/service-kit';
import { inbox } from './inbox/inbox.ts';
import { noticeDecider } from './notice/decider.ts';

/** Notifications (通知): an inbox entry for the people whom an event concerns. */
export const notificationsModule: ServiceModule = {
  name: 'notifications',
  build: (context) => [notifications(context)],
};

function notifications(context: ServiceContext): RpcService {
  const { commands, answer, documents, directory } = context;
  const organizations = remoteService(OrganizationsServiceService, 'organizations', directory);
  context.reaction(inbox({ commands, documents, organizations }));

  return rpcService(NotificationsServiceService, {
    markNoticeRead: async ({ noticeId, recipientKind, recipientId }, call) =>
      answer(
        await commands.execute(call, async (session) => {
          const notice = await session.load(noticeDecider, noticeId);
          return (
            notice.decide({ type: 'MarkRead', noticeId, recipientKind, recipientId }) ?? noticeId
          );
        }),
      ),

    getNotice: async ({ noticeId }) => await readNotice(context, noticeId),
  });
}

async function readNotice(context: ServiceContext, noticeId: string): Promise<Notice | Refusal> {
  const { state, version } = await context.commands.read(noticeDecider, noticeId);
  if (state.status === 'absent') return refuse('notice-unknown', { field: 'noticeId' });
  const { status, params, ...notice } = state;
  return {
    noticeId,
    ...notice,
    params: { ...params },
    read: status === 'read',
    version: BigInt(version),
  };
}
