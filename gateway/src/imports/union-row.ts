import { asInTables, parseDate } from '@unionfold/codes';
import {
  type CoveredUnit,
  type UnionFunction,
  type UnionRecord,
  UnionType,
} from '@unionfold/contracts';
import type { Fault } from '../http/problem-document.ts';
import type { RecordDocument, UnionDocument } from '../read-models/federation/documents.ts';
import { dayAsWritten } from '../spreadsheets/day-as-written.ts';
import type { Row } from '../spreadsheets/parse-spreadsheet.ts';
import { unionTypes } from '../unions/answers.ts';
import {
  functionTitles,
  type RecordField,
  typeTitles,
  type UnionField,
  unionColumns,
  unitColumns,
} from './union-columns.ts';

/** A union as a row of a table tells it. An empty text says nothing of a fact. */
export interface TableUnion {
  readonly row: number;
  readonly id: string;
  readonly name: string;
  readonly type: UnionType;
  readonly territorialParentId: string;
  readonly industryParentId: string;
  readonly regionCode: string;
  readonly creditCode: string;
  readonly foundedOn: string;
  readonly approvalDocument: string;
  /** The record's fields that the table has columns for. */
  readonly recordFields: readonly RecordField[];
  readonly record: UnionRecord;
  /** Whether any cell tells of the union itself: a row may tell of one of its units alone. */
  readonly tellsUnion: boolean;
  /** An employer that it covers. */
  readonly unit: CoveredUnit | undefined;
  /** The unit's fields that the table has columns for. */
  readonly unitFields: readonly (keyof CoveredUnit)[];
}

/** A row that cannot be read. */
export interface FaultyRow {
  readonly row: number;
  /** What it calls itself, so that rows below it can be told apart from those below a stranger. */
  readonly id: string;
  readonly fault: Fault;
}

/** Longest text of a cell that no owner of the fact limits, in characters. */
const longest = {
  approvalDocument: 200,
  certificateNumber: 64,
  address: 400,
  contactOffice: 200,
  unitName: 200,
};

const recordFields = [
  'legalPerson',
  'certificateNumber',
  'certificateValidUntil',
  'address',
  'addressRegionCode',
  'contactOffice',
  'contactPhone',
  'duties',
  'functions',
] as const satisfies readonly RecordField[];

const unitFields = Object.keys(unitColumns) as (keyof CoveredUnit)[];
const ofUnits: ReadonlySet<UnionField> = new Set(Object.values(unitColumns));

const yes = ['是', '有', 'yes', 'y', 'true', '1'];
const no = ['', '否', '无', 'no', 'n', 'false', '0'];

/** Reads a row of a table whose columns tell these fields. */
export function readUnionRow(
  row: number,
  cells: Row,
  fields: readonly (UnionField | undefined)[],
): TableUnion | FaultyRow {
  const cell = (field: UnionField): string => {
    const index = fields.indexOf(field);
    return index < 0 ? '' : asInTables(cells[index] ?? '');
  };
  const id = cell('id');
  // A comma too many shifts all that follows; a row is not guessed at.
  const isShifted = cells.slice(fields.length).some((text) => asInTables(text) !== '');
  const fault = isShifted
    ? { field: '', code: 'import-cells-beyond-header' as const }
    : (unionColumns.map(({ field }) => cellFault(field, cell(field))).find((found) => found) ??
      unitFault(cell));
  if (fault !== undefined) return { row, id, fault };
  const tellsUnion = unionColumns.some(
    ({ field }) => field !== 'id' && !ofUnits.has(field) && cell(field) !== '',
  );
  const unit = unitOf(cell);
  // Where a row is there for a unit, empty cells clear nothing of the union.
  const isUnitAlone = unit !== undefined && !tellsUnion;
  return {
    row,
    id,
    name: cell('name'),
    type: typeOf(cell('type')) ?? UnionType.UNION_TYPE_UNSPECIFIED,
    territorialParentId: cell('territorialParentId'),
    industryParentId: cell('industryParentId'),
    regionCode: cell('regionCode'),
    creditCode: cell('creditCode'),
    foundedOn: dayAsWritten(cell('foundedOn')),
    approvalDocument: cell('approvalDocument'),
    recordFields: isUnitAlone ? [] : recordFields.filter((field) => fields.includes(field)),
    tellsUnion,
    unit,
    unitFields: unitFields.filter((field) => fields.includes(unitColumns[field])),
    record: {
      legalPerson: yes.includes(cell('legalPerson').toLowerCase()),
      certificateNumber: cell('certificateNumber'),
      certificateValidUntil: dayAsWritten(cell('certificateValidUntil')),
      address: cell('address'),
      addressRegionCode: cell('addressRegionCode'),
      contactOffice: cell('contactOffice'),
      contactPhone: cell('contactPhone'),
      duties: cell('duties'),
      functions: functionsOf(cell('functions')) ?? [],
    },
  };
}

/** A further row of a union, which tells of nothing but its unit. */
export function unitAlone({ row, id, unit, unitFields: told }: TableUnion): TableUnion {
  return { ...saysNothing, row, id, unit, unitFields: told };
}

/**
 * The rows of a union, such that reading them finds nothing changed: one with the first unit that it covers, and one more
 * for every further unit.
 */
export function unionRows(
  union: UnionDocument,
  record: RecordDocument | undefined,
  top: { readonly unionId: string },
): string[][] {
  const [first, ...others] = Object.values(record?.units ?? {});
  return [
    unionCells(union, record, top, first),
    ...others.map((unit) => inOrder({ id: union.id, ...cellsOfUnit(unit) })),
  ];
}

/** The cells of a union in the order of the columns. */
function unionCells(
  union: UnionDocument,
  record: RecordDocument | undefined,
  top: { readonly unionId: string },
  unit: CoveredUnit | undefined,
): string[] {
  const told = (record?.record ?? {}) as Partial<UnionRecord>;
  const type = unionTypes.toWord(union.type);
  return inOrder({
    id: union.id,
    name: union.name,
    type: type === undefined ? '' : typeTitles[type],
    // What stands above the caller's own union is outside.
    territorialParentId: union.id === top.unionId ? '' : union.parentId,
    industryParentId: union.industryParentId,
    regionCode: union.regionCode,
    creditCode: union.creditCode,
    foundedOn: union.foundedOn,
    approvalDocument: record?.approvalDocument ?? '',
    legalPerson: told.legalPerson === true ? '是' : '否',
    certificateNumber: told.certificateNumber ?? '',
    certificateValidUntil: told.certificateValidUntil ?? '',
    address: told.address ?? '',
    addressRegionCode: told.addressRegionCode ?? '',
    contactOffice: told.contactOffice ?? '',
    contactPhone: told.contactPhone ?? '',
    duties: told.duties ?? '',
    functions: (told.functions ?? []).flatMap((value) => functionTitles[value] ?? []).join('、'),
    ...(unit === undefined ? {} : cellsOfUnit(unit)),
  });
}

function cellsOfUnit(unit: CoveredUnit): Partial<Record<UnionField, string>> {
  return Object.fromEntries(unitFields.map((field) => [unitColumns[field], `${unit[field]}`]));
}

function inOrder(cells: Partial<Record<UnionField, string>>): string[] {
  return unionColumns.map(({ field }) => cells[field] ?? '');
}

/** Empty: the row tells of no unit. */
function unitOf(cell: (field: UnionField) => string): CoveredUnit | undefined {
  const creditCode = cell('unitCreditCode');
  if (creditCode === '') return undefined;
  return {
    creditCode,
    name: cell('unitName'),
    ownership: cell('unitOwnership'),
    industry: cell('unitIndustry'),
    employees: Number(cell('unitEmployees')),
    women: Number(cell('unitWomen')),
    migrantWorkers: Number(cell('unitMigrantWorkers')),
    dispatched: Number(cell('unitDispatched')),
    newForms: Number(cell('unitNewForms')),
  };
}

/** What is told of a unit has to name it. */
function unitFault(cell: (field: UnionField) => string): Fault | undefined {
  if (cell('unitCreditCode') !== '') return undefined;
  const isTold = [...ofUnits].some((field) => cell(field) !== '');
  return isTold ? { field: 'unitCreditCode', code: 'field-missing' } : undefined;
}

function cellFault(field: UnionField, text: string): Fault | undefined {
  switch (field) {
    case 'id':
    case 'territorialParentId':
    case 'industryParentId':
    case 'regionCode':
    case 'creditCode':
    case 'addressRegionCode':
    case 'certificateNumber':
    case 'unitCreditCode':
    case 'unitOwnership':
      // A spreadsheet program that took the number for one has rounded it.
      if (/^\d(\.\d+)?e\+\d+$/i.test(text)) return { field, code: 'import-number-rounded' };
      return tooLong(field, text);
    case 'unitEmployees':
    case 'unitWomen':
    case 'unitMigrantWorkers':
    case 'unitDispatched':
    case 'unitNewForms':
      return /^\d{0,8}$/.test(text) ? undefined : { field, code: 'headcount-invalid' };
    case 'type':
      return typeOf(text) === undefined
        ? notAllowed(field, Object.values(typeTitles).join('、'))
        : undefined;
    case 'foundedOn':
    case 'certificateValidUntil':
      return text === '' || parseDate(dayAsWritten(text)).ok
        ? undefined
        : { field, code: 'date-invalid' };
    case 'legalPerson':
      return [...yes, ...no].includes(text.toLowerCase()) ? undefined : notAllowed(field, '是、否');
    case 'functions':
      return functionsOf(text) === undefined
        ? notAllowed(field, Object.values(functionTitles).join('、'))
        : undefined;
    default:
      return tooLong(field, text);
  }
}

function tooLong(field: UnionField, text: string): Fault | undefined {
  const maximum = field in longest ? longest[field as keyof typeof longest] : undefined;
  return maximum !== undefined && [...text].length > maximum
    ? { field, code: 'text-too-long', params: { maximum } }
    : undefined;
}

function notAllowed(field: UnionField, allowed: string): Fault {
  return { field, code: 'field-value-not-allowed', params: { allowed } };
}

/** Undefined when it is none. */
function typeOf(text: string): UnionType | undefined {
  if (text === '') return UnionType.UNION_TYPE_UNSPECIFIED;
  const word = unionTypes.words.find(
    (known) => known === text.toLowerCase() || typeTitles[known] === text,
  );
  return word === undefined ? undefined : unionTypes.toValue(word);
}

const functionWords: ReadonlyMap<string, UnionFunction> = new Map(
  Object.entries(functionTitles).flatMap(([value, title]) => {
    const known = value as UnionFunction;
    return [
      [title, known],
      [value.replace('UNION_FUNCTION_', '').toLowerCase(), known],
    ] as const;
  }),
);

/** Undefined when one of them is none. */
function functionsOf(text: string): UnionFunction[] | undefined {
  const words = text.split(/[、,，;；/\s]+/).filter((word) => word !== '');
  const found = words.flatMap((word) => functionWords.get(word.toLowerCase()) ?? []);
  return found.length === words.length ? found : undefined;
}

const saysNothing = readUnionRow(0, [], []) as TableUnion;
