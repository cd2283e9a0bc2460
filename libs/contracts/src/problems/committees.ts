import { grpcStatus, type ProblemDefinition } from './problem.ts';

const conflict = { http: 409, grpc: grpcStatus.FAILED_PRECONDITION } as const;
const invalid = { http: 422, grpc: grpcStatus.INVALID_ARGUMENT } as const;
const unknown = { http: 404, grpc: grpcStatus.NOT_FOUND } as const;

/** Elections, terms, officers and what they have to do. */
export const committeeProblems = {
  'election-unknown': {
    ...unknown,
    title: { zh: '选举不存在', en: 'Unknown election' },
    detail: { zh: '没有找到所指的选举。', en: 'The election named was not found.' },
    remedy: {
      zh: '请在工会的选举记录中核对编号。',
      en: 'Check the id in the union’s list of elections.',
    },
  },
  'election-already-decided': {
    ...conflict,
    title: { zh: '选举结果已经审批', en: 'The election has been decided on' },
    detail: {
      zh: '该选举结果已批复或不予批复，不能再次审批。',
      en: 'The result was approved or turned down before; it cannot be decided on twice.',
    },
    remedy: {
      zh: '请查看选举的审批状态；需要重新报批的，请另行报告。',
      en: 'Look at the status of the election; report it anew where that is needed.',
    },
  },
  'election-kind-missing': {
    ...invalid,
    title: { zh: '未选择选举类型', en: 'The kind of election is missing' },
    detail: {
      zh: '报告选举结果须选择换届、补选、提前换届或延期换届。',
      en: 'A report names the kind: regular, by-election, early or late.',
    },
    remedy: { zh: '请选择选举类型后重新提交。', en: 'Choose the kind and submit again.' },
  },
  'election-empty': {
    ...invalid,
    title: { zh: '没有当选人员', en: 'Nobody was elected' },
    detail: {
      zh: '选举结果至少须有一个职务的当选人员。',
      en: 'A result holds at least one post with who was elected to it.',
    },
    remedy: { zh: '请填写当选人员后重新提交。', en: 'Enter who was elected and submit again.' },
  },
  'election-before-term': {
    ...conflict,
    title: { zh: '选举日期早于本届任期', en: 'The election lies before the present term' },
    detail: {
      zh: '选举日期须晚于本届任期的开始日期 {beganOn}。',
      en: 'The day of the election must be later than {beganOn}, when the present term began.',
    },
    remedy: {
      zh: '请核对选举日期；该次选举可能已经报批。',
      en: 'Check the day; the election may have been reported before.',
    },
  },
  'election-is-early': {
    ...conflict,
    title: { zh: '未到换届时间', en: 'The election was held before its time' },
    detail: {
      zh: '按期换届的选举日期应在 {opensOn} 至 {endsOn} 之间，此前选举属于提前换届。',
      en: 'A regular election is held between {opensOn} and {endsOn}; before that it is an early one.',
    },
    remedy: {
      zh: '请先经上级工会批准提前换届，再以提前换届报告结果。',
      en: 'Have the upper union allow an early election, and report the result as one.',
    },
  },
  'election-is-late': {
    ...conflict,
    title: { zh: '已过换届时间', en: 'The election was held after its time' },
    detail: {
      zh: '本届任期于 {endsOn} 届满，此后选举属于延期换届。',
      en: 'The term ended on {endsOn}; after that the election is a late one.',
    },
    remedy: {
      zh: '请先经上级工会批准延期换届，再以延期换届报告结果。',
      en: 'Have the upper union allow a late election, and report the result as one.',
    },
  },
  'election-is-regular': {
    ...conflict,
    title: { zh: '属于按期换届', en: 'The election was held in its time' },
    detail: {
      zh: '选举日期在 {opensOn} 至 {endsOn} 之间，属于按期换届。',
      en: 'The day of the election lies between {opensOn} and {endsOn}: it is a regular one.',
    },
    remedy: { zh: '请以换届选举报告结果。', en: 'Report the result as a regular election.' },
  },
  'election-exception-missing': {
    ...conflict,
    title: { zh: '未经批准提前或延期换届', en: 'No early or late election was allowed' },
    detail: {
      zh: '提前或延期换届须先经上级工会批准，目前没有有效的批准。',
      en: 'An early or late election needs the leave of an upper union beforehand, and none stands.',
    },
    remedy: {
      zh: '请先申请提前或延期换届，由上级工会批准。',
      en: 'Ask for an early or late election, and have an upper union allow it.',
    },
  },
  'election-exception-expired': {
    ...conflict,
    title: { zh: '已超过批准的换届期限', en: 'The election was held after the day allowed' },
    detail: {
      zh: '上级工会批准的换届期限为 {holdBy}，选举日期在此之后。',
      en: 'The upper union allowed an election up to {holdBy}; it was held after that day.',
    },
    remedy: {
      zh: '请重新申请，由上级工会批准新的期限。',
      en: 'Ask anew, and have the upper union allow a later day.',
    },
  },
  'election-exception-unknown': {
    ...unknown,
    title: { zh: '换届申请不存在', en: 'Unknown request for an early or late election' },
    detail: {
      zh: '没有找到所指的提前或延期换届申请。',
      en: 'The request for an early or late election was not found.',
    },
    remedy: { zh: '请核对申请编号。', en: 'Check the id of the request.' },
  },
  'election-exception-already-decided': {
    ...conflict,
    title: { zh: '换届申请已经审批', en: 'The request has been decided on' },
    detail: {
      zh: '该提前或延期换届申请已批准或不予批准，不能再次审批。',
      en: 'The request was allowed or turned down before; it cannot be decided on twice.',
    },
    remedy: { zh: '请查看申请的审批状态。', en: 'Look at the status of the request.' },
  },
  'election-exception-kind-invalid': {
    ...invalid,
    title: { zh: '申请类型不符', en: 'Only early and late elections are asked for' },
    detail: {
      zh: '申请类型须为提前换届或延期换届。',
      en: 'A request is for an early or a late election.',
    },
    remedy: { zh: '请选择提前或延期。', en: 'Choose early or late.' },
  },
  'election-exception-day-invalid': {
    ...conflict,
    title: { zh: '申请的换届期限不符合规定', en: 'The day asked for is not allowed' },
    detail: {
      zh: '换届期限须在 {earliest} 至 {latest} 之间。',
      en: 'The day by which the election is to be held must lie between {earliest} and {latest}.',
    },
    remedy: { zh: '请更正换届期限后重新提交。', en: 'Correct the day and submit again.' },
  },
  'term-missing': {
    ...conflict,
    title: { zh: '没有在任的委员会', en: 'No committee is in office' },
    detail: {
      zh: '该工会没有在任的委员会，此事项须在任期内办理。',
      en: 'The union has no committee in office, and this is done within a term.',
    },
    remedy: { zh: '请先报告选举结果。', en: 'Report an election first.' },
  },
  'term-rules-not-in-force': {
    ...conflict,
    title: { zh: '没有适用的换届规则', en: 'No rules of terms are in force' },
    detail: {
      zh: '选举日期没有适用于该类工会的任期和委员名额规则。',
      en: 'On that day no rules of terms and sizes hold for this type of union.',
    },
    remedy: {
      zh: '请核对选举日期，或请管理员补充规则数据。',
      en: 'Check the day, or have the administrator add the rules.',
    },
  },
  'term-years-not-allowed': {
    ...invalid,
    title: { zh: '任期年限不符合规定', en: 'The length of the term is not allowed' },
    detail: {
      zh: '该类工会每届任期应为 {allowed} 年。',
      en: 'For this type of union a term has {allowed} years.',
    },
    remedy: { zh: '请更正任期年限。', en: 'Correct the length of the term.' },
  },
  'body-size-not-allowed': {
    ...conflict,
    title: { zh: '委员人数不符合规定', en: 'The number of its members is not allowed' },
    detail: {
      zh: '该机构的委员人数应为 {minimum} 至 {maximum} 人。',
      en: 'This body has {minimum} to {maximum} members.',
    },
    remedy: { zh: '请核对当选人员。', en: 'Check who was elected.' },
  },
  'body-size-even': {
    ...conflict,
    title: { zh: '委员人数应为单数', en: 'The number of its members must be odd' },
    detail: {
      zh: '该机构的委员人数应为单数。',
      en: 'This body has an odd number of members.',
    },
    remedy: { zh: '请核对当选人员。', en: 'Check who was elected.' },
  },
  'committee-required': {
    ...conflict,
    title: { zh: '应当设立委员会', en: 'A committee is required' },
    detail: {
      zh: '会员 {members} 人以上的工会应当设立委员会，不能只设主席或组织员一人。',
      en: 'A union with {members} members or more elects a committee, not one organiser alone.',
    },
    remedy: { zh: '请选举委员会后重新报告。', en: 'Elect a committee and report again.' },
  },
  'post-not-of-body': {
    ...invalid,
    title: { zh: '职务与机构不符', en: 'The body has no such post' },
    detail: {
      zh: '所填职务不属于所填机构。',
      en: 'The post named does not belong to the body named.',
    },
    remedy: {
      zh: '主席、副主席属于委员会，经审主任属于经费审查委员会，女工主任属于女职工委员会。',
      en: 'Chair and vice chair belong to the committee, the audit chair to the audit committee, the women’s chair to the women workers’ committee.',
    },
  },
  'post-held-twice': {
    ...invalid,
    title: { zh: '同一人重复任职', en: 'Somebody stands twice in a body' },
    detail: {
      zh: '同一人在一个机构中只能担任一个职务。',
      en: 'Nobody holds two posts in one body.',
    },
    remedy: { zh: '请核对当选人员。', en: 'Check who was elected.' },
  },
  'post-not-single': {
    ...invalid,
    title: { zh: '主席或主任应为一人', en: 'A body has exactly one chair' },
    detail: {
      zh: '每个机构应有且只有一名主席或主任。',
      en: 'Each body that was elected has exactly one chair.',
    },
    remedy: { zh: '请核对当选人员的职务。', en: 'Check the posts of those elected.' },
  },
  'post-not-vacant': {
    ...conflict,
    title: { zh: '职务没有空缺', en: 'The post is not vacant' },
    detail: {
      zh: '补选只能补本届空缺的职务，所填职务没有空缺。',
      en: 'A by-election fills posts that are vacant in this term, and the one named is not.',
    },
    remedy: {
      zh: '请先报告去职，或以换届选举报告结果。',
      en: 'Report who ceased from the post first, or report a regular election.',
    },
  },
  'post-not-held': {
    ...conflict,
    title: { zh: '未担任该职务', en: 'The post is not held' },
    detail: {
      zh: '所指人员在本届没有担任该职务。',
      en: 'The person named does not hold the post in this term.',
    },
    remedy: { zh: '请核对人员和职务。', en: 'Check the person and the post.' },
  },
  'chair-audits-self': {
    ...conflict,
    title: { zh: '主席不得担任经审委员', en: 'The chair cannot audit' },
    detail: {
      zh: '工会主席不得担任同级经费审查委员会委员。',
      en: 'The chair of the union cannot be a member of its audit committee.',
    },
    remedy: { zh: '请核对当选人员。', en: 'Check who was elected.' },
  },
  'officer-not-a-member': {
    ...conflict,
    title: { zh: '当选人员不是本会会员', en: 'Somebody elected is not a member' },
    detail: {
      zh: '当选人员须为该工会的在册会员，其中 {number} 人不是。',
      en: 'Those elected must be live members of the union, and {number} of them are not.',
    },
    remedy: {
      zh: '请核对会员编号，或先办理入会、转会。',
      en: 'Check the ids, or have them join or transfer first.',
    },
  },
  'approval-day-invalid': {
    ...conflict,
    title: { zh: '批复日期不符', en: 'The day of the approval is not possible' },
    detail: {
      zh: '批复日期须在 {earliest} 至 {latest} 之间。',
      en: 'The day of the approval must lie between {earliest} and {latest}.',
    },
    remedy: { zh: '请按批复文件更正日期。', en: 'Correct it as the approval document has it.' },
  },
  'vacancy-cause-missing': {
    ...invalid,
    title: { zh: '未选择去职原因', en: 'The cause is missing' },
    detail: {
      zh: '报告去职须选择原因。',
      en: 'A report that somebody ceased from a post names the cause.',
    },
    remedy: { zh: '请选择原因后重新提交。', en: 'Choose the cause and submit again.' },
  },
  'duty-unknown': {
    ...unknown,
    title: { zh: '待办不存在', en: 'Unknown duty' },
    detail: {
      zh: '没有找到所指的未办结事项。',
      en: 'The open duty named was not found.',
    },
    remedy: {
      zh: '请在待办列表中核对；该事项可能已经办结或移交。',
      en: 'Check the list of duties; it may have been done or handed over.',
    },
  },
  'duty-title-invalid': {
    ...invalid,
    title: { zh: '事项代码不符', en: 'The code of the duty is not valid' },
    detail: {
      zh: '事项代码由小写字母、数字和连字符组成，以字母开头，不超过 {maximum} 个字符。',
      en: 'The code holds small letters, digits and hyphens, begins with a letter, and has {maximum} characters at most.',
    },
    remedy: { zh: '请更正事项代码。', en: 'Correct the code.' },
  },
} as const satisfies Record<string, ProblemDefinition>;
