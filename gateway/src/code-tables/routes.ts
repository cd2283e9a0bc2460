import {
  CODE_TABLE_NAMES,
  type CodeTableName,
  codeTable,
  isValidOn,
  regionPeriods,
} from '@unionfold/codes';
import Type, { type Static } from 'typebox';
import type { Api } from '../http/exchange.ts';
import { operation, reference, textEnum } from '../http/operation.ts';
import { pageFields, pageOf, pageOfList } from '../http/page.ts';
import { refused } from '../http/refused.ts';

/** The regions are far more than any other table, and come from dated lists. */
const regionTable = {
  name: 'region',
  standard: 'GB/T 2260',
  zh: '行政区划',
  en: 'Regions',
} as const;
const tableNames = [...CODE_TABLE_NAMES, regionTable.name] as const;

const CodeTableSummary = Type.Object(
  {
    name: textEnum(tableNames),
    standard: Type.String({ description: '标准号 | What defines the table.' }),
    zh: Type.String(),
    en: Type.String(),
    rows: Type.Integer({ description: '行数,含已废止的 | Rows, abolished ones included.' }),
  },
  { $id: 'CodeTableSummary' },
);

const CodeTableRow = Type.Object(
  {
    id: Type.String(),
    code: Type.String(),
    zh: Type.String({ description: '名称 | The name in Chinese.' }),
    en: Type.Optional(Type.String({ description: '行政区划没有 | Regions have none.' })),
    validFrom: Type.Optional(
      Type.String({ format: 'date', description: '生效日;不填为一直有效 | The first day.' }),
    ),
    validTo: Type.Optional(
      Type.String({ format: 'date', description: '末日(含) | The last day, inclusive.' }),
    ),
    successors: Type.Optional(
      Type.Array(Type.String(), {
        description: '废止后的接续代码 | The codes that took its place.',
      }),
    ),
  },
  {
    $id: 'CodeTableRow',
    examples: [
      {
        id: '110103',
        code: '110103',
        zh: '崇文区',
        validTo: '2010-12-31',
        successors: ['110101'],
      },
    ],
  },
);

type Row = Static<typeof CodeTableRow>;

/** The code tables (代码表), for forms and for who connects another system. Nothing in them depends on the caller. */
export function codeTableRoutes(api: Api): void {
  for (const schema of [CodeTableSummary, CodeTableRow]) api.addSchema(schema);

  api.get(
    '/code-tables',
    operation({
      id: 'listCodeTables',
      tag: 'code-tables',
      summary: { zh: '代码表目录', en: 'List the code tables' },
      answer: Type.Object({ items: Type.Array(reference(CodeTableSummary)) }),
    }),
    async () => ({ items: tableNames.map(summaryOf) }),
  );

  api.get(
    '/code-tables/:table',
    operation({
      id: 'getCodeTable',
      tag: 'code-tables',
      summary: { zh: '代码表内容', en: 'The rows of a code table' },
      description:
        '不填 on 时返回全部,含已废止的。两份名录之间的变动不知道确切日期,期间新旧代码都算有效 | Without `on` all rows, ' +
        'abolished ones included. Where a region changed between two lists and the day is not known, both the old and ' +
        'the new code count as valid in between.',
      params: Type.Object({
        table: Type.String({ description: tableNames.join(', ') }),
      }),
      querystring: Type.Object({
        on: Type.Optional(
          Type.String({
            format: 'date',
            description: '当日有效的 | Only what was valid that day.',
          }),
        ),
        prefix: Type.Optional(
          Type.String({
            maxLength: 16,
            description: '代码前缀,如 3702 | What the codes begin with.',
          }),
        ),
        ...pageFields,
      }),
      answer: pageOf(reference(CodeTableRow)),
      problems: ['code-table-unknown', 'page-token-invalid'],
    }),
    async (request) => {
      const { table } = request.params;
      const { on, prefix = '', ...page } = request.query;
      if (!isTableName(table)) throw refused('code-table-unknown');
      const rows = rowsOf(table, prefix, on);
      const { items, next } = pageOfList(['code-tables', table, prefix, on ?? ''], rows, page);
      return { items: [...items], ...(next === undefined ? {} : { next }) };
    },
  );
}

function summaryOf(name: (typeof tableNames)[number]): Static<typeof CodeTableSummary> {
  if (name === 'region') return { ...regionTable, rows: regionPeriods().length };
  const { standard, zh, en, rows } = codeTable(name);
  return { name, standard, zh, en, rows: rows.length };
}

/** In order of their ids, as a page needs them. */
function rowsOf(
  table: CodeTableName | typeof regionTable.name,
  prefix: string,
  on: string | undefined,
): Row[] {
  const dated = table === 'region' ? regionPeriods(prefix).map(regionRow) : codeTable(table).rows;
  return dated
    .filter((row) => row.code.startsWith(prefix) && (on === undefined || isValidOn(row, on)))
    .map(({ from, to, ...row }) => ({
      ...row,
      // A code that came twice, or got a new name, has a row for each.
      id: from === undefined ? row.code : `${row.code}-${from}`,
      ...(from === undefined ? {} : { validFrom: from }),
      ...(to === undefined ? {} : { validTo: to }),
    }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

function regionRow({ name, successors, ...period }: ReturnType<typeof regionPeriods>[number]) {
  return {
    ...period,
    zh: name,
    ...(successors.length === 0 ? {} : { successors: [...successors] }),
  };
}

function isTableName(name: string): name is (typeof tableNames)[number] {
  return (tableNames as readonly string[]).includes(name);
}
