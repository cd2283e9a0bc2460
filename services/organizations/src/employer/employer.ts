import type { EmployerParticulars, EventOf } from '@unionfold/contracts';
import type { CellState } from '../cell/cell.ts';

/** The events of an employer (用人单位). */
export type EmployerEvent = EventOf<
  | 'EmployerRegistered'
  | 'EmployerCorrected'
  | 'EmployerClosed'
  | 'EmployerPlaced'
  | 'EmployerRemoved'
>;

/** What is known of an employer. */
export interface EmployerState {
  /** `unregistered`: known through a union that covers it, if at all. */
  readonly status: 'unregistered' | 'open' | 'closed';
  readonly particulars: EmployerParticulars | undefined;
  /** The one cell that it lies in; empty: none. */
  readonly cellId: string;
}

/** Register (登记), or register anew after a closure. */
export interface RegisterEmployer {
  readonly type: 'RegisterEmployer';
  readonly creditCode: string;
  readonly particulars: EmployerParticulars;
  /** The day in China, `yyyy-MM-dd`: code tables have dated rows. */
  readonly today: string;
}

/** Correct (更正): the particulars as they are now. */
export interface CorrectEmployer extends Omit<RegisterEmployer, 'type'> {
  readonly type: 'CorrectEmployer';
  readonly reason: string;
}

/** Close (注销). */
export interface CloseEmployer {
  readonly type: 'CloseEmployer';
  readonly creditCode: string;
  readonly reason: string;
}

/** Place in a cell (划入网格). */
export interface PlaceEmployer {
  readonly type: 'PlaceEmployer';
  readonly creditCode: string;
  readonly cellId: string;
  /** The cell as it is now. */
  readonly cell: CellState;
  /** Whether a union covers it: then it need not be registered. */
  readonly covered: boolean;
}

/** Take over into the cell that succeeded a closed one. */
export interface CarryOverEmployer {
  readonly type: 'CarryOverEmployer';
  readonly creditCode: string;
  readonly fromCellId: string;
  readonly toCellId: string;
}

/** Remove from a cell (移出网格). */
export interface RemoveEmployer {
  readonly type: 'RemoveEmployer';
  readonly creditCode: string;
  readonly cellId: string;
  readonly reason: string;
}

/** What can be asked of an employer. */
export type EmployerCommand =
  | RegisterEmployer
  | CorrectEmployer
  | CloseEmployer
  | PlaceEmployer
  | CarryOverEmployer
  | RemoveEmployer;
