import { synthetic } from '@unionfold/codes';
import {
  CellCadreRole,
  type EventName,
  type EventOf,
  Gender,
  UnionType,
} from '@unionfold/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Documents, deliver } from './any-order.fixture.ts';
import type { StatisticsDocument, UnionDocument } from './documents.ts';
import type { CellDocument, EmployerDocument } from './grid-documents.ts';

type Event = EventOf<EventName>;

const employers = Array.from(
  { length: 4 },
  (_, index) => synthetic(3).enterprise(index, '370202').creditCode,
);
const cells = ['g0', 'g1', 'g2', 'g3'];
const members = ['m0', 'm1', 'm2'];

interface Employer {
  registered: boolean;
  closed: boolean;
  employees: number;
  /** What each union that covers it tells. */
  covers: Map<string, number>;
  cellId: string;
}

interface Cell {
  unionId: string;
  upperCellId: string;
  live: boolean;
  responsible: string;
}

/** What happened, as a clerk would keep it in one book: the oracle. */
class Book {
  readonly parents = new Map<string, string>();
  readonly dissolved = new Set<string>();
  readonly employers = new Map<string, Employer>();
  readonly cells = new Map<string, Cell>();
  readonly workplaces = new Map<string, string>();
  readonly left = new Set<string>();
  readonly streams = new Map<string, Event[]>();

  constructor() {
    this.establish('cn', '');
    this.establish('cn-37', 'cn');
    this.establish('cn-3702', 'cn-37');
    // The county's own federation, and a works below it; cn-370203 is never established.
    this.establish('cn-370202', 'cn-3702');
    this.establish('works', 'cn-370202');
    this.establish('park', 'cn-3702');
    for (const code of employers) {
      this.employers.set(code, {
        registered: false,
        closed: false,
        employees: 0,
        covers: new Map(),
        cellId: '',
      });
    }
    for (const memberId of members) {
      this.append(`member-${memberId}`, {
        type: 'MemberEnrolled',
        data: {
          memberId,
          unionId: 'park',
          name: '',
          citizenNumber: '',
          citizenNumberIndex: memberId,
          mobile: '',
          gender: Gender.GENDER_UNSPECIFIED,
          birthDate: '',
          joinedOn: '',
          synthetic: true,
        },
      });
    }
  }

  append(stream: string, event: Event): void {
    this.streams.set(stream, [...(this.streams.get(stream) ?? []), event]);
  }

  establish(unionId: string, territorialParentId: string): void {
    this.parents.set(unionId, territorialParentId);
    this.append(`union-${unionId}`, {
      type: 'UnionEstablished',
      data: {
        unionId,
        name: unionId,
        type: UnionType.UNION_TYPE_ENTERPRISE,
        territorialParentId,
        industryParentId: '',
        regionCode: '',
        creditCode: '',
        foundedOn: '',
        synthetic: true,
      },
    });
  }

  line(unionId: string): string[] {
    const ids: string[] = [];
    for (let id = unionId; id !== ''; id = this.parents.get(id) ?? '') ids.unshift(id);
    return ids;
  }

  covererOf({ covers }: Employer): string {
    return [...covers.keys()].sort().find((id) => !this.dissolved.has(id)) ?? '';
  }

  workersOf(creditCode: string): number {
    return [...this.workplaces.values()].filter((code) => code === creditCode).length;
  }

  isCounted(creditCode: string): boolean {
    const employer = this.of(creditCode);
    const { registered, closed, cellId } = employer;
    const isKnown =
      registered ||
      this.covererOf(employer) !== '' ||
      cellId !== '' ||
      this.workersOf(creditCode) > 0;
    return isKnown && !closed;
  }

  of(creditCode: string): Employer {
    const found = this.employers.get(creditCode);
    if (found === undefined) throw new Error(creditCode);
    return found;
  }

  /** Of what was told at the same moment, the sources with more text first: as the read model breaks ties. */
  employeesOf(creditCode: string): number {
    const { registered, employees, covers } = this.of(creditCode);
    const told = [...covers.values(), ...(registered ? [employees] : [])];
    const texts = told.map((count) => [JSON.stringify({ employees: count }), count] as const);
    return texts.sort(([a], [b]) => (a < b ? 1 : -1))[0]?.[1] ?? 0;
  }

  count(unionId: string) {
    const below = (id: string) => this.line(id).includes(unionId);
    const counted = employers.filter(
      (code) => this.isCounted(code) && below(this.covererOf(this.of(code)) || 'cn-370202'),
    );
    const live = [...this.cells.values()].filter((cell) => cell.live && below(cell.unionId));
    const sum = (codes: readonly string[]) =>
      codes.reduce((total, code) => total + this.employeesOf(code), 0);
    const covered = counted.filter((code) => this.covererOf(this.of(code)) !== '');
    const inCells = counted.filter((code) => this.of(code).cellId !== '');
    return {
      employers: counted.length,
      coveredEmployers: covered.length,
      cellEmployers: inCells.length,
      employees: sum(counted),
      coveredEmployees: sum(covered),
      cellEmployees: sum(inCells),
      cells: live.length,
      cadrelessCells: live.filter(({ responsible }) => responsible === '').length,
    };
  }
}

interface Step {
  readonly kind:
    | 'register'
    | 'correct'
    | 'close'
    | 'cover'
    | 'release'
    | 'place'
    | 'remove'
    | 'draw'
    | 'assign'
    | 'unassign'
    | 'reattach'
    | 'handOver'
    | 'closeCell'
    | 'move'
    | 'dissolve'
    | 'state'
    | 'leave';
  readonly a: number;
  readonly b: number;
  readonly employees: number;
}

const covering = ['works', 'park', 'cn-370202'];

function write(steps: readonly Step[]): Book {
  const book = new Book();
  for (const step of steps) take(book, step);
  return book;
}

function take(book: Book, { kind, a, b, employees }: Step): void {
  const creditCode = employers[a % employers.length] ?? '';
  const employer = book.of(creditCode);
  const cellId = cells[b % cells.length] ?? '';
  const cell = book.cells.get(cellId);
  const unionId = covering[b % covering.length] ?? '';
  const stream = `employer-${creditCode}`;
  const particulars = {
    name: '',
    regionCode: '370202',
    ownership: '',
    industry: '',
    employees,
    women: 0,
    migrantWorkers: 0,
    dispatched: 0,
    newForms: 0,
  };
  switch (kind) {
    case 'register':
    case 'correct': {
      if (employer.registered === (kind === 'register') && !employer.closed) return;
      if (kind === 'correct' && employer.closed) return;
      Object.assign(employer, { registered: true, closed: false, employees });
      book.append(
        stream,
        kind === 'register'
          ? { type: 'EmployerRegistered', data: { creditCode, particulars } }
          : { type: 'EmployerCorrected', data: { creditCode, particulars, reason: '' } },
      );
      return;
    }
    case 'close':
      if (!employer.registered || employer.closed || employer.cellId !== '') return;
      employer.closed = true;
      book.append(stream, { type: 'EmployerClosed', data: { creditCode, reason: '' } });
      return;
    case 'cover': {
      if (book.dissolved.has(unionId)) return;
      employer.covers.set(unionId, employees);
      const { regionCode: _, ...unit } = particulars;
      book.append(`union-${unionId}`, {
        type: 'UnitCovered',
        data: { unionId, unit: { creditCode, ...unit } },
      });
      return;
    }
    case 'release':
      if (book.dissolved.has(unionId) || !employer.covers.delete(unionId)) return;
      book.append(`union-${unionId}`, {
        type: 'UnitReleased',
        data: { unionId, creditCode, reason: '' },
      });
      return;
    case 'place':
      if (cell === undefined || employer.closed || employer.cellId === cellId) return;
      book.append(stream, {
        type: 'EmployerPlaced',
        data: { creditCode, cellId, fromCellId: employer.cellId },
      });
      employer.cellId = cellId;
      return;
    case 'remove':
      if (employer.cellId === '') return;
      book.append(stream, {
        type: 'EmployerRemoved',
        data: { creditCode, cellId: employer.cellId, reason: '' },
      });
      employer.cellId = '';
      return;
    case 'draw': {
      if (cell !== undefined) return;
      const upper = cells[a % cells.length] ?? '';
      const upperCellId = book.cells.get(upper)?.upperCellId === '' ? upper : '';
      book.cells.set(cellId, { unionId, upperCellId, live: true, responsible: '' });
      book.append(`cell-${cellId}`, {
        type: 'CellDrawn',
        data: { cellId, unionId, name: cellId, upperCellId, regionCode: '' },
      });
      return;
    }
    default:
      takeCell(book, { kind, a, b, employees });
  }
}

function takeCell(book: Book, { kind, a, b }: Step): void {
  const cellId = cells[b % cells.length] ?? '';
  const cell = book.cells.get(cellId);
  const memberId = members[a % members.length] ?? '';
  const unionId = covering[a % covering.length] ?? '';
  const stream = `cell-${cellId}`;
  switch (kind) {
    case 'move': {
      const [from, to] = [book.parents.get('works') ?? '', b % 2 === 0 ? 'park' : 'cn-370202'];
      if (from === to) return;
      book.parents.set('works', to);
      book.append('union-works', {
        type: 'UnionMoved',
        data: { unionId: 'works', fromParentId: from, toParentId: to, reason: '' },
      });
      return;
    }
    case 'dissolve': {
      if (book.dissolved.has('works')) return;
      book.dissolved.add('works');
      book.append('union-works', {
        type: 'UnionDissolved',
        data: { unionId: 'works', parentId: '', successorId: 'cn-370202', reason: '' },
      });
      return;
    }
    case 'state': {
      const creditCode = employers[b % employers.length] ?? '';
      if (book.left.has(memberId)) return;
      book.workplaces.set(memberId, creditCode);
      book.append(`workplace-${memberId}`, {
        type: 'WorkplaceStated',
        data: { memberId, creditCode, employerName: '单位' },
      });
      return;
    }
    case 'leave': {
      if (book.left.has(memberId)) return;
      book.left.add(memberId);
      book.workplaces.delete(memberId);
      book.append(`member-${memberId}`, {
        type: 'MemberLeft',
        data: { memberId, unionId: 'park', reason: '' },
      });
      return;
    }
    default:
  }
  if (cell === undefined || !cell.live) return;
  switch (kind) {
    case 'assign':
      cell.responsible = memberId;
      book.append(stream, {
        type: 'CellCadreAssigned',
        data: { cellId, unionId, memberId, role: CellCadreRole.CELL_CADRE_ROLE_RESPONSIBLE },
      });
      return;
    case 'unassign':
      if (cell.responsible === '') return;
      book.append(stream, {
        type: 'CellCadreReleased',
        data: { ...released, cellId, unionId, memberId: cell.responsible },
      });
      cell.responsible = '';
      return;
    case 'reattach': {
      const upper = cells[a % cells.length] ?? '';
      if (cell.upperCellId === '' || upper === cellId) return;
      if (book.cells.get(upper)?.upperCellId !== '') return;
      book.append(stream, {
        type: 'CellReattached',
        data: { cellId, fromUpperCellId: cell.upperCellId, toUpperCellId: upper },
      });
      cell.upperCellId = upper;
      return;
    }
    case 'handOver':
      book.append(stream, {
        type: 'CellHandedOver',
        data: { cellId, fromUnionId: cell.unionId, toUnionId: unionId },
      });
      cell.unionId = unionId;
      return;
    case 'closeCell':
      Object.assign(cell, { live: false, responsible: '' });
      book.append(stream, {
        type: 'CellClosed',
        data: { cellId, unionId, successorCellId: '', reason: '' },
      });
      return;
    default:
  }
}

const released = {
  cellName: '',
  role: CellCadreRole.CELL_CADRE_ROLE_RESPONSIBLE,
  cause: 'CELL_CADRE_RELEASE_CAUSE_BY_UNION',
  reason: '',
} as EventOf<'CellCadreReleased'>['data'];

const steps = fc.array(
  fc.record({
    kind: fc.constantFrom<Step['kind']>(
      'register',
      'correct',
      'close',
      'cover',
      'cover',
      'release',
      'place',
      'place',
      'remove',
      'draw',
      'draw',
      'assign',
      'unassign',
      'reattach',
      'handOver',
      'closeCell',
      'move',
      'dissolve',
      'state',
      'state',
      'leave',
    ),
    a: fc.nat(30),
    b: fc.nat(30),
    employees: fc.integer({ min: 10, max: 99 }),
  }),
  { minLength: 10, maxLength: 60 },
);

function totalsOf(documents: Documents, unionId: string) {
  const statistics = documents.of('statistics').get(unionId) as StatisticsDocument | undefined;
  return statistics?.grid ?? nothing;
}

const nothing = {
  employers: 0,
  coveredEmployers: 0,
  cellEmployers: 0,
  employees: 0,
  coveredEmployees: 0,
  cellEmployees: 0,
  cells: 0,
  cadrelessCells: 0,
};

function employerIn(documents: Documents, creditCode: string): EmployerDocument | undefined {
  return documents.of('employers').get(creditCode) as EmployerDocument | undefined;
}

describe('The grid in the federation read model', () => {
  it('counts what a recount counts, at every union and cell, in whatever order the streams arrive', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 1, max: 2 ** 31 - 2 }), async (history, seed) => {
        const book = write(history);
        const documents = await deliver(book.streams, seed);
        for (const unionId of book.parents.keys()) {
          expect({ unionId, ...totalsOf(documents, unionId) }).toEqual({
            unionId,
            ...book.count(unionId),
          });
        }
        for (const creditCode of employers) {
          const employer = employerIn(documents, creditCode);
          if (employer === undefined) continue;
          const home = book.covererOf(book.of(creditCode)) || 'cn-370202';
          expect(employer.path).toBe(`/${book.line(home).join('/')}/`);
          expect(employer.cellId).toBe(book.of(creditCode).cellId);
          expect(employer.workers).toBe(book.workersOf(creditCode));
        }
        for (const [cellId, cell] of book.cells) {
          const shown = documents.of('cells').get(cellId) as CellDocument;
          expect(shown.path).toBe(`/${book.line(cell.unionId).join('/')}/`);
          const lies = employers.filter((code) => {
            const { cellId: own } = book.of(code);
            const isInside = own === cellId || book.cells.get(own)?.upperCellId === cellId;
            return isInside && book.isCounted(code);
          });
          expect(shown.totals.employers).toBe(lies.length);
          expect(shown.microCells).toBe(
            [...book.cells.values()].filter((micro) => micro.live && micro.upperCellId === cellId)
              .length,
          );
        }
      }),
      { numRuns: 500 },
    );
  });

  it('shows an employer of a township without a federation to the county, and to the township once it has one', async () => {
    const [creditCode = ''] = employers;
    const book = new Book();
    book.append(`employer-${creditCode}`, {
      type: 'EmployerRegistered',
      data: {
        creditCode,
        particulars: {
          name: '某厂',
          regionCode: '370202001',
          ownership: '',
          industry: '',
          employees: 30,
          women: 0,
          migrantWorkers: 0,
          dispatched: 0,
          newForms: 0,
        },
      },
    });
    for (let seed = 1; seed < 50; seed++) {
      const before = await deliver(book.streams, seed);
      expect(employerIn(before, creditCode)?.path).toBe(
        '/cn/cn-37/cn-3702/cn-370202/cn-370202001/',
      );
      expect(totalsOf(before, 'cn-370202').employees).toBe(30);
    }
    book.establish('cn-370202001', 'park');
    for (let seed = 1; seed < 50; seed++) {
      const after = await deliver(book.streams, seed);
      expect(employerIn(after, creditCode)?.path).toBe('/cn/cn-37/cn-3702/park/cn-370202001/');
      expect(totalsOf(after, 'cn-370202').employees).toBe(0);
      expect(totalsOf(after, 'park').employees).toBe(30);
      const township = after.of('unions').get('cn-370202001') as UnionDocument;
      expect(township.status).toBe('pending');
    }
  });
});
