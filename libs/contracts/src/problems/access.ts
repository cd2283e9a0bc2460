import { grpcStatus, type ProblemDefinition } from './problem.ts';

/** Who asks, and what they may see and do. */
export const accessProblems = {
  unauthenticated: {
    http: 401,
    grpc: grpcStatus.UNAUTHENTICATED,
    title: { zh: '未登录', en: 'Not signed in' },
    detail: {
      zh: '此请求须附带有效的访问令牌。',
      en: 'This request needs a valid access token.',
    },
    remedy: {
      zh: '请登录后在 Authorization 请求头中附带 Bearer 令牌。',
      en: 'Sign in and send a Bearer token in the Authorization header.',
    },
  },
  'token-malformed': {
    http: 401,
    grpc: grpcStatus.UNAUTHENTICATED,
    title: { zh: '访问令牌无效', en: 'The access token is invalid' },
    detail: {
      zh: '访问令牌的格式或签名不正确，无法确认身份。',
      en: 'The form or the signature of the access token is wrong; the caller cannot be identified.',
    },
    remedy: { zh: '请重新登录以取得新的令牌。', en: 'Sign in again to get a new token.' },
  },
  'token-expired': {
    http: 401,
    grpc: grpcStatus.UNAUTHENTICATED,
    title: { zh: '登录已过期', en: 'The sign-in has expired' },
    detail: { zh: '访问令牌已超过有效期。', en: 'The access token is past its expiry.' },
    remedy: { zh: '请重新登录。', en: 'Sign in again.' },
  },
  forbidden: {
    http: 403,
    grpc: grpcStatus.PERMISSION_DENIED,
    title: { zh: '没有权限', en: 'Not permitted' },
    detail: {
      zh: '您的岗位无权办理此事项。',
      en: 'Your role does not permit this action.',
    },
    remedy: {
      zh: '请由具备相应权限的人员办理，或向本级工会管理员申请授权。',
      en: 'Have it done by somebody with the role, or ask the administrator of your union for it.',
    },
  },
  'outside-jurisdiction': {
    http: 403,
    grpc: grpcStatus.PERMISSION_DENIED,
    title: { zh: '超出管辖范围', en: 'Outside your jurisdiction' },
    detail: {
      zh: '此事项涉及的工会不是您所在的工会，也不在其下级之列。',
      en: 'The union concerned is neither your own nor below it.',
    },
    remedy: {
      zh: '请由该工会或其上级工会办理。',
      en: 'Leave the matter to that union or one above it.',
    },
  },
  'account-unknown': {
    http: 404,
    grpc: grpcStatus.NOT_FOUND,
    title: { zh: '账号不存在', en: 'Unknown account' },
    detail: {
      zh: '没有登记这个登录账号。',
      en: 'No account of this name is registered.',
    },
    remedy: {
      zh: '可用的账号见 GET /api/v1/sign-in。',
      en: 'GET /api/v1/sign-in lists the accounts.',
    },
  },
  'too-many-requests': {
    http: 429,
    grpc: grpcStatus.RESOURCE_EXHAUSTED,
    title: { zh: '请求过于频繁', en: 'Too many requests' },
    detail: {
      zh: '请求次数已超过限额，请于 {seconds} 秒后再试。',
      en: 'The limit of requests has been exceeded; try again in {seconds} seconds.',
    },
    remedy: {
      zh: '请按 Retry-After 响应头等待，并降低请求频率。',
      en: 'Wait as the Retry-After header says, and send fewer requests.',
    },
  },
} as const satisfies Record<string, ProblemDefinition>;
