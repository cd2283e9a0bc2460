import { grpcStatus, type ProblemDefinition } from './problem.ts';

const conflict = { http: 409, grpc: grpcStatus.FAILED_PRECONDITION } as const;
const invalid = { http: 422, grpc: grpcStatus.INVALID_ARGUMENT } as const;
const unknown = { http: 404, grpc: grpcStatus.NOT_FOUND } as const;

/** Hardship cases and the fund lines that pay for them. */
export const welfareProblems = {
  'case-unknown': {
    ...unknown,
    title: { zh: '困难档案不存在', en: 'Unknown hardship case' },
    detail: { zh: '没有找到所指的困难档案。', en: 'The hardship case named was not found.' },
    remedy: { zh: '请核对档案编号。', en: 'Check the id of the case.' },
  },
  'case-open-already': {
    ...conflict,
    title: { zh: '已有未结的困难档案', en: 'A case is open already' },
    detail: {
      zh: '该会员已有一份未办结的困难档案，实行一户一档，不能重复申报。',
      en: 'The member has a case that is not closed; a household has one case at a time.',
    },
    remedy: {
      zh: '请在原档案中继续办理，办结后方可再次申报。',
      en: 'Go on with the case that is open; declare again once it is closed.',
    },
  },
  'case-wrong-status': {
    ...conflict,
    title: { zh: '困难档案状态不符', en: 'The case is in another stage' },
    detail: {
      zh: '困难档案当前所处的环节不能办理此事项。须依次经过申报、核实、批准、发放。',
      en: 'The case is at a stage that does not allow this. The stages are declaration, verification, approval, payment.',
    },
    remedy: {
      zh: '请查看办理进度，按环节依次办理。',
      en: 'Look at the progress of the case, and take the stages in turn.',
    },
  },
  'case-not-eligible': {
    ...conflict,
    title: { zh: '不符合困难认定标准', en: 'The case is not eligible' },
    detail: {
      zh: '核实结果未达到困难认定标准，不能批准救助。',
      en: 'The verification found that the standard of hardship is not met; aid cannot be approved.',
    },
    remedy: {
      zh: '请驳回申报并告知原因；情况有变的，可重新申报。',
      en: 'Turn the declaration down and tell the reason; it may be declared again when things change.',
    },
  },
  'consent-missing': {
    ...invalid,
    title: { zh: '未授权核对信息', en: 'The consent is missing' },
    detail: {
      zh: '申报困难须由家庭同意核对其经济状况信息。',
      en: 'A declaration needs the household’s consent to have its data checked.',
    },
    remedy: {
      zh: '请由申报人阅读授权说明并确认同意。',
      en: 'Have the worker read the explanation and agree to it.',
    },
  },
  'household-size-invalid': {
    ...invalid,
    title: { zh: '家庭人口数无效', en: 'Invalid household size' },
    detail: {
      zh: '家庭人口数包括申报人本人，应为不小于 1 且合乎常理的整数。',
      en: 'The size of the household includes the worker: a plausible whole number of at least 1.',
    },
    remedy: {
      zh: '请按共同生活的家庭成员人数填写。',
      en: 'Enter the number of persons who live together as a household.',
    },
  },
  'amount-invalid': {
    ...invalid,
    title: { zh: '金额无效', en: 'Invalid amount' },
    detail: {
      zh: '字段 {field} 的金额超出允许范围。金额以分为单位，须为整数；收支不得为负，救助金和预算须大于零。',
      en: 'The amount in the field {field} is out of range. Amounts are whole fen; income and expenditure are not negative, aid and budgets are greater than zero.',
    },
    remedy: { zh: '请更正金额后重新提交。', en: 'Correct the amount and submit again.' },
  },
  'amount-over-cap': {
    ...conflict,
    title: { zh: '超过救助标准上限', en: 'The amount exceeds the cap' },
    detail: {
      zh: '批准的金额超过该困难类别现行救助标准的上限。',
      en: 'The amount exceeds the cap that currently holds for the category of hardship.',
    },
    remedy: {
      zh: '请按现行救助标准核定金额。',
      en: 'Set the amount within the standard that currently holds.',
    },
  },
  'maker-is-checker': {
    http: 403,
    grpc: grpcStatus.PERMISSION_DENIED,
    title: { zh: '经办与审批不得为同一人', en: 'One person cannot do both steps' },
    detail: {
      zh: '经办人与审批人须相互分离，您已办理该档案的前一环节。',
      en: 'Making and checking are kept apart, and you did the step before in this case.',
    },
    remedy: {
      zh: '请由本工会的另一名人员办理。',
      en: 'Have the step done by somebody else of the union.',
    },
  },
  'verifier-not-responsible': {
    http: 403,
    grpc: grpcStatus.PERMISSION_DENIED,
    title: { zh: '不是负责核实的工会', en: 'Not the union that verifies' },
    detail: {
      zh: '困难申报由会员所在的工会或其上级工会核实。',
      en: 'A declaration is verified by the member’s union or by one above it.',
    },
    remedy: {
      zh: '请由会员所在的工会或其上级工会办理。',
      en: 'Have it verified by the member’s union or by one above it.',
    },
  },
  'verification-source-unavailable': {
    http: 503,
    grpc: grpcStatus.UNAVAILABLE,
    title: { zh: '核实数据暂不可用', en: 'The data for the check is unavailable' },
    detail: {
      zh: '核实所需的会籍或组织数据暂时无法取得，未作任何变更。',
      en: 'The membership or organization data for the check cannot be had at present; nothing was changed.',
    },
    remedy: {
      zh: '请按 Retry-After 响应头等待后重试。',
      en: 'Wait as the Retry-After header says, then try again.',
    },
  },
  'fund-line-unknown': {
    ...unknown,
    title: { zh: '资金项不存在', en: 'Unknown fund line' },
    detail: { zh: '没有找到所指的资金项。', en: 'The fund line named was not found.' },
    remedy: {
      zh: '请在资金项列表中核对编号。',
      en: 'Check the id in the list of fund lines.',
    },
  },
  'fund-line-insufficient': {
    ...conflict,
    title: { zh: '资金项余额不足', en: 'The fund line does not hold enough' },
    detail: {
      zh: '资金项余额不足以支付本次救助金，未作任何支出。一笔救助只能由一个资金项支付。',
      en: 'The balance of the fund line does not cover the aid; nothing was charged. A payment comes from exactly one fund line.',
    },
    remedy: {
      zh: '请改用余额充足的资金项，或先补充预算。',
      en: 'Choose a fund line that holds enough, or have the budget raised first.',
    },
  },
  'fund-line-outside-jurisdiction': {
    http: 403,
    grpc: grpcStatus.PERMISSION_DENIED,
    title: { zh: '资金项不适用于该工会', en: 'The fund line does not serve this union' },
    detail: {
      zh: '资金项只能用于设立该资金项的工会及其下级工会的会员。',
      en: 'A fund line pays for members of the union that opened it and of the unions below it only.',
    },
    remedy: {
      zh: '请选择会员所在工会或其上级工会的资金项。',
      en: 'Choose a fund line of the member’s union or of one above it.',
    },
  },
  'fund-source-missing': {
    ...invalid,
    title: { zh: '未选择资金来源', en: 'The source of the money is missing' },
    detail: {
      zh: '设立资金项须选择资金来源。',
      en: 'The source of the money is required to open a fund line.',
    },
    remedy: { zh: '请选择资金来源后重新提交。', en: 'Choose the source and submit again.' },
  },
  'rule-set-not-in-force': {
    http: 409,
    grpc: grpcStatus.FAILED_PRECONDITION,
    title: { zh: '没有现行的困难认定标准', en: 'No standard of hardship is in force' },
    detail: {
      zh: '该地区目前没有生效的困难认定标准或低保标准。',
      en: 'No standard, or no low-income line of it, is in force in this region today.',
    },
    remedy: {
      zh: '请联系管理员维护认定标准后重试。',
      en: 'Have an administrator add the standard, then try again.',
    },
  },
} as const satisfies Record<string, ProblemDefinition>;
