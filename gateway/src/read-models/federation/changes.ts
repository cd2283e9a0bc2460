import type { PlannedChange } from '@unionfold/contracts';
import type { JsonObject, UnitOfWork } from '@unionfold/eventsourcing';
import type { ChangeDocument } from './documents.ts';
import type { EventHandlers } from './projection.ts';

/** Structural changes (变更事项), each at the place of the union that it changes. */
export const changeHandlers: EventHandlers = {
  ChangeProposed: async ({ changeId, change, proposedByUnionId }, context, { version }) => {
    if (change === undefined) return;
    const { kind, unionId, effectiveOn, reason } = change;
    await context.tree.add(unionId, {});
    const { path } = await context.tree.union(unionId);
    context.documents.put('changes', {
      id: changeId,
      unionId,
      path,
      status: 'proposed',
      kind,
      effectiveOn,
      plan: planOf(change),
      proposedByUnionId,
      approvedByUnionId: '',
      approvalDocument: '',
      reason,
      closingReason: '',
      problem: '',
      version,
    } satisfies ChangeDocument);
  },
  ChangeApproved: async (approval, { documents }, { version }) => {
    const { changeId, approvedByUnionId, approvalDocument } = approval;
    const facts = { status: 'approved', approvedByUnionId, approvalDocument, version } as const;
    await update(documents, changeId, facts);
  },
  ChangeRejected: async ({ changeId, reason: closingReason }, { documents }, { version }) => {
    await update(documents, changeId, { status: 'rejected', closingReason, version });
  },
  ChangeWithdrawn: async ({ changeId, reason: closingReason }, { documents }, { version }) => {
    await update(documents, changeId, { status: 'withdrawn', closingReason, version });
  },
  ChangeTookEffect: async ({ changeId, on }, { documents }, { version }) => {
    await update(documents, changeId, { status: 'in-effect', effectiveOn: on, version });
  },
  ChangeFailed: async ({ changeId, problem }, { documents }, { version }) => {
    await update(documents, changeId, { status: 'failed', problem, version });
  },
  ChangeUndone: async ({ changeId, reason: closingReason }, { documents }, { version }) => {
    await update(documents, changeId, { status: 'undone', closingReason, version });
  },
};

async function update(
  documents: UnitOfWork,
  changeId: string,
  facts: Partial<ChangeDocument>,
): Promise<void> {
  const before = await documents.get('changes', changeId);
  if (before !== undefined) documents.put('changes', { ...before, ...facts });
}

function planOf({ name, toParentId, successorId, unionType, parts }: PlannedChange): JsonObject {
  return { name, toParentId, successorId, unionType, parts: parts.map((part) => ({ ...part })) };
}
