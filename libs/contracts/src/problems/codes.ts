import { grpcStatus, type ProblemDefinition } from './problem.ts';

const grpc = grpcStatus.INVALID_ARGUMENT;
const http = 422;

/** Numbers, codes, names and dates that do not keep their standard. Their texts never repeat the value given. */
export const codeProblems = {
  'citizen-number-missing': {
    http,
    grpc,
    title: { zh: '未填写公民身份号码', en: 'The citizen number is missing' },
    detail: {
      zh: '实名入会须填写公民身份号码。',
      en: 'Members are registered by their real identity, which needs a citizen number.',
    },
    remedy: {
      zh: '请按本人居民身份证填写 18 位号码。',
      en: 'Enter the 18 characters as printed on the resident identity card.',
    },
  },
  'citizen-number-invalid-length': {
    http,
    grpc,
    title: { zh: '公民身份号码位数不正确', en: 'The citizen number has the wrong length' },
    detail: {
      zh: '公民身份号码应为 18 位，实际为 {length} 位（GB 11643）。',
      en: 'A citizen number has 18 characters; this one has {length} (GB 11643).',
    },
    remedy: {
      zh: '请核对居民身份证，补全或更正号码；15 位旧号码请换用现行号码。',
      en: 'Check it against the identity card; replace an old number of 15 digits by the current one.',
    },
  },
  'citizen-number-invalid-characters': {
    http,
    grpc,
    title: {
      zh: '公民身份号码含有非法字符',
      en: 'The citizen number has characters that are not allowed',
    },
    detail: {
      zh: '公民身份号码前 17 位应为数字，末位应为数字或 X（GB 11643）。',
      en: 'A citizen number consists of 17 digits and a last character that is a digit or X (GB 11643).',
    },
    remedy: {
      zh: '请去掉空格和其他符号，并使用半角字符。',
      en: 'Remove spaces and other signs, and use half-width characters.',
    },
  },
  'citizen-number-unknown-region': {
    http,
    grpc,
    title: {
      zh: '公民身份号码的地址码不存在',
      en: 'The citizen number has an unknown region',
    },
    detail: {
      zh: '公民身份号码前 6 位不是有效的行政区划代码（GB/T 2260）。',
      en: 'The first six digits of the citizen number are no code of an administrative division (GB/T 2260).',
    },
    remedy: {
      zh: '请核对居民身份证；确属历史区划代码的，请联系管理员补录。',
      en: 'Check it against the identity card; if the code is a historical one, ask an administrator to add it.',
    },
  },
  'citizen-number-invalid-birth-date': {
    http,
    grpc,
    title: {
      zh: '公民身份号码的出生日期不正确',
      en: 'The citizen number has an impossible birth date',
    },
    detail: {
      zh: '公民身份号码第 7 至 14 位不是有效的出生日期。',
      en: 'Digits 7 to 14 of the citizen number are not a possible birth date.',
    },
    remedy: {
      zh: '请核对居民身份证后更正号码。',
      en: 'Check it against the identity card and correct it.',
    },
  },
  'citizen-number-invalid-check-digit': {
    http,
    grpc,
    title: {
      zh: '公民身份号码校验码不正确',
      en: 'The check character of the citizen number is wrong',
    },
    detail: {
      zh: '公民身份号码末位校验码与前 17 位不符，号码可能填写有误（GB 11643）。',
      en: 'The last character of the citizen number does not fit the 17 digits before it; there is probably a typing error (GB 11643).',
    },
    remedy: {
      zh: '请逐位核对居民身份证后更正号码。',
      en: 'Compare it digit by digit with the identity card and correct it.',
    },
  },
  'credit-code-invalid-length': {
    http,
    grpc,
    title: {
      zh: '统一社会信用代码位数不正确',
      en: 'The social credit code has the wrong length',
    },
    detail: {
      zh: '统一社会信用代码应为 18 位，实际为 {length} 位（GB 32100）。',
      en: 'A unified social credit code has 18 characters; this one has {length} (GB 32100).',
    },
    remedy: {
      zh: '请按证书或营业执照填写。',
      en: 'Enter it as printed on the certificate or business licence.',
    },
  },
  'credit-code-invalid-characters': {
    http,
    grpc,
    title: {
      zh: '统一社会信用代码含有非法字符',
      en: 'The social credit code has characters that are not allowed',
    },
    detail: {
      zh: '统一社会信用代码只能由数字和除 I、O、S、V、Z 以外的大写字母组成（GB 32100）。',
      en: 'A unified social credit code consists of digits and capital letters other than I, O, S, V and Z (GB 32100).',
    },
    remedy: {
      zh: '请核对证书，注意区分数字与形近字母。',
      en: 'Check the certificate; mind digits and letters that look alike.',
    },
  },
  'credit-code-invalid-check-digit': {
    http,
    grpc,
    title: {
      zh: '统一社会信用代码校验码不正确',
      en: 'The check character of the social credit code is wrong',
    },
    detail: {
      zh: '统一社会信用代码末位校验码与前 17 位不符（GB 32100）。',
      en: 'The last character of the unified social credit code does not fit the 17 before it (GB 32100).',
    },
    remedy: {
      zh: '请逐位核对证书后更正。',
      en: 'Compare it character by character with the certificate and correct it.',
    },
  },
  'credit-code-not-a-union': {
    http,
    grpc,
    title: {
      zh: '该统一社会信用代码不属于工会',
      en: 'The social credit code is not that of a union',
    },
    detail: {
      zh: '工会的统一社会信用代码以 8 开头，所填代码属于其他类型的单位。',
      en: 'The unified social credit code of a union begins with 8; the code given is that of another kind of organization.',
    },
    remedy: {
      zh: '请填写工会自身的代码，而不是所在单位的代码。',
      en: 'Enter the code of the union itself, not that of the employer.',
    },
  },
  'region-code-missing': {
    http,
    grpc,
    title: { zh: '未填写行政区划代码', en: 'The region code is missing' },
    detail: {
      zh: '须填写工会所在地的行政区划代码。',
      en: 'The code of the administrative division where the union is based is required.',
    },
    remedy: {
      zh: '请从代码表中选取（GB/T 2260 或 GB/T 10114）。',
      en: 'Choose it from the code table (GB/T 2260 or GB/T 10114).',
    },
  },
  'region-code-unknown': {
    http,
    grpc,
    title: { zh: '行政区划代码不存在', en: 'Unknown region code' },
    detail: {
      zh: '代码表中没有行政区划代码 {code}（GB/T 2260、GB/T 10114）。',
      en: 'The code tables have no administrative division {code} (GB/T 2260, GB/T 10114).',
    },
    remedy: { zh: '请从代码表中重新选取。', en: 'Choose a code from the code table.' },
  },
  'date-invalid': {
    http,
    grpc,
    title: { zh: '日期无效', en: 'Invalid date' },
    detail: {
      zh: '字段 {field} 应为真实存在的日期，格式为 yyyy-MM-dd。',
      en: 'The field {field} must be a date that exists, in the form yyyy-MM-dd.',
    },
    remedy: {
      zh: '请更正日期，例如 2026-05-01。',
      en: 'Correct the date; an example is 2026-05-01.',
    },
  },
  'date-in-future': {
    http,
    grpc,
    title: { zh: '日期晚于今天', en: 'The date lies in the future' },
    detail: {
      zh: '字段 {field} 的日期不得晚于今天。',
      en: 'The date in the field {field} must not be later than today.',
    },
    remedy: { zh: '请更正日期。', en: 'Correct the date.' },
  },
  'name-missing': {
    http,
    grpc,
    title: { zh: '未填写名称', en: 'The name is missing' },
    detail: {
      zh: '名称或姓名为必填项，不能为空或仅含空格。',
      en: 'A name is required; it must not be empty or consist of spaces only.',
    },
    remedy: { zh: '请填写后重新提交。', en: 'Enter the name and submit again.' },
  },
  'name-too-long': {
    http,
    grpc,
    title: { zh: '名称过长', en: 'The name is too long' },
    detail: {
      zh: '名称或姓名最多 {maximum} 个字符。',
      en: 'A name has at most {maximum} characters.',
    },
    remedy: {
      zh: '请按批复文件或证件填写规范全称。',
      en: 'Enter the official name as it stands in the approval or on the card.',
    },
  },
  'mobile-invalid': {
    http,
    grpc,
    title: { zh: '手机号码无效', en: 'Invalid mobile number' },
    detail: {
      zh: '手机号码应为以 1 开头的 11 位数字。',
      en: 'A mobile number consists of 11 digits and begins with 1.',
    },
    remedy: {
      zh: '请填写内地手机号码，不加国家代码和分隔符。',
      en: 'Enter a mainland mobile number without country code or separators.',
    },
  },
  'id-invalid': {
    http,
    grpc,
    title: { zh: '编号无效', en: 'Invalid id' },
    detail: {
      zh: '字段 {field} 的编号只能由字母、数字和连字符组成，最多 {maximum} 个字符。',
      en: 'An id in the field {field} consists of letters, digits and hyphens, at most {maximum} characters.',
    },
    remedy: {
      zh: '请更正编号；新建时可以留空，由系统生成。',
      en: 'Correct the id; when creating something, it may be left empty and one is made.',
    },
  },
  'id-taken': {
    http: 409,
    grpc: grpcStatus.ALREADY_EXISTS,
    title: { zh: '编号已被占用', en: 'The id is taken' },
    detail: { zh: '编号 {id} 已经存在。', en: 'The id {id} exists already.' },
    remedy: {
      zh: '请换用其他编号，或留空由系统生成。',
      en: 'Use another id, or leave it empty and one is made.',
    },
  },
} as const satisfies Record<string, ProblemDefinition>;
