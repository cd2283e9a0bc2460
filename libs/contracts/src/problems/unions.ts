import { grpcStatus, type ProblemDefinition } from './problem.ts';

const conflict = { http: 409, grpc: grpcStatus.FAILED_PRECONDITION } as const;
const invalid = { http: 422, grpc: grpcStatus.INVALID_ARGUMENT } as const;
const unknown = { http: 404, grpc: grpcStatus.NOT_FOUND } as const;
/** A thing named in a command, rather than the one the command is for, does not exist. */
const unknownReference = { http: 422, grpc: grpcStatus.FAILED_PRECONDITION } as const;

/** Establishing, approving, renaming, moving and dissolving unions; the resources they share. */
export const unionProblems = {
  'union-unknown': {
    ...unknown,
    title: { zh: '工会不存在', en: 'Unknown union' },
    detail: {
      zh: '没有找到所指的工会。',
      en: 'The union named was not found.',
    },
    remedy: {
      zh: '请在工会名录中核对编号。',
      en: 'Check the id in the directory of unions.',
    },
  },
  'union-not-live': {
    ...conflict,
    title: { zh: '工会尚未批复成立', en: 'The union has not been approved yet' },
    detail: {
      zh: '该工会尚待上级工会批复，批复前不能办理此事项。',
      en: 'The union still waits for the approval of its upper union; until then this cannot be done.',
    },
    remedy: {
      zh: '请先由上级工会批复成立。',
      en: 'Have the upper union approve the establishment first.',
    },
  },
  'union-dissolved': {
    ...conflict,
    title: { zh: '工会已撤销', en: 'The union has been dissolved' },
    detail: {
      zh: '该工会已撤销，不能再办理业务。',
      en: 'The union has been dissolved; nothing more can be done in its name.',
    },
    remedy: {
      zh: '请到接续的工会办理。',
      en: 'Turn to the union that succeeded it.',
    },
  },
  'union-already-approved': {
    ...conflict,
    title: { zh: '工会已经批复', en: 'The union is approved already' },
    detail: {
      zh: '该工会已经上级工会批复成立，无须重复批复。',
      en: 'The upper union has approved this union before; it cannot be approved twice.',
    },
    remedy: {
      zh: '请核对工会编号和批复文号。',
      en: 'Check the id of the union and the number of the approval document.',
    },
  },
  'union-type-missing': {
    ...invalid,
    title: { zh: '未选择工会类型', en: 'The type of the union is missing' },
    detail: {
      zh: '成立工会须选择工会类型。',
      en: 'The type of the union is required to establish it.',
    },
    remedy: { zh: '请选择工会类型后重新提交。', en: 'Choose the type and submit again.' },
  },
  'national-federation-exists': {
    ...conflict,
    title: { zh: '全国总工会已存在', en: 'The national federation exists' },
    detail: {
      zh: '工会组织体系只有一个全国总工会，不能另行成立。',
      en: 'The tree of unions has one national federation; a second one cannot be established.',
    },
    remedy: {
      zh: '请选择其他工会类型，并指定上级工会。',
      en: 'Choose another type, and name the upper union.',
    },
  },
  'national-federation-fixed': {
    ...conflict,
    title: {
      zh: '全国总工会不得变更隶属或撤销',
      en: 'The national federation cannot be moved or dissolved',
    },
    detail: {
      zh: '全国总工会是工会组织体系的最高一级，没有上级工会。',
      en: 'The national federation stands at the top of the tree and has no upper union.',
    },
    remedy: { zh: '请核对所选工会。', en: 'Check which union was chosen.' },
  },
  'parent-required': {
    ...invalid,
    title: { zh: '未指定上级工会', en: 'The upper union is missing' },
    detail: {
      zh: '除全国总工会外，工会均须有地方隶属的上级工会。',
      en: 'Every union but the national federation needs an upper union on the territorial line.',
    },
    remedy: { zh: '请选择上级工会后重新提交。', en: 'Choose the upper union and submit again.' },
  },
  'parent-unknown': {
    ...unknownReference,
    title: { zh: '上级工会不存在', en: 'Unknown upper union' },
    detail: {
      zh: '没有找到所指定的上级工会。',
      en: 'The upper union named was not found.',
    },
    remedy: {
      zh: '请在工会名录中核对上级工会的编号。',
      en: 'Check the id of the upper union in the directory.',
    },
  },
  'parent-not-live': {
    ...conflict,
    title: { zh: '上级工会不在册', en: 'The upper union is not live' },
    detail: {
      zh: '所指定的上级工会尚未批复成立，或已经撤销。',
      en: 'The upper union named has not been approved yet, or has been dissolved.',
    },
    remedy: { zh: '请改选在册的上级工会。', en: 'Choose an upper union that is live.' },
  },
  'parent-level-not-allowed': {
    ...conflict,
    title: { zh: '隶属层级不符', en: 'The upper union has the wrong level' },
    detail: {
      zh: '此类型的工会不能隶属于所指定类型的上级工会。',
      en: 'A union of this type cannot stand below an upper union of the type named.',
    },
    remedy: {
      zh: '请按组织层级选择上级工会，例如县级总工会隶属于市级总工会。',
      en: 'Choose an upper union of the level above; a county federation, for instance, belongs below a municipal one.',
    },
  },
  'move-into-own-subtree': {
    ...conflict,
    title: { zh: '不能移入自己的下级', en: 'A union cannot move below itself' },
    detail: {
      zh: '新的上级工会是该工会自身或其下级工会，隶属关系将形成闭环。',
      en: 'The new upper union is the union itself or one below it; the tree would have a cycle.',
    },
    remedy: {
      zh: '请选择该工会下级以外的上级工会。',
      en: 'Choose an upper union outside the union’s own subtree.',
    },
  },
  'union-has-subordinates': {
    ...conflict,
    title: { zh: '尚有下级工会', en: 'The union still has subordinates' },
    detail: {
      zh: '该工会尚有下级工会，不能撤销。',
      en: 'The union still has subordinate unions and cannot be dissolved.',
    },
    remedy: {
      zh: '请先为全部下级工会变更隶属关系或办理撤销。',
      en: 'Move or dissolve all its subordinate unions first.',
    },
  },
  'successor-invalid': {
    ...conflict,
    title: { zh: '接续工会不符合要求', en: 'The successor is not suitable' },
    detail: {
      zh: '接续的工会须为在册工会，且不是被撤销的工会自身。',
      en: 'The successor must be a live union other than the one that is dissolved.',
    },
    remedy: {
      zh: '请改选接续工会，或留空由上级工会接续。',
      en: 'Choose another successor, or leave it empty and the upper union takes over.',
    },
  },
  'not-an-upper-union': {
    http: 403,
    grpc: grpcStatus.PERMISSION_DENIED,
    title: { zh: '不是上级工会', en: 'Not an upper union' },
    detail: {
      zh: '批复须由该工会的上级工会作出，所指工会不在其上级之列。',
      en: 'The decision belongs to an upper union of the union concerned, and the one named is none.',
    },
    remedy: {
      zh: '请由其上级工会办理。',
      en: 'Have it done by one of its upper unions.',
    },
  },
  'approval-document-missing': {
    ...invalid,
    title: { zh: '未填写批复文号', en: 'The approval document is missing' },
    detail: {
      zh: '批复成立须填写批复文号。',
      en: 'An approval needs the number of its document.',
    },
    remedy: {
      zh: '请按批复文件填写文号。',
      en: 'Enter the number as it stands on the approval document.',
    },
  },
  'credit-code-taken': {
    http: 409,
    grpc: grpcStatus.ALREADY_EXISTS,
    title: {
      zh: '统一社会信用代码已被登记',
      en: 'The social credit code is registered already',
    },
    detail: {
      zh: '该统一社会信用代码已登记在另一个在册工会名下。',
      en: 'The unified social credit code is registered for another live union.',
    },
    remedy: {
      zh: '请核对代码；确属本工会的，请联系上级工会更正原登记。',
      en: 'Check the code; if it is yours, ask the upper union to correct the other registration.',
    },
  },
  'resource-unknown': {
    ...unknown,
    title: { zh: '共享资源不存在', en: 'Unknown resource' },
    detail: {
      zh: '没有找到所指的共享资源。',
      en: 'The shared resource named was not found.',
    },
    remedy: {
      zh: '请在共享资源目录中核对编号。',
      en: 'Check the id in the catalogue of shared resources.',
    },
  },
  'resource-withdrawn': {
    ...conflict,
    title: { zh: '共享资源已撤回', en: 'The resource has been withdrawn' },
    detail: {
      zh: '该资源已由提供方撤回，不再共享。',
      en: 'The union that offered the resource has withdrawn it.',
    },
    remedy: {
      zh: '请在共享资源目录中另行选择。',
      en: 'Choose another one from the catalogue of shared resources.',
    },
  },
  'resource-not-owned': {
    http: 403,
    grpc: grpcStatus.PERMISSION_DENIED,
    title: { zh: '不是资源提供方', en: 'Not the owner of the resource' },
    detail: {
      zh: '此事项只能由提供该资源的工会办理。',
      en: 'This can be done only by the union that offers the resource.',
    },
    remedy: { zh: '请由提供方办理。', en: 'Have it done by the owner.' },
  },
  'resource-kind-missing': {
    ...invalid,
    title: { zh: '未选择资源类别', en: 'The kind of resource is missing' },
    detail: {
      zh: '提供共享资源须选择资源类别。',
      en: 'The kind of the resource is required to offer it.',
    },
    remedy: { zh: '请选择资源类别后重新提交。', en: 'Choose the kind and submit again.' },
  },
  'resource-audience-missing': {
    ...invalid,
    title: { zh: '未选择共享范围', en: 'The audience is missing' },
    detail: {
      zh: '提供共享资源须选择向哪些工会共享。',
      en: 'Offering a resource needs the audience it is offered to.',
    },
    remedy: { zh: '请选择共享范围后重新提交。', en: 'Choose the audience and submit again.' },
  },
} as const satisfies Record<string, ProblemDefinition>;
