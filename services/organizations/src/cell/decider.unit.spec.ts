import { CellCadreReleaseCause, CellCadreRole } from '@unionfold/contracts';
import { specificationFor } from '@unionfold/eventsourcing/specification';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type {
  AssignCadre,
  CellCommand,
  CellEvent,
  CellState,
  CloseCell,
  DrawCell,
} from './cell.ts';
import { cellDecider, responsibleOf } from './decider.ts';

const { given } = specificationFor(cellDecider);

const responsible = CellCadreRole.CELL_CADRE_ROLE_RESPONSIBLE;
const assistant = CellCadreRole.CELL_CADRE_ROLE_ASSISTANT;
const byUnion = CellCadreReleaseCause.CELL_CADRE_RELEASE_CAUSE_BY_UNION;
const replaced = CellCadreReleaseCause.CELL_CADRE_RELEASE_CAUSE_REPLACED;

const drawing = {
  cellId: 'g1',
  unionId: 'county',
  name: '第一网格',
  upperCellId: '',
  regionCode: '370202',
};
const draw: DrawCell = { type: 'DrawCell', ...drawing, unionStatus: 'active', upper: undefined };
const drawn: CellEvent = { type: 'CellDrawn', data: drawing };
const live: CellState = { ...cellDecider.initialState, ...drawing, status: 'live' };

const assigned = (memberId: string, role = responsible): CellEvent => ({
  type: 'CellCadreAssigned',
  data: { cellId: 'g1', unionId: 'county', memberId, role },
});

const releasedOf = (
  memberId: string,
  role: CellCadreRole,
  cause: CellCadreReleaseCause,
): CellEvent => ({
  type: 'CellCadreReleased',
  data: {
    cellId: 'g1',
    unionId: 'county',
    cellName: '第一网格',
    memberId,
    role,
    cause,
    reason: '',
  },
});

const assign = (memberId: string, role = responsible, belongs = true): AssignCadre => ({
  type: 'AssignCadre',
  memberId,
  role,
  belongs,
});

const close: CloseCell = {
  type: 'CloseCell',
  reason: '',
  employers: 0,
  microCells: 0,
  successorCellId: '',
  successor: undefined,
};
const closedInto = (successorCellId: string): CellEvent => ({
  type: 'CellClosed',
  data: { cellId: 'g1', unionId: 'county', successorCellId, reason: '' },
});

describe('A cell', () => {
  it('is drawn at a live union', () => {
    given([]).when(draw).then([drawn]);
    given([drawn]).when(draw).thenRefused('id-taken', 'cellId');
    given([])
      .when({ ...draw, unionStatus: 'absent' })
      .thenRefused('union-unknown', 'unionId');
    for (const [unionStatus, refusal] of [
      ['preparing', 'union-not-live'],
      ['pending', 'union-not-live'],
      ['suspended', 'union-suspended'],
      ['dissolved', 'union-dissolved'],
    ] as const) {
      given([])
        .when({ ...draw, unionStatus })
        .thenRefused(refusal, 'unionId');
    }
  });

  it('has a name, and a region that exists where it has one', () => {
    given([])
      .when({ ...draw, name: ' ' })
      .thenRefused('name-missing', 'name');
    given([])
      .when({ ...draw, name: '格'.repeat(61) })
      .thenRefused('name-too-long', 'name');
    given([])
      .when({ ...draw, regionCode: '379999' })
      .thenRefused('region-code-unknown', 'regionCode');
    const nowhere = { ...drawing, regionCode: '' };
    given([])
      .when({ ...draw, regionCode: '' })
      .then([{ type: 'CellDrawn', data: nowhere }]);
  });

  it('may lie in another one of its union, which is no micro-cell itself', () => {
    const micro = { ...draw, cellId: 'g2', upperCellId: 'g1' };
    const { type: _, unionStatus: __, upper: ___, ...data } = micro;
    given([])
      .when({ ...micro, upper: live })
      .then([{ type: 'CellDrawn', data }]);
    for (const upper of [
      cellDecider.initialState,
      { ...live, status: 'closed' } as const,
      { ...live, unionId: 'other' },
      { ...live, upperCellId: 'g0' },
    ]) {
      given([])
        .when({ ...micro, upper })
        .thenRefused('upper-cell-invalid', 'upperCellId');
    }
  });

  it('is renamed', () => {
    const rename = { type: 'RenameCell', name: ' 新网格 ', reason: '' } as const;
    const renamed: CellEvent = {
      type: 'CellRenamed',
      data: { cellId: 'g1', name: '新网格', reason: '' },
    };
    given([drawn]).when(rename).then([renamed]);
    given([drawn, renamed]).when(rename).thenNothing();
    given([drawn])
      .when({ ...rename, name: '' })
      .thenRefused('name-missing');
    given([]).when(rename).thenRefused('cell-unknown');
    given([drawn, closedInto('')])
      .when(rename)
      .thenRefused('cell-closed');
  });

  it('is closed when nothing is in it, or when another one takes what is', () => {
    given([drawn])
      .when(close)
      .then([closedInto('')]);
    given([drawn, closedInto('')])
      .when(close)
      .thenNothing();
    given([drawn])
      .when({ ...close, employers: 1 })
      .thenRefused('cell-not-empty');
    given([drawn])
      .when({ ...close, microCells: 1 })
      .thenRefused('cell-not-empty');
    const successor = { ...live, cellId: 'g2' };
    const full = { ...close, employers: 9, successorCellId: 'g2' };
    given([drawn])
      .when({ ...full, successor })
      .then([closedInto('g2')]);
    for (const wrong of [
      live,
      cellDecider.initialState,
      { ...successor, status: 'closed' } as const,
      { ...successor, unionId: 'other' },
    ]) {
      given([drawn])
        .when({ ...full, successor: wrong })
        .thenRefused('successor-cell-invalid', 'successorCellId');
    }
    const micro = { ...successor, upperCellId: 'g3' };
    given([drawn])
      .when({ ...full, successor: micro })
      .then([closedInto('g2')]);
    given([drawn])
      .when({ ...full, microCells: 1, successor: micro })
      .thenRefused('successor-cell-invalid');
  });

  it('is handed over from the union that it belongs to', () => {
    const way = { fromUnionId: 'county', toUnionId: 'city' };
    const handOver = { type: 'HandOverCell', ...way } as const;
    const handed: CellEvent = { type: 'CellHandedOver', data: { cellId: 'g1', ...way } };
    given([drawn]).when(handOver).then([handed]);
    given([drawn, handed]).when(handOver).thenNothing();
    given([drawn, closedInto('')])
      .when(handOver)
      .thenNothing();
  });

  it('goes under the successor of the cell above it', () => {
    const micro: CellEvent = { type: 'CellDrawn', data: { ...drawing, upperCellId: 'g0' } };
    const way = { fromUpperCellId: 'g0', toUpperCellId: 'g9' };
    const reattach = { type: 'ReattachCell', ...way } as const;
    given([micro])
      .when(reattach)
      .then([{ type: 'CellReattached', data: { cellId: 'g1', ...way } }]);
    given([drawn]).when(reattach).thenNothing();
  });
});

describe('Who looks after a cell', () => {
  it('is a live member of its union or of one below', () => {
    given([drawn])
      .when(assign('m1'))
      .then([assigned('m1')]);
    given([drawn])
      .when(assign('m1', responsible, false))
      .thenRefused('cell-cadre-not-a-member', 'memberId');
    given([drawn])
      .when(assign('m1', CellCadreRole.CELL_CADRE_ROLE_UNSPECIFIED))
      .thenRefused('cell-cadre-role-missing', 'role');
    given([drawn, closedInto('')])
      .when(assign('m1'))
      .thenRefused('cell-closed');
  });

  it('makes room for another one who is responsible', () => {
    given([drawn, assigned('m1'), assigned('m2', assistant)])
      .when(assign('m2'))
      .then([releasedOf('m1', responsible, replaced), assigned('m2')]);
    given([drawn, assigned('m1')])
      .when(assign('m1'))
      .thenNothing();
    given([drawn, assigned('m1')])
      .when(assign('m2', assistant))
      .then([assigned('m2', assistant)]);
  });

  it('is released once', () => {
    const release = { type: 'ReleaseCadre', memberId: 'm1', cause: byUnion, reason: '' } as const;
    given([drawn, assigned('m1')])
      .when(release)
      .then([releasedOf('m1', responsible, byUnion)]);
    given([drawn]).when(release).thenRefused('cell-cadre-unknown', 'memberId');
  });

  it('is never more than one who is responsible, whatever is asked', () => {
    const command = fc.record({
      memberId: fc.constantFrom('m1', 'm2', 'm3'),
      role: fc.constantFrom(responsible, assistant),
      release: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(command), (commands) => {
        let state = cellDecider.evolve(cellDecider.initialState, drawn);
        for (const { memberId, role, release } of commands) {
          const asked: CellCommand = release
            ? { type: 'ReleaseCadre', memberId, cause: byUnion, reason: '' }
            : assign(memberId, role);
          const decision = cellDecider.decide(asked, state);
          if ('refused' in decision) continue;
          for (const event of decision) state = cellDecider.evolve(state, event);
          expect(
            Object.values(state.cadres).filter((held) => held === responsible).length,
          ).toBeLessThanOrEqual(1);
          if (!release && role === responsible) expect(responsibleOf(state)).toBe(memberId);
        }
      }),
    );
  });
});
