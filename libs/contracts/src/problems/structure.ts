import { grpcStatus, type ProblemDefinition } from './problem.ts';

const conflict = { http: 409, grpc: grpcStatus.FAILED_PRECONDITION } as const;
const invalid = { http: 422, grpc: grpcStatus.INVALID_ARGUMENT } as const;
const unknown = { http: 404, grpc: grpcStatus.NOT_FOUND } as const;

/** The record of a union, and changes of the structure. */
export const structureProblems = {
  'union-suspended': {
    ...conflict,
    title: { zh: '工会已暂停活动', en: 'The union is suspended' },
    detail: {
      zh: '该工会已暂停活动，恢复前不能办理此事项。',
      en: 'The union is suspended; until it is resumed this cannot be done.',
    },
    remedy: {
      zh: '请先办理恢复活动。',
      en: 'Have the union resumed first.',
    },
  },
  'union-in-preparation': {
    ...conflict,
    title: { zh: '工会尚在筹建', en: 'The union is still being prepared' },
    detail: {
      zh: '该工会尚在筹建，没有提出成立申请，不能批复。',
      en: 'The union is being prepared; its establishment has not been put forward and cannot be approved.',
    },
    remedy: {
      zh: '请先提交成立申请。',
      en: 'Put the establishment forward first.',
    },
  },
  'prepared-elsewhere': {
    ...conflict,
    title: {
      zh: '与筹建时的上级工会不一致',
      en: 'The union was prepared under another upper union',
    },
    detail: {
      zh: '筹建中的工会只能在筹建时的上级工会之下成立。',
      en: 'A union that was prepared is established under the upper union it was prepared under.',
    },
    remedy: {
      zh: '请填写筹建时的上级工会，或另行筹建。',
      en: 'Name that upper union, or prepare a union anew.',
    },
  },
  'union-not-dissolved': {
    ...conflict,
    title: { zh: '工会未被撤销', en: 'The union is not dissolved' },
    detail: {
      zh: '只有已撤销或已并入其他工会的工会才能恢复。',
      en: 'Only a union that was dissolved or merged can be restored.',
    },
    remedy: {
      zh: '请核对工会编号。',
      en: 'Check the id of the union.',
    },
  },
  'subordinates-do-not-fit': {
    ...conflict,
    title: { zh: '下级工会与新的类型不相容', en: 'The unions below do not fit the new type' },
    detail: {
      zh: '该工会的下级工会中有不能隶属于新类型的。',
      en: 'Among the unions below are some that cannot stand under the new type.',
    },
    remedy: {
      zh: '请先变更这些下级工会的隶属或类型。',
      en: 'Move these unions or change their type first.',
    },
  },
  'split-parts-missing': {
    ...invalid,
    title: { zh: '未填写分出的工会', en: 'The parts of the split are missing' },
    detail: {
      zh: '分立至少须填写一个分出的工会。',
      en: 'A split needs at least one union that comes out of it.',
    },
    remedy: {
      zh: '请填写分出的工会。',
      en: 'Name the unions that are to come out of it.',
    },
  },
  'split-parts-overlap': {
    ...invalid,
    title: { zh: '分出的工会有重复的内容', en: 'The parts of the split overlap' },
    detail: {
      zh: '同一下级工会、覆盖单位或会员只能归入一个分出的工会。',
      en: 'A subordinate, an employer or a member can go with one part only.',
    },
    remedy: {
      zh: '请删去重复的内容。',
      en: 'Remove what is named twice.',
    },
  },
  'subordinate-unknown': {
    ...invalid,
    title: { zh: '不是该工会的下级工会', en: 'Not a subordinate of the union' },
    detail: {
      zh: '所列工会不直接隶属于该工会。',
      en: 'A union named does not stand directly below this one.',
    },
    remedy: {
      zh: '请在下级工会名录中核对。',
      en: 'Check the list of direct subordinates.',
    },
  },
  'too-many-subordinates': {
    ...conflict,
    title: { zh: '直接下级工会过多', en: 'Too many direct subordinates' },
    detail: {
      zh: '一个事项最多随同变更 {maximum} 个直接下级工会。',
      en: 'One matter takes at most {maximum} direct subordinates along.',
    },
    remedy: {
      zh: '请分批先行变更下级工会的隶属。',
      en: 'Move the subordinates in portions first.',
    },
  },
  'unit-not-covered': {
    ...invalid,
    title: { zh: '该工会没有覆盖此单位', en: 'The union does not cover the employer' },
    detail: {
      zh: '所列信用代码不是该工会覆盖的单位。',
      en: 'The credit code is not that of an employer which the union covers.',
    },
    remedy: {
      zh: '请核对单位的统一社会信用代码。',
      en: 'Check the social credit code of the employer.',
    },
  },
  'certificate-without-legal-person': {
    ...invalid,
    title: { zh: '没有法人资格却填写了法人证书', en: 'A certificate without legal-person status' },
    detail: {
      zh: '只有具有法人资格的工会才有法人资格证书。',
      en: 'Only a union with legal-person status has a certificate of it.',
    },
    remedy: {
      zh: '请勾选法人资格，或清空证书信息。',
      en: 'Set the legal-person status, or leave the certificate out.',
    },
  },
  'phone-invalid': {
    ...invalid,
    title: { zh: '联系电话格式不正确', en: 'The telephone number is malformed' },
    detail: {
      zh: '联系电话只能含数字、空格、括号、加号和连字符，5 至 30 位。',
      en: 'A telephone number has 5 to 30 digits, spaces, brackets, plus signs and hyphens.',
    },
    remedy: {
      zh: '请填写部门的办公电话。',
      en: 'Enter the telephone number of the office.',
    },
  },
  'headcount-invalid': {
    ...invalid,
    title: { zh: '人数不正确', en: 'The headcount is wrong' },
    detail: {
      zh: '人数不能为负，其中各项不能多于职工总人数。',
      en: 'A headcount is not negative, and no part of it exceeds the number of employees.',
    },
    remedy: {
      zh: '请核对职工人数及其中数。',
      en: 'Check the number of employees and its parts.',
    },
  },
  'ownership-code-unknown': {
    ...invalid,
    title: { zh: '单位类型代码不存在', en: 'Unknown code of the unit type' },
    detail: {
      zh: '代码表中没有所填的单位类型代码。',
      en: 'The code table has no such type of unit.',
    },
    remedy: {
      zh: '请从代码表 unit-type 中选取，或不填。',
      en: 'Choose one from the code table unit-type, or leave it out.',
    },
  },
  'industry-code-unknown': {
    ...invalid,
    title: { zh: '行业代码不存在', en: 'Unknown industry code' },
    detail: {
      zh: '代码表中没有所填的行业门类或大类（GB/T 4754-2017）。',
      en: 'The code tables have no such section or division of economic activity (GB/T 4754-2017).',
    },
    remedy: {
      zh: '请从代码表 industry 或 industry-division 中选取，如 C 或 C34，或不填。',
      en: 'Choose one from the code table industry or industry-division, such as C or C34, or leave it out.',
    },
  },
  'code-table-unknown': {
    ...unknown,
    title: { zh: '代码表不存在', en: 'Unknown code table' },
    detail: {
      zh: '没有这个名称的代码表。',
      en: 'There is no code table of that name.',
    },
    remedy: {
      zh: '请在代码表目录中核对名称。',
      en: 'Check the name in the list of code tables.',
    },
  },
  'change-unknown': {
    ...unknown,
    title: { zh: '变更事项不存在', en: 'Unknown matter' },
    detail: {
      zh: '没有找到所指的变更事项。',
      en: 'The structural change named was not found.',
    },
    remedy: {
      zh: '请在变更事项列表中核对。',
      en: 'Check the list of structural changes.',
    },
  },
  'change-kind-missing': {
    ...invalid,
    title: { zh: '未选择变更类别', en: 'The kind of change is missing' },
    detail: {
      zh: '变更事项须选择类别。',
      en: 'A structural change needs its kind.',
    },
    remedy: {
      zh: '请选择变更类别后重新提交。',
      en: 'Choose the kind and submit again.',
    },
  },
  'change-not-open': {
    ...conflict,
    title: { zh: '变更事项已经办结', en: 'The matter is closed' },
    detail: {
      zh: '该事项已生效、被否决、撤回或未能生效，不能再办理。',
      en: 'The matter has taken effect, was rejected, withdrawn or has failed; nothing more can be done on it.',
    },
    remedy: {
      zh: '请核对事项状态，需要时重新提出。',
      en: 'Check where the matter stands; put it forward anew if needed.',
    },
  },
  'change-already-approved': {
    ...conflict,
    title: { zh: '变更事项已经批复', en: 'The matter is approved already' },
    detail: {
      zh: '该事项已经批复，无须重复批复。',
      en: 'The matter has been approved before.',
    },
    remedy: {
      zh: '请核对事项编号。',
      en: 'Check the id of the matter.',
    },
  },
  'change-not-in-effect': {
    ...conflict,
    title: { zh: '变更事项没有生效', en: 'The matter is not in effect' },
    detail: {
      zh: '只有已经生效的事项才能撤销变更。',
      en: 'Only a matter that has taken effect can be undone.',
    },
    remedy: {
      zh: '尚未生效的事项请办理撤回。',
      en: 'Withdraw a matter that is not in effect yet.',
    },
  },
  'change-superseded': {
    ...conflict,
    title: { zh: '变更之后已有新的变动', en: 'Later changes stand in the way' },
    detail: {
      zh: '该事项生效之后，所涉工会又有变动，不能直接恢复原状。',
      en: 'Since the matter took effect, the unions concerned have changed again; what was cannot simply be brought back.',
    },
    remedy: {
      zh: '请按现状另行提出变更事项。',
      en: 'Put forward a new matter from how things stand now.',
    },
  },
  'undo-period-over': {
    ...conflict,
    title: { zh: '已超过撤销期限', en: 'The time for undoing is over' },
    detail: {
      zh: '该类事项只能在生效后 {days} 天内撤销。',
      en: 'A matter of this kind can be undone within {days} days of taking effect.',
    },
    remedy: {
      zh: '请另行提出变更事项。',
      en: 'Put forward a new matter.',
    },
  },
  'effective-date-past': {
    ...invalid,
    title: { zh: '生效日期早于今天', en: 'The effective date has passed' },
    detail: {
      zh: '生效日期应为今天或以后的日期。',
      en: 'The effective date is today or later.',
    },
    remedy: {
      zh: '请改为今天或以后的日期。',
      en: 'Choose today or a later date.',
    },
  },
} as const satisfies Record<string, ProblemDefinition>;
