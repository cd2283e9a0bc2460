import { federationIdOfRegion } from '@unionfold/codes';
import { isRefusal, type ReadModel } from '@unionfold/eventsourcing';
import type { FastifyRequest } from 'fastify';
import type { GatewayContext } from '../context.ts';
import { queryOrigin } from '../http/exchange.ts';
import { refused } from '../http/refused.ts';
import type { Scope } from '../jurisdiction/jurisdiction.ts';
import type { UnionDocument } from '../read-models/federation/documents.ts';
import type { CellDocument, EmployerDocument } from '../read-models/federation/grid-documents.ts';
import type { Inside } from './answers.ts';

/**
 * An employer that the caller sees: it lies inside the jurisdiction, or in a cell that does, for to place it there was
 * to share it with the cell's union. Undefined when it is neither, or there is none.
 */
export async function seenEmployer(
  federation: ReadModel,
  scope: Scope,
  creditCode: string,
): Promise<EmployerDocument | undefined> {
  const employer = (await federation.get('employers', creditCode)) as EmployerDocument | undefined;
  if (employer === undefined || !isKnown(employer)) return undefined;
  if (scope.covers(employer.path)) return employer;
  const cell = employer.inCell ? await seenCell(federation, scope, employer.cellId) : undefined;
  return cell === undefined ? undefined : employer;
}

/** One that a union has let go, that was never registered and lies in no cell, is known to nobody any more. */
function isKnown({ counted, closed }: EmployerDocument): boolean {
  return counted || closed;
}

/** A cell inside the jurisdiction, closed ones included; undefined when it is outside or there is none. */
export async function seenCell(
  federation: ReadModel,
  scope: Scope,
  cellId: string,
): Promise<CellDocument | undefined> {
  const cell = (await federation.get('cells', cellId)) as CellDocument | undefined;
  // Others speak of it, but its own beginning has not arrived yet.
  if (cell === undefined || cell.unionId === '') return undefined;
  return scope.covers(cell.path) ? cell : undefined;
}

/** What is needed to tell of a page of employers. */
export async function insideOf(
  federation: ReadModel,
  employers: readonly EmployerDocument[],
): Promise<Inside> {
  const ids = new Set(employers.flatMap(({ cellId }) => (cellId === '' ? [] : [cellId])));
  const cells = await federation.getMany('cells', [...ids]);
  return { cells: cells as ReadonlyMap<string, CellDocument> };
}

/**
 * For commands on an employer that lies inside, also one registered a moment ago.
 * @throws Refused `employer-unknown`
 */
export async function requireEmployer(
  { federation, services }: GatewayContext,
  request: FastifyRequest,
  scope: Scope,
  creditCode: string,
): Promise<void> {
  const refusal = { code: 'employer-unknown', field: 'creditCode' } as const;
  const known = (await federation.get('employers', creditCode)) as EmployerDocument | undefined;
  const path = known !== undefined && isKnown(known) ? known.path : undefined;
  await scope.requirePlaced(
    path,
    async () => {
      const employer = await services.grid.getEmployer({ creditCode }, queryOrigin(request));
      if (isRefusal(employer)) return undefined;
      const { regionCode = '' } = employer.particulars ?? {};
      // Where the directory has it elsewhere, at a union that covers it, the region no longer says where it lies.
      return regionCode === '' || path !== undefined
        ? undefined
        : await standingFederation(federation, regionCode);
    },
    refusal,
  );
}

/**
 * For commands on a cell, also one drawn a moment ago.
 * @throws Refused `cell-unknown`
 */
export async function requireCell(
  { federation, services }: GatewayContext,
  request: FastifyRequest,
  scope: Scope,
  cellId: string,
  field = 'cellId',
): Promise<void> {
  const known = (await federation.get('cells', cellId)) as CellDocument | undefined;
  await scope.requirePlaced(
    known === undefined || known.unionId === '' ? undefined : known.path,
    async () => {
      const cell = await services.grid.getCell({ cellId }, queryOrigin(request));
      return isRefusal(cell) ? undefined : cell.unionId;
    },
    { code: 'cell-unknown', field },
  );
}

/** The federation of a region, or the nearest one above it where it has none of its own. */
export async function standingFederation(
  federation: ReadModel,
  regionCode: string,
): Promise<string> {
  for (const code of [
    regionCode,
    regionCode.slice(0, 6),
    `${regionCode.slice(0, 4)}00`,
    `${regionCode.slice(0, 2)}0000`,
  ]) {
    const union = await federation.get('unions', federationIdOfRegion(code));
    if (union !== undefined && union['status'] !== 'unknown') return union.id;
  }
  return 'cn';
}

/**
 * Who may register an employer of a region: a union whose subtree has the region's federation; and, into a cell of its
 * own, a union whose region has the employer's in it, such as that of a park below the county.
 * @throws Refused `region-outside-jurisdiction`
 */
export async function requireRegion(
  { federation }: GatewayContext,
  scope: Scope,
  regionCode: string,
  cellId: string | undefined,
): Promise<void> {
  const home = await standingFederation(federation, regionCode);
  if ((await scope.union(home)) !== undefined) return;
  const cell = cellId === undefined ? undefined : await seenCell(federation, scope, cellId);
  const union = cell === undefined ? undefined : await scope.union(cell.unionId);
  if (isWithin(regionCode, union?.regionCode)) return;
  throw refused('region-outside-jurisdiction', { field: 'regionCode' });
}

/**
 * Whether an employer belongs in a cell: it lies in the subtree of the cell's union, or its region in that union's or
 * in the cell's own.
 */
export async function belongsIn(
  federation: ReadModel,
  employer: EmployerDocument,
  cell: CellDocument | undefined,
): Promise<boolean> {
  if (cell === undefined || employer.path.startsWith(cell.path)) return true;
  const union = (await federation.get('unions', cell.unionId)) as UnionDocument | undefined;
  const { regionCode } = employer;
  return isWithin(regionCode, cell.regionCode) || isWithin(regionCode, union?.regionCode);
}

/** GB/T 2260 and GB/T 10114: a region's code begins like that of the one it lies in, without its zeros. */
function isWithin(regionCode: string, upper = ''): boolean {
  return upper !== '' && regionCode.startsWith(upper.replace(/(00)+$/, ''));
}
