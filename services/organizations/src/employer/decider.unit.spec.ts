import type { EmployerParticulars } from '@unionfold/contracts';
import { specificationFor } from '@unionfold/eventsourcing/specification';
import { describe, it } from 'vitest';
import type { CellState } from '../cell/cell.ts';
import { cellDecider } from '../cell/decider.ts';
import { employerDecider } from './decider.ts';
import type { EmployerEvent, PlaceEmployer, RegisterEmployer } from './employer.ts';

const { given } = specificationFor(employerDecider);
const creditCode = '91370202YX0000017T';

const particulars: EmployerParticulars = {
  name: '青岛示例精密机械有限公司',
  regionCode: '370202',
  ownership: '170',
  industry: 'C34',
  employees: 30,
  women: 12,
  migrantWorkers: 30,
  dispatched: 0,
  newForms: 0,
};

const register = (change: Partial<EmployerParticulars> = {}): RegisterEmployer => ({
  type: 'RegisterEmployer',
  creditCode,
  particulars: { ...particulars, ...change },
  today: '2026-05-01',
});

const registered: EmployerEvent = { type: 'EmployerRegistered', data: { creditCode, particulars } };
const closed: EmployerEvent = { type: 'EmployerClosed', data: { creditCode, reason: '' } };

const placedIn = (cellId: string, fromCellId = ''): EmployerEvent => ({
  type: 'EmployerPlaced',
  data: { creditCode, cellId, fromCellId },
});

const cell = (status: CellState['status']): CellState => ({ ...cellDecider.initialState, status });

const place = (cellId: string, change: Partial<PlaceEmployer> = {}): PlaceEmployer => ({
  type: 'PlaceEmployer',
  creditCode,
  cellId,
  cell: cell('live'),
  covered: false,
  ...change,
});

describe('An employer', () => {
  it('is registered once, with its name as it is written', () => {
    given([])
      .when(register({ name: ` ${particulars.name} ` }))
      .then([registered]);
    given([registered]).when(register()).thenRefused('employer-registered', 'creditCode');
  });

  it('may be registered anew after it was closed', () => {
    given([registered, closed]).when(register()).then([registered]);
  });

  it.each([
    [{ name: '  ' }, 'name-missing', 'name'],
    [{ name: '厂'.repeat(121) }, 'name-too-long', 'name'],
    [{ regionCode: '' }, 'region-code-missing', 'regionCode'],
    [{ regionCode: '379999' }, 'region-code-unknown', 'regionCode'],
    [{ ownership: '999' }, 'employer-ownership-unknown', 'ownership'],
    [{ industry: 'Z' }, 'employer-industry-unknown', 'industry'],
    [{ industry: '34' }, 'employer-industry-unknown', 'industry'],
    [{ employees: -1 }, 'employer-count-invalid', 'employees'],
    [{ women: 31 }, 'employer-count-invalid', 'women'],
    [{ newForms: -1 }, 'employer-count-invalid', 'newForms'],
  ] as const)('is not registered with %o', (change, code, field) => {
    given([]).when(register(change)).thenRefused(code, field);
  });

  it('needs neither ownership nor industry', () => {
    const bare = { ownership: '', industry: '' };
    given([])
      .when(register(bare))
      .then([
        {
          type: 'EmployerRegistered',
          data: { creditCode, particulars: { ...particulars, ...bare } },
        },
      ]);
  });

  it('is corrected where something changes', () => {
    const correct = { ...register(), type: 'CorrectEmployer', reason: '核实' } as const;
    const grown = { ...particulars, employees: 31 };
    given([registered]).when(correct).thenNothing();
    given([registered])
      .when({ ...correct, particulars: grown })
      .then([
        { type: 'EmployerCorrected', data: { creditCode, particulars: grown, reason: '核实' } },
      ]);
    given([]).when(correct).thenRefused('employer-unknown');
    given([registered, closed]).when(correct).thenRefused('employer-closed');
    given([registered])
      .when({ ...correct, particulars: { ...particulars, women: 99 } })
      .thenRefused('employer-count-invalid', 'women');
  });

  it('leaves its cell when it is closed', () => {
    const close = { type: 'CloseEmployer', creditCode, reason: '注销' } as const;
    given([registered, placedIn('g1')])
      .when(close)
      .then([
        { type: 'EmployerRemoved', data: { creditCode, cellId: 'g1', reason: '注销' } },
        { type: 'EmployerClosed', data: { creditCode, reason: '注销' } },
      ]);
    given([registered, closed]).when(close).thenNothing();
    given([]).when(close).thenRefused('employer-unknown');
  });
});

describe('An employer’s cell', () => {
  it('is one at most', () => {
    given([registered])
      .when(place('g1'))
      .then([placedIn('g1')]);
    given([registered, placedIn('g1')])
      .when(place('g1'))
      .thenNothing();
    given([registered, placedIn('g1')])
      .when(place('g2'))
      .thenRefused('employer-in-another-cell', 'creditCode');
  });

  it('must be live', () => {
    given([registered])
      .when(place('g1', { cell: cell('absent') }))
      .thenRefused('cell-unknown', 'cellId');
    given([registered])
      .when(place('g1', { cell: cell('closed') }))
      .thenRefused('cell-closed', 'cellId');
  });

  it('takes those that are registered or that a union covers', () => {
    given([]).when(place('g1')).thenRefused('employer-unknown');
    given([])
      .when(place('g1', { covered: true }))
      .then([placedIn('g1')]);
    given([registered, closed])
      .when(place('g1', { covered: true }))
      .thenRefused('employer-closed');
  });

  it('lets it go, and only its own', () => {
    const remove = { type: 'RemoveEmployer', creditCode, cellId: 'g1', reason: '' } as const;
    given([registered, placedIn('g1')])
      .when(remove)
      .then([{ type: 'EmployerRemoved', data: { creditCode, cellId: 'g1', reason: '' } }]);
    given([registered, placedIn('g2')])
      .when(remove)
      .thenRefused('employer-not-in-cell');
    given([registered]).when(remove).thenRefused('employer-not-in-cell');
  });

  it('passes it on when it was closed, unless it has left meanwhile', () => {
    const way = { fromCellId: 'g1', toCellId: 'g2' } as const;
    const carry = { ...way, type: 'CarryOverEmployer', creditCode } as const;
    given([registered, placedIn('g1')])
      .when(carry)
      .then([placedIn('g2', 'g1')]);
    given([registered, placedIn('g3')])
      .when(carry)
      .thenNothing();
  });
});
