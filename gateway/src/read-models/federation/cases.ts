import { HardshipCategory } from '@unionfold/contracts';
import { CaseStatus } from '@unionfold/contracts/welfare';
import type { UnitOfWork } from '@unionfold/eventsourcing';
import type { CaseDocument } from './documents.ts';
import type { EventHandlers } from './projection.ts';

/** The work list of hardship cases (困难职工帮扶). */
export const caseHandlers: EventHandlers = {
  HardshipDeclared: async ({ caseId, memberId, unionId }, { documents, tree }, recorded) => {
    const { path } = await tree.union(unionId);
    documents.put('cases', {
      id: caseId,
      memberId,
      unionId,
      path,
      status: CaseStatus.CASE_STATUS_DECLARED,
      category: HardshipCategory.HARDSHIP_CATEGORY_UNSPECIFIED,
      checks: [],
      ruleSet: '',
      amountFen: 0,
      fundLineId: '',
      declaredAt: recorded.metadata.occurredAt,
      version: recorded.version,
    } satisfies CaseDocument);
    await tree.add(unionId, { openCases: 1 });
  },
  HardshipVerified: async ({ caseId, checks, category, ruleSet }, { documents }, { version }) => {
    await update(documents, caseId, {
      status: CaseStatus.CASE_STATUS_VERIFIED,
      checks: checks.map((check) => ({ ...check })),
      category,
      ruleSet,
      version,
    });
  },
  HardshipApproved: async ({ caseId, amountFen }, { documents }, { version }) => {
    await update(documents, caseId, {
      status: CaseStatus.CASE_STATUS_APPROVED,
      amountFen: Number(amountFen),
      version,
    });
  },
  HardshipRejected: async ({ caseId }, { documents, tree }, { version }) => {
    const found = await update(documents, caseId, {
      status: CaseStatus.CASE_STATUS_REJECTED,
      version,
    });
    if (found !== undefined) await tree.add(found.unionId, { openCases: -1 });
  },
  AidPaid: async ({ caseId, fundLineId, amountFen }, { documents, tree }, { version }) => {
    const paid = await update(documents, caseId, {
      status: CaseStatus.CASE_STATUS_PAID,
      fundLineId,
      version,
    });
    if (paid !== undefined) {
      await tree.add(paid.unionId, { openCases: -1, paidFen: Number(amountFen) });
    }
  },
  CaseReassigned: async ({ caseId, toUnionId }, { documents, tree }, { version }) => {
    const before = (await documents.get('cases', caseId)) as CaseDocument | undefined;
    if (before === undefined) return;
    const { path } = await tree.union(toUnionId);
    await update(documents, caseId, { unionId: toUnionId, path, version });
    await tree.add(before.unionId, { openCases: -1 });
    await tree.add(toUnionId, { openCases: 1 });
  },
};

async function update(
  documents: UnitOfWork,
  caseId: string,
  change: Partial<CaseDocument>,
): Promise<CaseDocument | undefined> {
  const before = (await documents.get('cases', caseId)) as CaseDocument | undefined;
  if (before === undefined) return undefined;
  const after = { ...before, ...change } as CaseDocument;
  documents.put('cases', after);
  return after;
}
