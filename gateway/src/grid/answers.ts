import Type, { type Static } from 'typebox';
import { reference, textEnum } from '../http/operation.ts';
import type { Scope } from '../jurisdiction/jurisdiction.ts';
import type { CellDocument, EmployerDocument } from '../read-models/federation/grid-documents.ts';

const count = (description: string) =>
  Type.Integer({ minimum: 0, maximum: 10_000_000, description });

/** What is told of an employer, in bodies and answers. */
export const particularsFields = {
  name: Type.String({ maxLength: 400, description: '单位全称 | As on its certificate.' }),
  regionCode: Type.String({ maxLength: 16, description: 'GB/T 2260, GB/T 10114' }),
  ownership: Type.Optional(
    Type.String({ maxLength: 8, description: '单位性质代码,如 170 | Code of the unit type.' }),
  ),
  industry: Type.Optional(
    Type.String({ maxLength: 8, description: 'GB/T 4754 门类或大类 | Section or division.' }),
  ),
  employees: count('职工人数 | Employees.'),
  women: Type.Optional(count('其中女职工 | Of these, women.')),
  migrantWorkers: Type.Optional(count('其中农民工 | Of these, migrant workers.')),
  dispatched: Type.Optional(count('其中劳务派遣 | Of these, dispatched workers.')),
  newForms: Type.Optional(count('其中新就业形态劳动者 | Of these, new forms of employment.')),
};

const employerExample = {
  id: '91370202YX0000017T',
  name: '青岛示例精密机械有限公司',
  regionCode: '370202',
  ownership: '170',
  industry: 'C34',
  employees: 86,
  women: 31,
  migrantWorkers: 20,
  dispatched: 0,
  newForms: 0,
  status: 'open',
  covered: false,
  inCell: true,
  cellId: '01k2ab3cd4ef5gh6jk7q',
  workers: 12,
  version: 2,
};

/** An employer, by its unified social credit code. */
export const EmployerRecord = Type.Object(
  {
    id: Type.String({ description: '统一社会信用代码 | GB 32100' }),
    ...particularsFields,
    regionCode: Type.Optional(particularsFields.regionCode),
    status: textEnum(
      ['open', 'closed', 'unregistered'],
      '已登记、已注销、未登记(由工会或职工申报得知) | Registered, closed, known through unions or workers alone.',
    ),
    covered: Type.Boolean({ description: '已建会或被覆盖 | A union covers it.' }),
    coveredByUnionId: Type.Optional(
      Type.String({ description: '覆盖的工会(管辖范围内) | The union, where it is inside.' }),
    ),
    inCell: Type.Boolean({ description: '已划入网格 | Lies in a cell.' }),
    cellId: Type.Optional(
      Type.String({ description: '所在网格(管辖范围内) | The cell, where it is inside.' }),
    ),
    workers: Type.Integer({
      description: '申报在此工作的在册会员数 | Live members who said they work there.',
    }),
    version: Type.Integer({ description: '0:从未登记或划入网格 | 0 where it has no record.' }),
  },
  { $id: 'EmployerRecord', examples: [employerExample] },
);

const cellExample = {
  id: '01k2ab3cd4ef5gh6jk7q',
  unionId: 'cn-370202',
  name: '香港中路第一网格',
  regionCode: '370202',
  closed: false,
  cadres: [{ memberId: '01k2ab3cd4ef5gh6jk7m', role: 'responsible' }],
  totals: { employers: 42, coveredEmployers: 30, employees: 1_830, microCells: 3 },
  version: 2,
};

/** A cell of the grid with its totals, micro-cells included. */
export const CellRecord = Type.Object(
  {
    id: Type.String(),
    unionId: Type.String(),
    name: Type.String(),
    regionCode: Type.Optional(Type.String()),
    upperCellId: Type.Optional(
      Type.String({ description: '微网格的上级网格 | The cell above a micro-cell.' }),
    ),
    closed: Type.Boolean({ description: '已撤销 | Closed.' }),
    cadres: Type.Array(
      Type.Object({
        memberId: Type.String(),
        role: textEnum(['responsible', 'assistant'], '责任人、协助 | Responsible, assisting.'),
      }),
    ),
    totals: Type.Object({
      employers: Type.Integer({ description: '用人单位数 | Employers.' }),
      coveredEmployers: Type.Integer({ description: '其中已建会 | Of these, covered by a union.' }),
      employees: Type.Integer({ description: '职工人数 | Employees.' }),
      microCells: Type.Integer({ description: '微网格数 | Micro-cells.' }),
    }),
    version: Type.Integer(),
  },
  { $id: 'CellRecord', examples: [cellExample] },
);

/** References, for lists. */
export const employerRef = reference(EmployerRecord);
export const cellRef = reference(CellRecord);

/** An employer as it is told to one caller: ids of what lies outside are left out. */
export function employerAnswer(
  employer: EmployerDocument,
  scope: Scope,
  inside: Inside,
): Static<typeof EmployerRecord> {
  const { id, name, employees, women, migrantWorkers, dispatched, newForms } = employer;
  const { covered, inCell, workers, version } = employer;
  const cell = inside.cells.get(employer.cellId);
  return {
    id,
    name,
    ...present('regionCode', employer.regionCode),
    ...present('ownership', employer.ownership),
    ...present('industry', employer.industry),
    employees,
    women,
    migrantWorkers,
    dispatched,
    newForms,
    status: employerStatus(employer),
    covered,
    ...(covered && scope.covers(employer.path) ? { coveredByUnionId: employer.coveredBy } : {}),
    inCell,
    ...(cell !== undefined && scope.covers(cell.path) ? { cellId: cell.id } : {}),
    workers,
    version,
  };
}

/** What is needed beside the employers of a page to tell of them. */
export interface Inside {
  /** Their cells, by id. */
  readonly cells: ReadonlyMap<string, CellDocument>;
}

/** A cell as it is told to those who see it. */
export function cellAnswer(cell: CellDocument): Static<typeof CellRecord> {
  const { id, unionId, name, live, microCells, version } = cell;
  const { employers, coveredEmployers, employees } = cell.totals;
  return {
    id,
    unionId,
    name,
    ...present('regionCode', cell.regionCode),
    ...present('upperCellId', cell.upperCellId),
    closed: !live,
    cadres: [
      ...(cell.responsibleId === ''
        ? []
        : [{ memberId: cell.responsibleId, role: 'responsible' as const }]),
      ...cell.assistantIds.map((memberId) => ({ memberId, role: 'assistant' as const })),
    ],
    totals: { employers, coveredEmployers, employees, microCells },
    version,
  };
}

function employerStatus({ closed, registered }: EmployerDocument) {
  if (closed) return 'closed';
  return registered === undefined ? 'unregistered' : 'open';
}

function present<Field extends string>(field: Field, value: string): { [F in Field]?: string } {
  return (value === '' ? {} : { [field]: value }) as { [F in Field]?: string };
}
