import { grpcStatus, type ProblemDefinition } from './problem.ts';

const conflict = { http: 409, grpc: grpcStatus.FAILED_PRECONDITION } as const;

/** Enrolling, correcting, transferring and leaving; importing members from a file. */
export const memberProblems = {
  'member-unknown': {
    http: 404,
    grpc: grpcStatus.NOT_FOUND,
    title: { zh: '会员不存在', en: 'Unknown member' },
    detail: { zh: '没有找到所指的会员。', en: 'The member named was not found.' },
    remedy: {
      zh: '请在会员名册中核对编号。',
      en: 'Check the id in the register of members.',
    },
  },
  'person-forgotten': {
    http: 410,
    grpc: grpcStatus.FAILED_PRECONDITION,
    title: { zh: '个人信息已销毁', en: 'The person was forgotten' },
    detail: {
      zh: '该人员的个人信息已依法销毁，不能再读取，也不能再登记。',
      en: 'The personal data of this person was destroyed for good; none can be read or recorded any more.',
    },
    remedy: {
      zh: '请勿重试；本人再次入会的，请作为新会员登记。',
      en: 'Do not retry; a person who joins again is enrolled as a new member.',
    },
  },
  'member-not-live': {
    ...conflict,
    title: { zh: '会籍不在册', en: 'The membership is not live' },
    detail: {
      zh: '该会员已经退会，不能办理此事项。',
      en: 'The member has left the union; this cannot be done.',
    },
    remedy: {
      zh: '如需恢复，请重新办理入会。',
      en: 'If the person wants to return, enrol them again.',
    },
  },
  'member-duplicate': {
    http: 409,
    grpc: grpcStatus.ALREADY_EXISTS,
    title: { zh: '已有在册会籍', en: 'The person is a member already' },
    detail: {
      zh: '此人已有在册会籍。一人在全国只能有一个会籍。',
      en: 'The person has a live membership. Nationwide, a person has at most one.',
    },
    remedy: {
      zh: '请办理会籍转接，不要重复入会。',
      en: 'Have the membership transferred instead of enrolling again.',
    },
  },
  'member-already-in-union': {
    ...conflict,
    title: { zh: '会员已在该工会', en: 'The member is in that union already' },
    detail: {
      zh: '该会员的会籍原本就在所指定的工会。',
      en: 'The membership belongs to the union named already.',
    },
    remedy: { zh: '请核对转入的工会。', en: 'Check which union was chosen.' },
  },
  'member-union-takes-no-members': {
    ...conflict,
    title: { zh: '该工会不直接发展会员', en: 'The union takes no members of its own' },
    detail: {
      zh: '会员应加入基层工会，所指工会的类型不能直接登记会员。',
      en: 'Members join grassroots unions; a union of the type named registers none of its own.',
    },
    remedy: {
      zh: '请选择会员所在单位或住所地的基层工会。',
      en: 'Choose the grassroots union of the person’s employer or residence.',
    },
  },
  'import-file-unreadable': {
    http: 422,
    grpc: grpcStatus.INVALID_ARGUMENT,
    title: { zh: '导入文件无法读取', en: 'The import file cannot be read' },
    detail: {
      zh: '文件不是有效的电子表格（XLSX 或 UTF-8 编码的 CSV），或已损坏、加密。',
      en: 'The file is not a valid spreadsheet (XLSX, or CSV in UTF-8), or is damaged or encrypted.',
    },
    remedy: {
      zh: '请下载导入模板，填写后以未加密的文件重新上传。',
      en: 'Use the import template, and upload it again without encryption.',
    },
  },
  'import-missing-column': {
    http: 422,
    grpc: grpcStatus.INVALID_ARGUMENT,
    title: { zh: '导入文件缺少列', en: 'The import file lacks a column' },
    detail: {
      zh: '导入文件缺少“{column}”列，未导入任何行。',
      en: 'The import file has no column “{column}”; no row was imported.',
    },
    remedy: {
      zh: '请保留导入模板的表头，补齐后重新上传。',
      en: 'Keep the header of the import template, add the column, and upload again.',
    },
  },
  'import-unknown-column': {
    http: 422,
    grpc: grpcStatus.INVALID_ARGUMENT,
    title: { zh: '导入文件有未定义的列', en: 'The import file has an unknown column' },
    detail: {
      zh: '导入模板没有第 {position} 列的表头，未导入任何行。',
      en: 'The import template does not have the header of column {position}; no row was imported.',
    },
    remedy: {
      zh: '请对照导入模板更正或删除该列。',
      en: 'Compare it with the import template, and correct or remove the column.',
    },
  },
  'import-too-many-rows': {
    http: 422,
    grpc: grpcStatus.RESOURCE_EXHAUSTED,
    title: { zh: '导入行数过多', en: 'The import has too many rows' },
    detail: {
      zh: '导入文件超过 {maximum} 行的上限，未导入任何行。',
      en: 'The import file exceeds the limit of {maximum} rows; no row was imported.',
    },
    remedy: {
      zh: '请拆分为多个文件分次导入。',
      en: 'Split it into several files and import them one by one.',
    },
  },
  'import-too-many-lines': {
    http: 422,
    grpc: grpcStatus.RESOURCE_EXHAUSTED,
    title: { zh: '导入文件行数过多', en: 'The import file has too many lines' },
    detail: {
      zh: '导入文件连同空行超过 {maximum} 行，未导入任何行。',
      en: 'The import file has more than {maximum} lines, empty ones included; no row was imported.',
    },
    remedy: {
      zh: '请删除空行，或拆分为多个文件分次导入。',
      en: 'Delete the empty lines, or split it into several files and import them one by one.',
    },
  },
  'import-empty': {
    http: 422,
    grpc: grpcStatus.INVALID_ARGUMENT,
    title: { zh: '导入文件没有数据', en: 'The import has no rows' },
    detail: {
      zh: '导入文件除表头外没有任何数据行。',
      en: 'The import file has no rows below its header.',
    },
    remedy: {
      zh: '请填写数据后重新上传。',
      en: 'Fill in the rows and upload it again.',
    },
  },
  'import-row-duplicate': {
    http: 409,
    grpc: grpcStatus.ALREADY_EXISTS,
    title: { zh: '文件内重复', en: 'The row repeats an earlier one' },
    detail: {
      zh: '本行与第 {row} 行的公民身份号码相同。',
      en: 'The row has the same citizen number as row {row}.',
    },
    remedy: {
      zh: '请保留正确的一行，删除其余各行。',
      en: 'Keep the correct row and remove the others.',
    },
  },
} as const satisfies Record<string, ProblemDefinition>;
