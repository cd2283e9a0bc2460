import type { CellCadreReleaseCause, CellCadreRole, EventOf } from '@unionfold/contracts';
import type { UnionStatus } from '../union/union.ts';

/** The events of a cell of the grid (网格). */
export type CellEvent = EventOf<
  | 'CellDrawn'
  | 'CellRenamed'
  | 'CellCadreAssigned'
  | 'CellCadreReleased'
  | 'CellReattached'
  | 'CellHandedOver'
  | 'CellClosed'
>;

/** What is known of a cell. */
export interface CellState {
  readonly status: 'absent' | 'live' | 'closed';
  readonly cellId: string;
  readonly unionId: string;
  readonly name: string;
  /** Of a micro-cell: the cell above. */
  readonly upperCellId: string;
  readonly regionCode: string;
  /** Who looks after it, by member id. */
  readonly cadres: Readonly<Record<string, CellCadreRole>>;
  /** The union that it came from when it was handed over last. */
  readonly formerUnionId: string;
  /** After its closure: the cell that took what was in it. */
  readonly successorCellId: string;
}

/** Draw (划定). What the command needs to know of others comes with it. */
export interface DrawCell {
  readonly type: 'DrawCell';
  readonly cellId: string;
  readonly unionId: string;
  readonly name: string;
  readonly regionCode: string;
  readonly unionStatus: UnionStatus;
  readonly upperCellId: string;
  /** The cell above as it is now; undefined when none was named. */
  readonly upper: CellState | undefined;
}

/** Rename (更名). */
export interface RenameCell {
  readonly type: 'RenameCell';
  readonly name: string;
  readonly reason: string;
}

/** Assign a cadre (指派网格员). */
export interface AssignCadre {
  readonly type: 'AssignCadre';
  readonly memberId: string;
  readonly role: CellCadreRole;
  /** Whether the member is live and belongs to the cell's union or one below it. */
  readonly belongs: boolean;
}

/** Release a cadre (卸任). */
export interface ReleaseCadre {
  readonly type: 'ReleaseCadre';
  readonly memberId: string;
  readonly cause: CellCadreReleaseCause;
  readonly reason: string;
}

/** Hand over to the union that stands for the cell's own now, or back. */
export interface HandOverCell {
  readonly type: 'HandOverCell';
  readonly fromUnionId: string;
  readonly toUnionId: string;
}

/** Attach a micro-cell to the successor of the cell above it. */
export interface ReattachCell {
  readonly type: 'ReattachCell';
  readonly fromUpperCellId: string;
  readonly toUpperCellId: string;
}

/** Close (撤销). */
export interface CloseCell {
  readonly type: 'CloseCell';
  readonly reason: string;
  /** What is in it. */
  readonly employers: number;
  readonly microCells: number;
  readonly successorCellId: string;
  /** The successor as it is now; undefined when none was named. */
  readonly successor: CellState | undefined;
}

/** What can be asked of a cell. */
export type CellCommand =
  | DrawCell
  | RenameCell
  | AssignCadre
  | ReleaseCadre
  | HandOverCell
  | ReattachCell
  | CloseCell;
