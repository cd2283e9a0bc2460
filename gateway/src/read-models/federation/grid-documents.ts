import type { CollectionSpec, Document, JsonObject } from '@unionfold/eventsourcing';

/** What one source tells of an employer. */
export interface ToldOfEmployer extends JsonObject {
  readonly name: string;
  readonly ownership: string;
  readonly industry: string;
  readonly employees: number;
  readonly women: number;
  readonly migrantWorkers: number;
  readonly dispatched: number;
  readonly newForms: number;
  /** When, ISO 8601. */
  readonly toldAt: string;
}

/** What a union that covers the employer tells of it. */
export interface Cover extends ToldOfEmployer {
  readonly unionId: string;
}

/** An employer (用人单位), by its credit code, at the union that covers it, or else at the federation of its region. */
export interface EmployerDocument
  extends Document,
    Omit<ToldOfEmployer, keyof JsonObject | 'toldAt'> {
  readonly name: string;
  readonly ownership: string;
  readonly industry: string;
  readonly employees: number;
  readonly women: number;
  readonly migrantWorkers: number;
  readonly dispatched: number;
  readonly newForms: number;
  readonly path: string;
  /** The union that it lies at. */
  readonly homeUnionId: string;
  readonly regionCode: string;
  /** Absent where it was never registered. */
  readonly registered?: ToldOfEmployer;
  readonly closed: boolean;
  readonly covers: readonly Cover[];
  /** The live union that covers it; empty: none. */
  readonly coveredBy: string;
  /** Empty: in no cell. */
  readonly cellId: string;
  /** What workers call it that said they work there. */
  readonly statedName: string;
  readonly statedAt: string;
  /** Live members who said they work there. */
  readonly workers: number;
  /** Whether it counts: it is known and not closed. The fields below are what lists look for. */
  readonly counted: boolean;
  readonly covered: boolean;
  readonly inCell: boolean;
  readonly hasWorkers: boolean;
  /** Of the employer's own stream; 0 where it has none. */
  readonly version: number;
  readonly terms: readonly string[];
}

/** What lies in a cell, its micro-cells included. */
export interface CellTotals extends JsonObject {
  readonly employers: number;
  readonly coveredEmployers: number;
  readonly employees: number;
}

/** A cell of the grid (网格), at its union. */
export interface CellDocument extends Document {
  readonly unionId: string;
  readonly path: string;
  readonly name: string;
  readonly regionCode: string;
  readonly upperCellId: string;
  /** Drawn and not closed. One that is spoken of before its own beginning has arrived is not live yet. */
  readonly live: boolean;
  readonly responsibleId: string;
  readonly assistantIds: readonly string[];
  readonly hasCadre: boolean;
  readonly microCells: number;
  readonly totals: CellTotals;
  readonly version: number;
}

/** The employers that one union covers, so that they are found when it is dissolved. */
export interface UnionUnitsDocument extends Document {
  readonly creditCodes: readonly string[];
}

/** Where a member said they work. */
export interface WorkplaceDocument extends Document {
  readonly creditCode: string;
  /** False once the member has left. */
  readonly counted: boolean;
}

/** The collections of the grid. */
export const gridCollections: readonly CollectionSpec[] = [
  {
    name: 'employers',
    indexes: [
      { fields: ['path', 'id'] },
      { fields: ['counted', 'path', 'id'] },
      { fields: ['counted', 'inCell', 'path', 'id'] },
      { fields: ['counted', 'covered', 'path', 'id'] },
      { fields: ['counted', 'covered', 'hasWorkers', 'path', 'id'] },
      { fields: ['cellId', 'id'] },
    ],
    paths: ['path'],
    terms: 'terms',
  },
  {
    name: 'cells',
    indexes: [
      { fields: ['path', 'id'] },
      { fields: ['unionId', 'live', 'id'] },
      { fields: ['live', 'path', 'id'] },
      { fields: ['live', 'hasCadre', 'path', 'id'] },
    ],
    paths: ['path'],
  },
  { name: 'union_units', indexes: [] },
  { name: 'workplaces', indexes: [] },
];
