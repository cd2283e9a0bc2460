import { once } from 'node:events';
import { noticesModule } from '../notices-module.fixture.ts';
import type { RpcService } from '../rpc/server.ts';
import type { ServiceModule } from '../service.ts';
import { runService } from './run-process.ts';

// The notices' service as a process of its own. What is asked about the notice `slow` is answered only after the process
// has been told to stop, about the notice `never` not at all.
const notices = noticesModule();
const module: ServiceModule = {
  ...notices,
  build: (context) => notices.build(context).map(heldUp),
};

function heldUp({ definition, handlers }: RpcService): RpcService {
  const { markNoticeRead, ...others } = handlers;
  if (markNoticeRead === undefined) return { definition, handlers };
  return {
    definition,
    handlers: {
      ...others,
      markNoticeRead: async (request, context) => {
        const { noticeId } = request as { noticeId: string };
        if (noticeId === 'slow' || noticeId === 'never') process.stdout.write(`has ${noticeId}\n`);
        if (noticeId === 'slow') await once(process, 'SIGTERM');
        if (noticeId === 'never') await new Promise(() => undefined);
        return await markNoticeRead(request, context);
      },
    },
  };
}

await runService(module);
