import type { FundLineDocument } from './documents.ts';
import type { EventHandlers } from './projection.ts';

/** Fund lines and what is left of them (资金项). */
export const fundLineHandlers: EventHandlers = {
  FundLineOpened: async (line, { documents, tree }, { version }) => {
    // Touching the totals marks the union as one that has something placed at it, should it be moved later.
    await tree.add(line.unionId, {});
    const { path } = await tree.union(line.unionId);
    documents.put('fund_lines', {
      id: line.fundLineId,
      unionId: line.unionId,
      path,
      source: line.source,
      name: line.name,
      budgetFen: Number(line.budgetFen),
      balanceFen: Number(line.budgetFen),
      version,
    } satisfies FundLineDocument);
  },
  FundCharged: async ({ fundLineId, balanceFen }, { documents }, { version }) => {
    const before = await documents.get('fund_lines', fundLineId);
    if (before === undefined) return;
    documents.put('fund_lines', { ...before, balanceFen: Number(balanceFen), version });
  },
  FundLineReassigned: async ({ fundLineId, toUnionId }, { documents, tree }, { version }) => {
    const before = await documents.get('fund_lines', fundLineId);
    if (before === undefined) return;
    await tree.add(toUnionId, {});
    const { path } = await tree.union(toUnionId);
    documents.put('fund_lines', { ...before, unionId: toUnionId, path, version });
  },
};
