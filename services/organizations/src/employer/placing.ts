import type { Aggregate, CommandSession, Refusal } from '@unionfold/eventsourcing';
import { cellDecider } from '../cell/decider.ts';
import { entryAdmitted } from '../cell/registers.ts';
import type { EmployerCommand, EmployerEvent, EmployerState, PlaceEmployer } from './employer.ts';

/**
 * Places an employer in a cell. The cell is loaded, so that it cannot be closed at the same time; its register is
 * appended to without looking, so that many employers can be placed in it at the same time.
 */
export async function placeIn(
  session: CommandSession,
  employer: Aggregate<EmployerState, EmployerCommand, EmployerEvent>,
  placing: Pick<PlaceEmployer, 'creditCode' | 'cellId' | 'covered'>,
): Promise<Refusal | undefined> {
  const { creditCode, cellId } = placing;
  const cell = await session.load(cellDecider, cellId);
  const before = employer.state.cellId;
  const refusal = employer.decide({ ...placing, type: 'PlaceEmployer', cell: cell.state });
  if (refusal !== undefined || employer.state.cellId === before) return refusal;
  session.append('cell-entries', cellId, [entryAdmitted(cellId, { creditCode })]);
  return undefined;
}
