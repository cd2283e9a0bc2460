import { grpcStatus, type ProblemDefinition } from './problem.ts';

/** The form of a request: its body, fields, tokens and keys. */
export const requestProblems = {
  'malformed-json': {
    http: 400,
    grpc: grpcStatus.INVALID_ARGUMENT,
    title: { zh: 'JSON 格式错误', en: 'Malformed JSON' },
    detail: {
      zh: '请求正文不是合法的 JSON，无法解析。',
      en: 'The request body is not valid JSON and cannot be parsed.',
    },
    remedy: {
      zh: '请按 RFC 8259 检查引号、逗号和括号，并以 UTF-8 编码重新提交。',
      en: 'Check quotes, commas and brackets against RFC 8259, and send the body again in UTF-8.',
    },
  },
  'validation-failed': {
    http: 422,
    grpc: grpcStatus.INVALID_ARGUMENT,
    title: { zh: '请求内容未通过校验', en: 'The request did not pass validation' },
    detail: {
      zh: '请求中有 {count} 处内容不符合要求，未作任何变更。',
      en: 'The request does not meet the requirements in {count} place(s); nothing was changed.',
    },
    remedy: {
      zh: '请按 errors 中逐项列出的字段和原因修改后重新提交。',
      en: 'Correct the fields listed with their reasons under errors, and submit again.',
    },
  },
  'field-missing': {
    http: 422,
    grpc: grpcStatus.INVALID_ARGUMENT,
    title: { zh: '缺少必填项', en: 'A required field is missing' },
    detail: { zh: '字段 {field} 为必填项。', en: 'The field {field} is required.' },
    remedy: { zh: '请填写该字段后重新提交。', en: 'Fill in the field and submit again.' },
  },
  'field-type-wrong': {
    http: 422,
    grpc: grpcStatus.INVALID_ARGUMENT,
    title: { zh: '字段类型不符', en: 'A field has the wrong type' },
    detail: {
      zh: '字段 {field} 的类型应为 {expected}。',
      en: 'The field {field} must be of type {expected}.',
    },
    remedy: {
      zh: '请对照接口文档修改该字段的类型。',
      en: 'Give the field the type that the API document states.',
    },
  },
  'field-out-of-range': {
    http: 422,
    grpc: grpcStatus.INVALID_ARGUMENT,
    title: { zh: '字段取值超出范围', en: 'A field is out of range' },
    detail: {
      zh: '字段 {field} 的取值应在 {minimum} 至 {maximum} 之间。',
      en: 'The field {field} must lie between {minimum} and {maximum}.',
    },
    remedy: { zh: '请在允许的范围内取值。', en: 'Use a value within the range.' },
  },
  'field-value-not-allowed': {
    http: 422,
    grpc: grpcStatus.INVALID_ARGUMENT,
    title: { zh: '字段取值不在允许范围内', en: 'A field has a value that is not allowed' },
    detail: {
      zh: '字段 {field} 只能取下列值之一：{allowed}。',
      en: 'The field {field} takes one of these values only: {allowed}.',
    },
    remedy: { zh: '请改用所列的取值。', en: 'Use one of the values listed.' },
  },
  'field-format-wrong': {
    http: 422,
    grpc: grpcStatus.INVALID_ARGUMENT,
    title: { zh: '字段格式不符', en: 'A field has the wrong format' },
    detail: {
      zh: '字段 {field} 的格式应为 {expected}。',
      en: 'The field {field} must have the format {expected}.',
    },
    remedy: {
      zh: '请对照接口文档修改该字段的格式。',
      en: 'Give the field the format that the API document states.',
    },
  },
  'text-too-long': {
    http: 422,
    grpc: grpcStatus.INVALID_ARGUMENT,
    title: { zh: '文字过长', en: 'The text is too long' },
    detail: {
      zh: '字段 {field} 最多 {maximum} 个字符。',
      en: 'The field {field} holds at most {maximum} characters.',
    },
    remedy: { zh: '请精简文字后重新提交。', en: 'Shorten the text and submit again.' },
  },
  'reason-missing': {
    http: 422,
    grpc: grpcStatus.INVALID_ARGUMENT,
    title: { zh: '未填写事由', en: 'The reason is missing' },
    detail: {
      zh: '办理此事项须写明事由，以备查考。',
      en: 'This action needs a reason, which is kept on record.',
    },
    remedy: { zh: '请填写事由后重新提交。', en: 'State the reason and submit again.' },
  },
  'unknown-field': {
    http: 422,
    grpc: grpcStatus.INVALID_ARGUMENT,
    title: { zh: '存在未定义的字段', en: 'Unknown field' },
    detail: {
      zh: '接口没有定义字段 {field}。为避免误填的内容被忽略，请求未予受理。',
      en: 'The interface does not define the field {field}. The request was refused, so that no misspelt field is ignored.',
    },
    remedy: {
      zh: '请对照接口文档核对字段名称，删除或更正该字段。',
      en: 'Check the name against the API document, and remove or correct the field.',
    },
  },
  'body-too-large': {
    http: 413,
    grpc: grpcStatus.RESOURCE_EXHAUSTED,
    title: { zh: '请求正文过大', en: 'The request body is too large' },
    detail: {
      zh: '请求正文超过 {limitBytes} 字节的上限。',
      en: 'The request body exceeds the limit of {limitBytes} bytes.',
    },
    remedy: { zh: '请拆分后分次提交。', en: 'Split the content and submit it in parts.' },
  },
  'request-malformed': {
    http: 400,
    grpc: grpcStatus.INVALID_ARGUMENT,
    title: { zh: '请求不符合 HTTP 规范', en: 'The request is not valid HTTP' },
    detail: {
      zh: '请求行、请求头或正文的分块无法按 HTTP 规范解析，连接已关闭，未作任何变更。',
      en: 'The request line, a header or the framing of the body cannot be read as HTTP; the connection was closed and nothing was changed.',
    },
    remedy: {
      zh: '请按 RFC 9112 检查客户端发出的内容，并确认没有代理改动请求。',
      en: 'Check what the client sends against RFC 9112, and whether a proxy changes it on the way.',
    },
  },
  'request-headers-too-large': {
    http: 431,
    grpc: grpcStatus.RESOURCE_EXHAUSTED,
    title: { zh: '请求头过大', en: 'The request headers are too large' },
    detail: {
      zh: '请求地址和请求头合计超过 {limitBytes} 字节的上限。',
      en: 'The address and the headers of the request together exceed the limit of {limitBytes} bytes.',
    },
    remedy: {
      zh: '请缩短地址，并去掉不需要的请求头和 Cookie。',
      en: 'Shorten the address, and leave out headers and cookies that are not needed.',
    },
  },
  'request-timed-out': {
    http: 408,
    grpc: grpcStatus.ABORTED,
    title: { zh: '请求未在时限内发完', en: 'The request did not arrive in time' },
    detail: {
      zh: '请求未在时限内完整到达，连接已关闭，未作任何变更。',
      en: 'The request did not arrive whole within the time allowed; the connection was closed and nothing was changed.',
    },
    remedy: {
      zh: '请检查网络后重新提交；内容较多时请拆分。',
      en: 'Check the network and submit again; split the content if there is much of it.',
    },
  },
  'unsupported-media-type': {
    http: 415,
    grpc: grpcStatus.INVALID_ARGUMENT,
    title: { zh: '不支持的内容类型', en: 'Unsupported media type' },
    detail: {
      zh: '此接口只接受 {supported} 类型的正文。',
      en: 'This resource accepts bodies of type {supported} only.',
    },
    remedy: {
      zh: '请设置正确的 Content-Type 请求头后重新提交。',
      en: 'Set the Content-Type header accordingly and submit again.',
    },
  },
  'not-found': {
    http: 404,
    grpc: grpcStatus.NOT_FOUND,
    title: { zh: '未找到', en: 'Not found' },
    detail: {
      zh: '所请求的内容不存在，或不在您的管辖范围内。',
      en: 'What was asked for does not exist, or lies outside your jurisdiction.',
    },
    remedy: {
      zh: '请核对地址和编号；确需查阅的，请联系上级工会。',
      en: 'Check the address and the id; if you need access, ask your upper union.',
    },
  },
  'method-not-allowed': {
    http: 405,
    grpc: grpcStatus.UNIMPLEMENTED,
    title: { zh: '不允许的请求方法', en: 'Method not allowed' },
    detail: {
      zh: '此地址只接受下列方法：{allowed}。',
      en: 'This resource accepts the following methods only: {allowed}.',
    },
    remedy: {
      zh: '请对照接口文档改用正确的方法。',
      en: 'Use the method that the API document states.',
    },
  },
  'idempotency-key-invalid': {
    http: 400,
    grpc: grpcStatus.INVALID_ARGUMENT,
    title: { zh: '幂等键无效', en: 'The idempotency key is invalid' },
    detail: {
      zh: 'Idempotency-Key 须为 1 至 {maximum} 个可见 ASCII 字符。',
      en: 'Idempotency-Key must consist of 1 to {maximum} visible ASCII characters.',
    },
    remedy: {
      zh: '请为每项业务生成一个新的键，例如 UUID。',
      en: 'Make a new key for every operation, for instance a UUID.',
    },
  },
  'idempotency-key-reused': {
    http: 422,
    grpc: grpcStatus.FAILED_PRECONDITION,
    title: {
      zh: '幂等键已用于其他请求',
      en: 'The idempotency key was used for another request',
    },
    detail: {
      zh: '该幂等键先前已随另一内容的请求提交，本次请求未予受理。',
      en: 'The key was submitted before with a request of different content; this request was not carried out.',
    },
    remedy: {
      zh: '重试同一请求时请保持内容不变；新的请求请使用新的键。',
      en: 'Keep the content unchanged when retrying; use a new key for a new request.',
    },
  },
  'idempotency-key-in-progress': {
    http: 409,
    grpc: grpcStatus.ABORTED,
    title: { zh: '相同请求正在办理', en: 'The same request is being carried out' },
    detail: {
      zh: '带有同一幂等键的请求尚在办理中，结果未定。',
      en: 'A request with the same idempotency key is still being carried out; its result is not known yet.',
    },
    remedy: {
      zh: '请稍后以同一幂等键重试，即可取得首次办理的结果。',
      en: 'Retry later with the same key to get the result of the first request.',
    },
  },
  'version-conflict': {
    http: 409,
    grpc: grpcStatus.ABORTED,
    title: { zh: '版本已过期', en: 'The version is stale' },
    detail: {
      zh: '您依据的是第 {expected} 版，而当前已是第 {actual} 版，他人已先行变更。',
      en: 'You worked from version {expected}, but the current one is {actual}: somebody else has made a change.',
    },
    remedy: {
      zh: '请重新读取最新内容，确认后再提交。',
      en: 'Read the current state again, check it, and submit again.',
    },
  },
  'concurrent-change': {
    http: 409,
    grpc: grpcStatus.ABORTED,
    title: { zh: '并发变更冲突', en: 'Concurrent changes' },
    detail: {
      zh: '同一对象正在被频繁变更，多次重试仍未成功，未作任何变更。',
      en: 'The same object is being changed so often that the retries were used up; nothing was changed.',
    },
    remedy: { zh: '请稍后重新提交。', en: 'Submit again a little later.' },
  },
  'page-token-invalid': {
    http: 400,
    grpc: grpcStatus.INVALID_ARGUMENT,
    title: { zh: '分页标记无效', en: 'The page token is invalid' },
    detail: {
      zh: '分页标记不是由本接口在相同条件下给出的。',
      en: 'The page token was not given by this resource for the same conditions.',
    },
    remedy: {
      zh: '请去掉分页标记，从第一页重新查询。',
      en: 'Leave the token out and start again from the first page.',
    },
  },
  'position-token-invalid': {
    http: 400,
    grpc: grpcStatus.INVALID_ARGUMENT,
    title: { zh: '位置标记无效', en: 'The position token is invalid' },
    detail: {
      zh: '位置标记无法识别，或不是由本平台给出的。',
      en: 'The position token cannot be read, or was not given by this platform.',
    },
    remedy: {
      zh: '请原样使用提交变更后返回的位置标记。',
      en: 'Use the token exactly as the accepted command returned it.',
    },
  },
} as const satisfies Record<string, ProblemDefinition>;
