import { chinaDate } from '@unionfold/codes';
import {
  type CommandHandler,
  type CommandSession,
  eventsTopic,
  isRefusal,
  type Projection,
  type ReadModel,
  type Refusal,
  TransientError,
} from '@unionfold/eventsourcing';
import { CarryingOut } from './carrying-out.ts';
import type { ChangeEvent } from './change.ts';
import { changeDecider } from './decider.ts';

/** Changes that are approved and wait for their day. */
export const approvedChangesProjection: Projection = {
  name: 'approved-changes',
  version: 1,
  topics: [eventsTopic('organizations')],
  collections: [{ name: 'changes', indexes: [{ fields: ['effectiveOn', 'id'] }] }],
  apply: async ({ event }, documents) => {
    const change = event as ChangeEvent;
    switch (change.type) {
      case 'ChangeProposed': {
        const { changeId: id, change: plan } = change.data;
        documents.put('changes', { id, approved: false, effectiveOn: plan?.effectiveOn ?? '' });
        return;
      }
      case 'ChangeApproved': {
        const { changeId: id } = change.data;
        const before = await documents.get('changes', id);
        if (before !== undefined) documents.put('changes', { ...before, approved: true });
        return;
      }
      case 'ChangeRejected':
      case 'ChangeWithdrawn':
      case 'ChangeTookEffect':
      case 'ChangeFailed':
        documents.delete('changes', change.data.changeId);
        return;
      default:
    }
  },
};

const pageSize = 100;

/**
 * Has the changes take effect whose day has come. Any number of processes may do this at once: each change is decided on
 * its own stream, and the second one finds it done. A change that cannot take effect any more is noted as failed, with
 * the problem that stands in the way.
 */
export async function takeDueEffects(
  commands: CommandHandler,
  approved: ReadModel,
  now: Date,
): Promise<void> {
  const today = chinaDate(now);
  let after: readonly string[] | undefined;
  for (;;) {
    const page = await approved.find('changes', {
      orderBy: ['effectiveOn'],
      limit: pageSize,
      ...(after === undefined ? {} : { after }),
    });
    for (const { id, approved: isApproved, effectiveOn } of page) {
      if (String(effectiveOn) > today) return;
      if (isApproved === true) await takeDueEffect(commands, id);
    }
    const last = page.at(-1);
    if (last === undefined || page.length < pageSize) return;
    after = [String(last['effectiveOn']), last.id];
  }
}

async function takeDueEffect(commands: CommandHandler, changeId: string): Promise<void> {
  const origin = { actor: 'system:due-changes', correlationId: changeId };
  const outcome = await commands.execute(
    origin,
    async (session) => (await takeEffect(session, changeId)) ?? changeId,
  );
  if (!isRefusal(outcome)) return;
  if (outcome.refused === 'concurrent-change') throw new TransientError(outcome.refused);
  const { refused: problem, field = '' } = outcome;
  await commands.execute(origin, async (session) => {
    const change = await session.load(changeDecider, changeId);
    if (change.state.status !== 'approved') return changeId;
    return change.decide({ type: 'NoteFailure', problem, field }) ?? changeId;
  });
}

/** Carries an approved change out if its day has come; the day is decided anew here, whoever asks. */
export async function takeEffect(
  session: CommandSession,
  changeId: string,
): Promise<Refusal | undefined> {
  const change = await session.load(changeDecider, changeId);
  const today = chinaDate(session.now);
  const { status, plan, approvedByUnionId, approvalDocument } = change.state;
  if (status !== 'approved' || plan.effectiveOn > today) return undefined;
  const authority = { approvedByUnionId, approvalDocument };
  const effect = await new CarryingOut(session).carryOut(plan, authority, today);
  return isRefusal(effect) ? effect : change.decide({ type: 'NoteEffect', effect, today });
}
