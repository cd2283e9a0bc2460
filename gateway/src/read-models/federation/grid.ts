import type { DecodedEvent, UnitOfWork } from '@unionfold/eventsourcing';
import { cellHandlers } from './cells.ts';
import { employerHandlers } from './employers.ts';
import type { EmployerDocument } from './grid-documents.ts';
import type { EventHandlers } from './projection.ts';

/** The grid (网格化建会): employers and cells. */
export const gridHandlers: EventHandlers = { ...employerHandlers, ...cellHandlers };

/** Events that concern the employers of a union. */
const unitEvents = { UnitCovered: true, UnitReleased: true, UnionDissolved: true } as const;

/**
 * Reads ahead what a batch's events say of the grid.
 * @param unions takes the unions that employers lie at: their totals will be asked for
 */
export async function prefetchGrid(
  events: readonly DecodedEvent[],
  documents: UnitOfWork,
  unions: Set<string>,
): Promise<void> {
  const employers = new Set<string>();
  const cells = new Set<string>();
  const workplaces = new Set<string>();
  const units = new Set<string>();
  for (const { event } of events) {
    const data = event.data as Readonly<Record<string, unknown>>;
    const { creditCode, unit, cellId, upperCellId, memberId, unionId } = data;
    addText(employers, creditCode);
    addText(employers, (unit as { creditCode?: string } | undefined)?.creditCode);
    addText(cells, cellId);
    addText(cells, upperCellId);
    if (event.type in unitEvents) addText(units, unionId);
    if (event.type === 'MemberLeft' || event.type === 'WorkplaceStated') {
      addText(workplaces, memberId);
    }
  }
  for (const employer of await documents.getMany('employers', [...employers])) {
    const { homeUnionId, cellId } = (employer ?? {}) as Partial<EmployerDocument>;
    addText(unions, homeUnionId);
    addText(cells, cellId);
  }
  await documents.prefetch('cells', cells);
  await documents.prefetch('workplaces', workplaces);
  await documents.prefetch('union_units', units);
}

function addText(ids: Set<string>, value: unknown): void {
  if (typeof value === 'string' && value !== '') ids.add(value);
}
