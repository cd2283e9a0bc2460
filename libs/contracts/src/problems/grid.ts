import { grpcStatus, type ProblemDefinition } from './problem.ts';

const conflict = { http: 409, grpc: grpcStatus.FAILED_PRECONDITION } as const;
const invalid = { http: 422, grpc: grpcStatus.INVALID_ARGUMENT } as const;
const unknown = { http: 404, grpc: grpcStatus.NOT_FOUND } as const;
/** A thing named in a command, rather than the one the command is for, does not exist. */
const unknownReference = { http: 422, grpc: grpcStatus.FAILED_PRECONDITION } as const;

/** Employers, the cells of the grid and who looks after them. */
export const gridProblems = {
  'employer-unknown': {
    ...unknown,
    title: { zh: '用人单位不存在', en: 'Unknown employer' },
    detail: { zh: '没有找到所指的用人单位。', en: 'The employer named was not found.' },
    remedy: {
      zh: '请核对统一社会信用代码，或先登记该用人单位。',
      en: 'Check the social credit code, or register the employer first.',
    },
  },
  'employer-registered': {
    ...conflict,
    title: { zh: '用人单位已登记', en: 'The employer is registered already' },
    detail: {
      zh: '该统一社会信用代码的用人单位已经登记。',
      en: 'An employer with this social credit code is registered already.',
    },
    remedy: {
      zh: '信息有变的，请更正；查不到的，请与上级工会核实。',
      en: 'Correct it if something has changed; ask the upper union if you cannot find it.',
    },
  },
  'employer-closed': {
    ...conflict,
    title: { zh: '用人单位已注销', en: 'The employer is closed' },
    detail: {
      zh: '该用人单位已经注销，不能再办理此事项。',
      en: 'The employer is no more; this cannot be done.',
    },
    remedy: {
      zh: '确已恢复经营的，请重新登记。',
      en: 'If it is in business again, register it anew.',
    },
  },
  'employer-code-of-a-union': {
    ...invalid,
    title: { zh: '所填代码属于工会', en: 'The social credit code is that of a union' },
    detail: {
      zh: '用人单位的统一社会信用代码不以 8 开头，所填代码属于工会。',
      en: 'The social credit code given is that of a union, not that of an employer.',
    },
    remedy: {
      zh: '请填写用人单位营业执照或登记证书上的代码。',
      en: 'Enter the code on the business licence or certificate of the employer.',
    },
  },
  'region-outside-jurisdiction': {
    http: 403,
    grpc: grpcStatus.PERMISSION_DENIED,
    title: { zh: '不属于管辖区域', en: 'The region is outside the jurisdiction' },
    detail: {
      zh: '所填行政区划不在本工会的管辖区域内。',
      en: 'The region given lies outside what your union is responsible for.',
    },
    remedy: {
      zh: '请由属地工会登记；园区等工会请登记到本会的网格。',
      en: 'Leave it to the union of that region, or register it into a cell of your own region.',
    },
  },
  'employer-ownership-unknown': {
    ...invalid,
    title: { zh: '单位性质代码不存在', en: 'Unknown type of unit' },
    detail: {
      zh: '代码表中没有所填的单位性质代码。',
      en: 'The table of unit types does not have the code given.',
    },
    remedy: { zh: '请从代码表中选取。', en: 'Choose a code from the code table.' },
  },
  'employer-industry-unknown': {
    ...invalid,
    title: { zh: '行业代码不存在', en: 'Unknown industry' },
    detail: {
      zh: '行业应为 GB/T 4754 的门类（如 C）或大类（如 C34）。',
      en: 'The industry must be a section (such as C) or a division (such as C34) of GB/T 4754.',
    },
    remedy: { zh: '请从代码表中选取。', en: 'Choose a code from the code table.' },
  },
  'employer-count-invalid': {
    ...invalid,
    title: { zh: '职工人数不正确', en: 'A number of workers is wrong' },
    detail: {
      zh: '字段 {field} 应为不小于 0 的整数，且不超过职工总数。',
      en: 'The field {field} must be a whole number of at least 0 and at most the number of employees.',
    },
    remedy: { zh: '请核对人数后更正。', en: 'Check the numbers and correct them.' },
  },
  'employer-in-another-cell': {
    ...conflict,
    title: { zh: '用人单位已在其他网格', en: 'The employer lies in another cell' },
    detail: {
      zh: '一个用人单位只能在一个网格内，该单位已划入其他网格。',
      en: 'An employer lies in one cell at most, and this one lies in another.',
    },
    remedy: {
      zh: '请先由原网格移出，再划入本网格。',
      en: 'Have it removed from that cell first.',
    },
  },
  'employer-not-in-cell': {
    ...conflict,
    title: { zh: '用人单位不在该网格', en: 'The employer does not lie in the cell' },
    detail: {
      zh: '该用人单位不在所指的网格内。',
      en: 'The employer does not lie in the cell named.',
    },
    remedy: { zh: '请刷新网格名册后重试。', en: 'Read the cell again.' },
  },
  'cell-unknown': {
    ...unknown,
    title: { zh: '网格不存在', en: 'Unknown cell' },
    detail: { zh: '没有找到所指的网格。', en: 'The cell named was not found.' },
    remedy: { zh: '请核对网格编号。', en: 'Check the id of the cell.' },
  },
  'cell-closed': {
    ...conflict,
    title: { zh: '网格已撤销', en: 'The cell is closed' },
    detail: {
      zh: '该网格已经撤销，不能再办理此事项。',
      en: 'The cell is no more; this cannot be done.',
    },
    remedy: { zh: '请使用接续的网格。', en: 'Use the cell that succeeded it.' },
  },
  'upper-cell-invalid': {
    ...unknownReference,
    title: { zh: '上级网格不符合要求', en: 'The upper cell cannot have micro-cells' },
    detail: {
      zh: '微网格的上级网格须为同一工会在用的网格，且自身不是微网格。',
      en: 'A micro-cell stands below a live cell of the same union that is no micro-cell itself.',
    },
    remedy: { zh: '请重新选择上级网格。', en: 'Choose another upper cell.' },
  },
  'cell-not-empty': {
    ...conflict,
    title: { zh: '网格内仍有单位', en: 'The cell is not empty' },
    detail: {
      zh: '网格内还有 {employers} 家用人单位、{microCells} 个微网格。',
      en: '{employers} employers and {microCells} micro-cells are still in the cell.',
    },
    remedy: {
      zh: '请指定接续的网格，或先移出。',
      en: 'Name a cell that takes them, or remove them first.',
    },
  },
  'successor-cell-invalid': {
    ...unknownReference,
    title: { zh: '接续网格不符合要求', en: 'The successor cell is not possible' },
    detail: {
      zh: '接续网格须为同一工会在用的另一网格；有微网格的，接续网格不能是微网格。',
      en: 'The successor is another live cell of the same union, and no micro-cell where micro-cells go to it.',
    },
    remedy: { zh: '请重新选择接续网格。', en: 'Choose another successor.' },
  },
  'cell-cadre-role-missing': {
    ...invalid,
    title: { zh: '未选择网格员职责', en: 'The role of the cadre is missing' },
    detail: {
      zh: '指派网格员须选择责任人或协助网格员。',
      en: 'A cadre is responsible for a cell or assists; the role is required.',
    },
    remedy: { zh: '请选择职责后重新提交。', en: 'Choose the role and submit again.' },
  },
  'cell-cadre-not-a-member': {
    ...unknownReference,
    title: { zh: '网格员不是在册会员', en: 'The cadre is not a live member' },
    detail: {
      zh: '网格员须为网格所属工会或其下级工会的在册会员。',
      en: 'Who looks after a cell is a live member of the union of the cell or of one below it.',
    },
    remedy: {
      zh: '请另选网格员，或先办理转会。',
      en: 'Choose another member, or transfer this one first.',
    },
  },
  'cell-cadre-unknown': {
    ...conflict,
    title: { zh: '不是该网格的网格员', en: 'Not a cadre of the cell' },
    detail: {
      zh: '所指会员不是该网格的网格员。',
      en: 'The member named does not look after the cell.',
    },
    remedy: { zh: '请刷新网格信息后重试。', en: 'Read the cell again.' },
  },
} as const satisfies Record<string, ProblemDefinition>;
