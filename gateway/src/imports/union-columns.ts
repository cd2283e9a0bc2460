import { type CoveredUnit, UnionFunction } from '@unionfold/contracts';
import type { Locale } from '@unionfold/contracts/problems';
import { refused } from '../http/refused.ts';
import type { UnionStatusWord } from '../read-models/federation/documents.ts';
import type { Row } from '../spreadsheets/parse-spreadsheet.ts';
import { unionTypes } from '../unions/answers.ts';

/** A column of a table of unions (工会名录). Template, import, export and error workbook all go by this list. */
export interface UnionColumn {
  readonly field: UnionField;
  readonly title: { readonly zh: string; readonly en: string };
  /** Other headers under which it is known. */
  readonly also?: readonly string[];
  readonly note: { readonly zh: string; readonly en: string };
}

/** What a table tells of a union; the names are those of the API. */
export type UnionField =
  | 'id'
  | 'name'
  | 'type'
  | 'territorialParentId'
  | 'industryParentId'
  | 'regionCode'
  | 'creditCode'
  | 'foundedOn'
  | 'approvalDocument'
  | RecordField
  | UnitColumn;

/** What a table tells of a union's record (登记信息). */
export type RecordField =
  | 'legalPerson'
  | 'certificateNumber'
  | 'certificateValidUntil'
  | 'address'
  | 'addressRegionCode'
  | 'contactOffice'
  | 'contactPhone'
  | 'duties'
  | 'functions';

/** What a table tells of an employer that a union covers (覆盖单位). */
export type UnitColumn =
  | 'unitCreditCode'
  | 'unitName'
  | 'unitOwnership'
  | 'unitIndustry'
  | 'unitEmployees'
  | 'unitWomen'
  | 'unitMigrantWorkers'
  | 'unitDispatched'
  | 'unitNewForms';

/** Where each field of a covered employer stands in tables. */
export const unitColumns = {
  creditCode: 'unitCreditCode',
  name: 'unitName',
  ownership: 'unitOwnership',
  industry: 'unitIndustry',
  employees: 'unitEmployees',
  women: 'unitWomen',
  migrantWorkers: 'unitMigrantWorkers',
  dispatched: 'unitDispatched',
  newForms: 'unitNewForms',
} as const satisfies Record<keyof CoveredUnit, UnitColumn>;

/** The kinds of union as tables name them. */
export const typeTitles = {
  national: '全国总工会',
  provincial: '省级总工会',
  municipal: '市级总工会',
  county: '县级总工会',
  township: '乡镇街道工会',
  industry: '产业工会',
  area: '区域性工会联合会',
  joint: '联合工会',
  enterprise: '基层工会',
  'sub-union': '分工会',
  group: '工会小组',
} as const satisfies Record<(typeof unionTypes.words)[number], string>;

/** The four functions (四项职能) as tables name them. */
export const functionTitles: Readonly<Record<string, string>> = {
  [UnionFunction.UNION_FUNCTION_PROTECT]: '维护',
  [UnionFunction.UNION_FUNCTION_BUILD]: '建设',
  [UnionFunction.UNION_FUNCTION_PARTICIPATE]: '参与',
  [UnionFunction.UNION_FUNCTION_EDUCATE]: '教育',
};

const unchanged = {
  zh: '已有工会留空表示不变。',
  en: 'For a union that is there, empty: as it is.',
};
const fixed = {
  zh: '仅新建时填写；已有工会须留空或与登记一致。',
  en: 'For new unions; of one that is there, empty or as on record.',
};
const cleared = {
  zh: '留空表示清空；没有此列表示不变。',
  en: 'Empty clears; without the column: as it is.',
};
const day = { zh: '如 2026-05-01。', en: 'Such as 2026-05-01.' };
const headcount = { zh: '整数，不多于职工人数。', en: 'A whole number, at most the employees.' };

/** The columns, in the order of the template. */
export const unionColumns: readonly UnionColumn[] = [
  {
    field: 'id',
    title: { zh: '工会编号', en: 'id' },
    also: ['编号'],
    note: {
      zh: '新建可留空（由平台编号），或用“本级工会编号-”开头的未用编号；已有工会填其编号。',
      en: 'New: empty, or an unused one that begins with your union’s id and a hyphen. There already: its id.',
    },
  },
  {
    field: 'name',
    title: { zh: '工会名称', en: 'name' },
    also: ['名称', '工会全称'],
    note: { zh: `新建必填。${unchanged.zh}`, en: `Required for new ones. ${unchanged.en}` },
  },
  {
    field: 'type',
    title: { zh: '工会类型', en: 'type' },
    also: ['类型'],
    note: {
      zh: `${Object.values(typeTitles).join('、')}。新建必填。${fixed.zh}`,
      en: `${unionTypes.words.join(', ')}. ${fixed.en}`,
    },
  },
  {
    field: 'territorialParentId',
    title: { zh: '上级工会编号', en: 'territorialParentId' },
    also: ['上级工会', 'territorial parent id'],
    note: {
      zh: `可以是本文件中其他行的编号，行序不限。新建必填。${unchanged.zh}`,
      en: `May be the id of any other row. ${unchanged.en}`,
    },
  },
  {
    field: 'industryParentId',
    title: { zh: '产业上级工会编号', en: 'industryParentId' },
    also: ['产业上级工会', 'industry parent id'],
    note: fixed,
  },
  {
    field: 'regionCode',
    title: { zh: '行政区划代码', en: 'regionCode' },
    also: ['区划代码', 'region code'],
    note: { zh: `GB/T 2260、GB/T 10114。${fixed.zh}`, en: `GB/T 2260, GB/T 10114. ${fixed.en}` },
  },
  {
    field: 'creditCode',
    title: { zh: '统一社会信用代码', en: 'creditCode' },
    also: ['信用代码', 'credit code'],
    note: { zh: `GB 32100。${fixed.zh}`, en: `GB 32100. ${fixed.en}` },
  },
  {
    field: 'foundedOn',
    title: { zh: '成立日期', en: 'foundedOn' },
    also: ['founded on'],
    note: { zh: `${day.zh}${fixed.zh}`, en: `${day.en} ${fixed.en}` },
  },
  {
    field: 'approvalDocument',
    title: { zh: '批复文号', en: 'approvalDocument' },
    also: ['approval document'],
    note: {
      zh: '填写即由本级工会批复；留空则待批复。',
      en: 'With it your union approves; without, the union waits for approval.',
    },
  },
  {
    field: 'legalPerson',
    title: { zh: '是否法人', en: 'legalPerson' },
    also: ['legal person'],
    note: { zh: `是、否。${cleared.zh}`, en: `yes, no. ${cleared.en}` },
  },
  {
    field: 'certificateNumber',
    title: { zh: '法人资格证书号', en: 'certificateNumber' },
    also: ['certificate number'],
    note: cleared,
  },
  {
    field: 'certificateValidUntil',
    title: { zh: '证书有效期至', en: 'certificateValidUntil' },
    also: ['certificate valid until'],
    note: { zh: `${day.zh}${cleared.zh}`, en: `${day.en} ${cleared.en}` },
  },
  { field: 'address', title: { zh: '办公地址', en: 'address' }, note: cleared },
  {
    field: 'addressRegionCode',
    title: { zh: '地址区划代码', en: 'addressRegionCode' },
    also: ['address region code'],
    note: cleared,
  },
  {
    field: 'contactOffice',
    title: { zh: '联系部门', en: 'contactOffice' },
    also: ['contact office'],
    note: { zh: `填部门，不填个人。${cleared.zh}`, en: `An office, not a person. ${cleared.en}` },
  },
  {
    field: 'contactPhone',
    title: { zh: '办公电话', en: 'contactPhone' },
    also: ['联系电话', 'contact phone'],
    note: cleared,
  },
  { field: 'duties', title: { zh: '职责', en: 'duties' }, note: cleared },
  {
    field: 'functions',
    title: { zh: '职能', en: 'functions' },
    note: {
      zh: `${Object.values(functionTitles).join('、')}，以顿号分隔。${cleared.zh}`,
      en: `protect, build, participate, educate; several with commas. ${cleared.en}`,
    },
  },
  {
    field: 'unitCreditCode',
    title: { zh: '覆盖单位信用代码', en: 'unitCreditCode' },
    also: ['单位统一社会信用代码', 'unit credit code'],
    note: {
      zh: 'GB 32100。一行一个单位；其余单位另起行，填相同工会编号，工会各列留空或与首行一致。留空则本行不涉及单位；移出覆盖须在平台办理。',
      en: 'GB 32100. One unit a row; further ones in further rows with the same id, whose other columns are empty or as in the first. Empty: the row tells of no unit; units are released on the platform.',
    },
  },
  {
    field: 'unitName',
    title: { zh: '覆盖单位名称', en: 'unitName' },
    also: ['单位名称', 'unit name'],
    note: { zh: '与代码证一致。新登记必填。', en: 'As on its certificate. Required for new ones.' },
  },
  {
    field: 'unitOwnership',
    title: { zh: '单位类型代码', en: 'unitOwnership' },
    also: ['单位类型', 'unit ownership'],
    note: { zh: '如 110、170。', en: 'Such as 110 or 170.' },
  },
  {
    field: 'unitIndustry',
    title: { zh: '国民经济行业代码', en: 'unitIndustry' },
    also: ['行业代码', 'unit industry'],
    note: { zh: 'GB/T 4754，如 C 或 C34。', en: 'GB/T 4754, such as C or C34.' },
  },
  {
    field: 'unitEmployees',
    title: { zh: '职工人数', en: 'unitEmployees' },
    also: ['unit employees'],
    note: { zh: '整数。', en: 'A whole number.' },
  },
  {
    field: 'unitWomen',
    title: { zh: '女职工人数', en: 'unitWomen' },
    also: ['unit women'],
    note: headcount,
  },
  {
    field: 'unitMigrantWorkers',
    title: { zh: '农民工人数', en: 'unitMigrantWorkers' },
    also: ['unit migrant workers'],
    note: headcount,
  },
  {
    field: 'unitDispatched',
    title: { zh: '劳务派遣人数', en: 'unitDispatched' },
    also: ['unit dispatched'],
    note: headcount,
  },
  {
    field: 'unitNewForms',
    title: { zh: '新就业形态人数', en: 'unitNewForms' },
    also: ['unit new forms'],
    note: headcount,
  },
];

/** The columns that an error workbook has beside those of the file; an import passes over them. */
export const resultTitles = ['错误代码 code', '出错列 field', '原因', 'reason'] as const;

/** What an export tells beside the columns; it comes about by commands of its own, and an import passes over it. */
export const shownTitles = [
  { zh: '状态', en: 'status' },
  { zh: '核实日期', en: 'verifiedOn' },
] as const;

/** Where a union stands as exports name it. */
export const statusTitles = {
  unknown: '',
  preparing: '筹建',
  pending: '待批复',
  active: '在册',
  suspended: '暂停活动',
  dissolved: '已撤销',
} as const satisfies Record<UnionStatusWord, string>;

/** The header of an export. */
export function exportHeaderOf(locale: Locale): string[] {
  return [...headerOf(locale), ...shownTitles.map((title) => title[locale])];
}

/** The header of a template. */
export function headerOf(locale: Locale): string[] {
  return unionColumns.map(({ title }) => title[locale]);
}

/**
 * What the columns of a file tell: a field each, or nothing (empty columns, and what exports and error workbooks add).
 * @throws Refused when a column is unknown or there twice, or the file cannot be about unions
 */
export function fieldsOf(
  header: Row,
  records: readonly Row[],
): readonly (UnionField | undefined)[] {
  const fields: (UnionField | undefined)[] = [];
  for (const [index, title] of header.entries()) {
    const text = normal(title);
    const isPassedOver =
      passedOver.has(text) ||
      (text === '' && records.every((cells) => (cells[index] ?? '') === ''));
    const field = byTitle.get(text);
    if (!isPassedOver && (field === undefined || fields.includes(field))) {
      throw refused('import-unknown-column', { params: { position: index + 1 } });
    }
    fields.push(isPassedOver ? undefined : field);
  }
  // Without ids every row would be a new union: that has to be meant, by a column of empty cells.
  for (const needed of unionColumns.slice(0, 1)) {
    if (fields.includes(needed.field)) continue;
    throw refused('import-missing-column', {
      params: { column: `${needed.title.zh} (${needed.field})` },
    });
  }
  return fields;
}

const byTitle: ReadonlyMap<string, UnionField> = new Map(
  unionColumns.flatMap(({ field, title, also = [] }) =>
    [field, title.zh, title.en, ...also].map((text) => [normal(text), field] as const),
  ),
);

const passedOver: ReadonlySet<string> = new Set(
  [...resultTitles, ...shownTitles.flatMap(({ zh, en }) => [zh, en])].map(normal),
);

function normal(title: string): string {
  return title
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[*\s]+/g, ' ')
    .trim();
}
