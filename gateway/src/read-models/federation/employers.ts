import { isKnownRegion, parseCreditCode, searchTerms } from '@unionfold/codes';
import type { CoveredUnit, EmployerParticulars } from '@unionfold/contracts';
import { changeCellTotals } from './cells.ts';
import type {
  CellTotals,
  Cover,
  EmployerDocument,
  ToldOfEmployer,
  UnionUnitsDocument,
  WorkplaceDocument,
} from './grid-documents.ts';
import type { GridDelta } from './grid-totals.ts';
import { negativeGrid } from './grid-totals.ts';
import type { EventHandlers, FederationContext } from './projection.ts';
import { regionHome } from './region-homes.ts';

/** What events say of an employer; the rest of the document follows from it. */
type Facts = Pick<
  EmployerDocument,
  | 'registered'
  | 'closed'
  | 'regionCode'
  | 'covers'
  | 'cellId'
  | 'statedName'
  | 'statedAt'
  | 'workers'
  | 'version'
>;

const unheardOf: Facts = {
  closed: false,
  regionCode: '',
  covers: [],
  cellId: '',
  statedName: '',
  statedAt: '',
  workers: 0,
  version: 0,
};

/**
 * Employers (用人单位). Their own streams, those of the unions that cover them and those of the workers who name them
 * arrive in any order; what a document shows follows from what all of them have told, never from the order.
 */
export const employerHandlers: EventHandlers = {
  EmployerRegistered: async ({ creditCode, particulars }, context, recorded) => {
    const { version, metadata } = recorded;
    await change(context, creditCode, (facts) => ({
      ...facts,
      ...registration(particulars, metadata.occurredAt),
      closed: false,
      version,
    }));
  },
  EmployerCorrected: async ({ creditCode, particulars }, context, recorded) => {
    const { version, metadata } = recorded;
    await change(context, creditCode, (facts) => ({
      ...facts,
      ...registration(particulars, metadata.occurredAt),
      version,
    }));
  },
  EmployerClosed: async ({ creditCode }, context, { version }) => {
    await change(context, creditCode, (facts) => ({ ...facts, closed: true, version }));
  },
  EmployerPlaced: async ({ creditCode, cellId }, context, { version }) => {
    await change(context, creditCode, (facts) => ({ ...facts, cellId, version }));
  },
  EmployerRemoved: async ({ creditCode }, context, { version }) => {
    await change(context, creditCode, (facts) => ({ ...facts, cellId: '', version }));
  },
  UnitCovered: async ({ unionId, unit }, context, { metadata }) => {
    if (unit === undefined) return;
    const { creditCode } = unit;
    const cover: Cover = { ...told(unit, metadata.occurredAt), unionId };
    await change(context, creditCode, (facts) => ({
      ...facts,
      covers: [...facts.covers.filter((other) => other.unionId !== unionId), cover],
    }));
    await changeUnits(context, unionId, (codes) =>
      codes.includes(creditCode) ? codes : [...codes, creditCode],
    );
  },
  UnitReleased: async ({ unionId, creditCode }, context) => {
    await change(context, creditCode, (facts) => ({
      ...facts,
      covers: facts.covers.filter((cover) => cover.unionId !== unionId),
    }));
    await changeUnits(context, unionId, (codes) => codes.filter((code) => code !== creditCode));
  },
  WorkplaceStated: async ({ memberId, creditCode, employerName }, context, { metadata }) => {
    const { documents } = context;
    const before = (await documents.get('workplaces', memberId)) as WorkplaceDocument | undefined;
    if (before?.counted === true) await countWorkers(context, before.creditCode, -1);
    const member = await documents.get('members', memberId);
    const counted = member?.['status'] !== 'left';
    documents.put('workplaces', { id: memberId, creditCode, counted } satisfies WorkplaceDocument);
    const { occurredAt } = metadata;
    await change(context, creditCode, (facts) => ({
      ...facts,
      ...laterName(facts, employerName, occurredAt),
      workers: facts.workers + (counted ? 1 : 0),
    }));
  },
};

/** After a member has left: they work nowhere as far as the union is concerned. */
export async function endWorkplace(context: FederationContext, memberId: string): Promise<void> {
  const { documents } = context;
  const before = (await documents.get('workplaces', memberId)) as WorkplaceDocument | undefined;
  if (before?.counted !== true) return;
  documents.put('workplaces', { ...before, counted: false });
  await countWorkers(context, before.creditCode, -1);
}

/** After a union was dissolved or restored: whom it covers is covered no longer, or again. */
export async function refreshCovers(context: FederationContext, unionId: string): Promise<void> {
  const units = (await context.documents.get('union_units', unionId)) as
    | UnionUnitsDocument
    | undefined;
  for (const creditCode of units?.creditCodes ?? []) {
    await change(context, creditCode, (facts) => facts);
  }
}

function laterName(facts: Facts, statedName: string, statedAt: string) {
  const isLater =
    facts.statedAt < statedAt || (facts.statedAt === statedAt && facts.statedName < statedName);
  return isLater ? { statedName, statedAt } : {};
}

async function countWorkers(context: FederationContext, creditCode: string, by: number) {
  await change(context, creditCode, (facts) => ({ ...facts, workers: facts.workers + by }));
}

async function change(
  context: FederationContext,
  creditCode: string,
  next: (facts: Facts) => Facts,
): Promise<void> {
  const { documents, tree } = context;
  const before = (await documents.get('employers', creditCode)) as EmployerDocument | undefined;
  const after = await employerOf(context, creditCode, next(before ?? unheardOf));
  documents.put('employers', after);
  if (before !== undefined) {
    await tree.add(before.homeUnionId, { grid: negativeGrid(gridShare(before)) });
  }
  // Also where it counts nothing: the totals mark the union as one that has something placed at it.
  await tree.add(after.homeUnionId, { grid: gridShare(after) });
  if (before !== undefined && before.cellId !== '') {
    await changeCellTotals(context, before.cellId, negative(cellShare(before)));
  }
  if (after.cellId !== '') await changeCellTotals(context, after.cellId, cellShare(after));
}

async function employerOf(
  { tree }: FederationContext,
  creditCode: string,
  facts: Facts,
): Promise<EmployerDocument> {
  const { registered, closed, covers, cellId, workers } = facts;
  const coveredBy = await covererOf(tree, covers);
  const regionCode = facts.regionCode === '' ? registrarRegion(creditCode) : facts.regionCode;
  const homeUnionId = coveredBy === '' ? await regionHome(tree, regionCode) : coveredBy;
  const { path } = await tree.union(homeUnionId);
  const { toldAt: _, ...latest } = latestOf(facts);
  const isKnown = registered !== undefined || coveredBy !== '' || cellId !== '' || workers > 0;
  return {
    ...facts,
    ...latest,
    id: creditCode,
    path,
    homeUnionId,
    regionCode,
    coveredBy,
    counted: isKnown && !closed,
    covered: coveredBy !== '',
    inCell: cellId !== '',
    hasWorkers: workers > 0,
    terms: [...searchTerms(latest.name), creditCode.toLowerCase()],
  };
}

/** Of several live unions always the same one, whichever of them was heard of first. */
async function covererOf(tree: FederationContext['tree'], covers: readonly Cover[]) {
  for (const { unionId } of covers.toSorted((a, b) => (a.unionId < b.unionId ? -1 : 1))) {
    const { status } = await tree.union(unionId);
    if (status !== 'dissolved') return unionId;
  }
  return '';
}

/** The district of the office that registered the employer, for want of a better one; the country at worst. */
function registrarRegion(creditCode: string): string {
  const parsed = parseCreditCode(creditCode);
  const region = parsed.ok ? parsed.region : '';
  for (const code of [region, `${region.slice(0, 4)}00`, `${region.slice(0, 2)}0000`]) {
    if (isKnownRegion(code)) return code;
  }
  return '000000';
}

/** What was told last, by the registration or by a union that covers the employer. */
function latestOf({ registered, covers, statedName }: Facts): ToldOfEmployer {
  const nothing = { ...told({}, ''), name: statedName };
  return [...covers, ...(registered === undefined ? [] : [registered])].reduce<ToldOfEmployer>(
    (latest, { unionId: _, ...source }) =>
      isLater(source as ToldOfEmployer, latest) ? (source as ToldOfEmployer) : latest,
    nothing,
  );
}

/** By time, and at the same moment by content, so that the order of the sources does not matter. */
function isLater(one: ToldOfEmployer, other: ToldOfEmployer): boolean {
  if (one.toldAt !== other.toldAt) return one.toldAt > other.toldAt;
  return JSON.stringify(one) > JSON.stringify(other);
}

function registration(
  particulars: EmployerParticulars | undefined,
  toldAt: string,
): Pick<EmployerDocument, 'registered' | 'regionCode'> {
  const { regionCode = '' } = particulars ?? {};
  return { registered: told(particulars ?? {}, toldAt), regionCode };
}

function told(from: Partial<EmployerParticulars | CoveredUnit>, toldAt: string): ToldOfEmployer {
  const { name = '', ownership = '', industry = '', employees = 0, women = 0 } = from;
  const { migrantWorkers = 0, dispatched = 0, newForms = 0 } = from;
  return {
    name,
    ownership,
    industry,
    employees,
    women,
    migrantWorkers,
    dispatched,
    newForms,
    toldAt,
  };
}

function gridShare({ counted, covered, inCell, employees }: EmployerDocument): GridDelta {
  if (!counted) return {};
  return {
    employers: 1,
    coveredEmployers: covered ? 1 : 0,
    cellEmployers: inCell ? 1 : 0,
    employees,
    coveredEmployees: covered ? employees : 0,
    cellEmployees: inCell ? employees : 0,
  };
}

function cellShare({ counted, covered, employees }: EmployerDocument): CellTotals {
  return counted
    ? { employers: 1, coveredEmployers: covered ? 1 : 0, employees }
    : { employers: 0, coveredEmployers: 0, employees: 0 };
}

function negative({ employers, coveredEmployers, employees }: CellTotals): CellTotals {
  return { employers: -employers, coveredEmployers: -coveredEmployers, employees: -employees };
}

async function changeUnits(
  { documents }: FederationContext,
  unionId: string,
  next: (creditCodes: readonly string[]) => readonly string[],
): Promise<void> {
  const before = (await documents.get('union_units', unionId)) as UnionUnitsDocument | undefined;
  documents.put('union_units', { id: unionId, creditCodes: next(before?.creditCodes ?? []) });
}
