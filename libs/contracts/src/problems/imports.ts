import { grpcStatus, type ProblemDefinition } from './problem.ts';

const conflict = { http: 409, grpc: grpcStatus.FAILED_PRECONDITION } as const;
const invalid = { http: 422, grpc: grpcStatus.INVALID_ARGUMENT } as const;

/** Importing unions from tables. */
export const importProblems = {
  'import-unknown': {
    http: 404,
    grpc: grpcStatus.NOT_FOUND,
    title: { zh: '导入任务不存在', en: 'Unknown import' },
    detail: {
      zh: '本级工会没有此导入任务。',
      en: 'Your union has no such import.',
    },
    remedy: {
      zh: '请核对提交导入时返回的任务编号。',
      en: 'Check the id that the submission of the import answered.',
    },
  },
  'import-id-unavailable': {
    ...conflict,
    title: { zh: '编号不可用', en: 'The id is not available' },
    detail: {
      zh: '该编号不能用于新建工会，也不是本级及下级工会的编号。',
      en: 'A new union cannot have this id, and no union of your jurisdiction has it.',
    },
    remedy: {
      zh: '新建工会请将编号留空，或使用“本级工会编号-”开头的未用编号（字母、数字、连字符，至多 64 位）。',
      en: 'For a new union leave the id empty, or take an unused one that begins with the id of your own union and a hyphen (letters, digits, hyphens, at most 64).',
    },
  },
  'import-id-repeated': {
    ...conflict,
    title: { zh: '文件内编号重复', en: 'The id repeats an earlier row' },
    detail: {
      zh: '本行与第 {row} 行的编号相同。',
      en: 'The row has the same id as row {row}.',
    },
    remedy: {
      zh: '请删除重复的行；若为登记另一覆盖单位，工会各列须留空或与第 {row} 行一致。',
      en: 'Delete one of the rows. For a further unit, leave the other columns empty or as in row {row}.',
    },
  },
  'import-unit-repeated': {
    ...conflict,
    title: { zh: '文件内覆盖单位重复', en: 'The unit repeats an earlier row' },
    detail: {
      zh: '第 {row} 行已为同一工会登记了该单位。',
      en: 'Row {row} tells of the same unit of the same union.',
    },
    remedy: {
      zh: '请删除重复的行。',
      en: 'Delete one of the rows.',
    },
  },
  'import-main-row-failed': {
    ...conflict,
    title: { zh: '工会所在行未导入', en: 'The row of the union itself failed' },
    detail: {
      zh: '该工会的登记在第 {row} 行，该行未能导入，因此本行的覆盖单位未导入。',
      en: 'The union itself is in row {row}, which failed; so the unit of this row was not imported.',
    },
    remedy: {
      zh: '请先更正第 {row} 行，再一并重新导入。',
      en: 'Correct row {row} and import both again.',
    },
  },
  'import-credit-code-repeated': {
    ...conflict,
    title: { zh: '文件内统一社会信用代码重复', en: 'The credit code repeats an earlier row' },
    detail: {
      zh: '本行与第 {row} 行的统一社会信用代码相同。',
      en: 'The row has the same credit code as row {row}.',
    },
    remedy: {
      zh: '请核对两行的代码，一个代码只属于一个工会。',
      en: 'Check the codes of both rows; a code belongs to one union.',
    },
  },
  'import-cycle': {
    ...conflict,
    title: { zh: '上下级关系成环', en: 'The rows stand above each other in a circle' },
    detail: {
      zh: '按文件内的上级工会逐级向上，会回到同一工会。',
      en: 'Following the upper unions of the file leads back to the same union.',
    },
    remedy: {
      zh: '请更正环中任一行的上级工会编号。',
      en: 'Correct the upper union of one of the rows of the circle.',
    },
  },
  'import-upper-row-failed': {
    ...conflict,
    title: { zh: '上级工会所在行未导入', en: 'The row of the upper union failed' },
    detail: {
      zh: '上级工会在第 {row} 行，该行未能导入，因此本行未导入。',
      en: 'The upper union is in row {row}, which failed; so this row was not imported.',
    },
    remedy: {
      zh: '请先更正第 {row} 行，再一并重新导入。',
      en: 'Correct row {row} and import both again.',
    },
  },
  'import-field-fixed': {
    ...conflict,
    title: { zh: '该项不能通过导入修改', en: 'An import cannot change this' },
    detail: {
      zh: '字段 {field} 与在册工会的登记不同；导入只能修改名称、上级工会和登记信息。',
      en: 'Field {field} differs from what is on record; an import changes the name, the upper union and the record only.',
    },
    remedy: {
      zh: '请将该格留空或恢复原值；确需变更的，请提出变更事项。',
      en: 'Leave the cell empty or put back what is on record; to change it, propose a change.',
    },
  },
  'import-number-rounded': {
    ...invalid,
    title: { zh: '号码已被表格软件改写', en: 'The number was rounded by the spreadsheet program' },
    detail: {
      zh: '字段 {field} 被表格软件当作数字存储，末尾数位已丢失。',
      en: 'The spreadsheet program took field {field} for a number; its last digits are lost.',
    },
    remedy: {
      zh: '请将该列设为文本格式后重新填写。',
      en: 'Format the column as text and enter it again.',
    },
  },
  'import-cells-beyond-header': {
    ...invalid,
    title: { zh: '单元格多于表头', en: 'More cells than the header has' },
    detail: {
      zh: '本行在表头各列之后还有内容，各列可能已经错位。',
      en: 'The row has contents beyond the columns of the header; its cells may have shifted.',
    },
    remedy: {
      zh: '内容含逗号的单元格请加双引号，并核对本行各列。',
      en: 'Put quotes around cells with commas in them, and check the row’s columns.',
    },
  },
  'import-not-finished': {
    ...conflict,
    title: { zh: '导入尚未完成', en: 'The import is not finished' },
    detail: {
      zh: '导入仍在进行，错误清单在完成后提供。',
      en: 'The import is still under way; the error workbook comes with its end.',
    },
    remedy: {
      zh: '请查询任务进度，完成后再下载。',
      en: 'Look at the import’s progress and fetch the workbook when it is finished.',
    },
  },
  'export-too-large': {
    ...invalid,
    title: { zh: '导出行数过多', en: 'Too much for one workbook' },
    detail: {
      zh: '超过 {maximum} 个工会，不能导出为 XLSX。',
      en: 'More than {maximum} unions do not go into one XLSX workbook.',
    },
    remedy: {
      zh: '请改用 CSV 格式，或选择下级工会分别导出。',
      en: 'Export CSV, or the unions below one by one.',
    },
  },
  'import-row-failed': {
    http: 500,
    grpc: grpcStatus.INTERNAL,
    title: { zh: '本行处理出错', en: 'The row could not be handled' },
    detail: {
      zh: '处理本行时发生内部错误，未写入任何内容。',
      en: 'Something unforeseen happened to this row; nothing of it was written.',
    },
    remedy: {
      zh: '请稍后重新导入本行；仍然失败时请联系运维人员。',
      en: 'Import the row again later; if it fails again, ask the operators.',
    },
  },
} as const satisfies Record<string, ProblemDefinition>;
