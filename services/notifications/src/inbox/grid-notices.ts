import { CellCadreReleaseCause, CellCadreRole, type EventOf } from '@unionfold/contracts';
import { type AddressedNotice, toUnion } from './addressing.ts';

/** What becomes of a cadre that nobody decided: a union that releases or replaces one knows. */
const ofItself: ReadonlySet<CellCadreReleaseCause> = new Set([
  CellCadreReleaseCause.CELL_CADRE_RELEASE_CAUSE_LEFT,
  CellCadreReleaseCause.CELL_CADRE_RELEASE_CAUSE_TRANSFERRED,
]);

/** The cell's union, when who was responsible is so no longer because the membership ended or went elsewhere. */
export function onCadreReleased({ data }: EventOf<'CellCadreReleased'>): AddressedNotice[] {
  const { cellId, unionId, cellName, role, cause } = data;
  const isResponsible = role === CellCadreRole.CELL_CADRE_ROLE_RESPONSIBLE;
  if (!isResponsible || !ofItself.has(cause)) return [];
  return [
    toUnion(unionId, {
      template: 'cell-without-cadre',
      aboutType: 'cell',
      aboutId: cellId,
      params: { cellId, cellName },
    }),
  ];
}
