import { grpcStatus, type ProblemDefinition } from './problem.ts';

/** The platform itself: services, read models, consumers and the data folder. */
export const platformProblems = {
  'service-unavailable': {
    http: 503,
    grpc: grpcStatus.UNAVAILABLE,
    title: { zh: '服务暂不可用', en: 'The service is unavailable' },
    detail: {
      zh: '{service} 服务暂时无法应答。已受理的业务不会丢失；本次请求是否已受理尚不确定。',
      en: 'The service {service} does not answer at present. Nothing that was accepted is lost; whether this request was accepted is not known.',
    },
    remedy: {
      zh: '请按 Retry-After 响应头等待后，以同一幂等键重试。',
      en: 'Wait as the Retry-After header says, then retry with the same idempotency key.',
    },
  },
  'read-model-behind': {
    http: 503,
    grpc: grpcStatus.UNAVAILABLE,
    title: { zh: '查询数据尚未更新', en: 'The read model is behind' },
    detail: {
      zh: '变更已受理，但在 {seconds} 秒内尚未体现到查询数据中。',
      en: 'The change was accepted, but did not reach the read model within {seconds} seconds.',
    },
    remedy: {
      zh: '请稍后重新查询，无须再次提交变更。',
      en: 'Query again a little later; do not submit the change again.',
    },
  },
  'internal-error': {
    http: 500,
    grpc: grpcStatus.INTERNAL,
    title: { zh: '系统内部错误', en: 'Internal error' },
    detail: {
      zh: '系统发生未预期的错误，已记录在案，编号 {traceId}。',
      en: 'An unexpected error occurred; it was recorded under {traceId}.',
    },
    remedy: {
      zh: '请稍后重试；如反复出现，请将编号告知运维人员。',
      en: 'Retry later; if it happens again, tell the operators the number.',
    },
  },
  'projection-unknown': {
    http: 404,
    grpc: grpcStatus.NOT_FOUND,
    title: { zh: '投影不存在', en: 'Unknown projection' },
    detail: {
      zh: '没有名为 {projection} 的投影。',
      en: 'There is no projection named {projection}.',
    },
    remedy: {
      zh: '请在消费者列表中核对名称。',
      en: 'Check the name in the list of consumers.',
    },
  },
  'projection-rebuild-running': {
    http: 409,
    grpc: grpcStatus.FAILED_PRECONDITION,
    title: { zh: '投影正在重建', en: 'A rebuild is running' },
    detail: {
      zh: '投影 {projection} 正在重建，不能重复启动。',
      en: 'The projection {projection} is being rebuilt; a second rebuild cannot start.',
    },
    remedy: {
      zh: '请等待当前重建完成，进度见消费者列表。',
      en: 'Wait for it to finish; the list of consumers shows its progress.',
    },
  },
  'consumer-unknown': {
    http: 404,
    grpc: grpcStatus.NOT_FOUND,
    title: { zh: '消费者不存在', en: 'Unknown consumer' },
    detail: {
      zh: '没有名为 {consumer} 的消费者。',
      en: 'There is no consumer named {consumer}.',
    },
    remedy: {
      zh: '请在消费者列表中核对名称。',
      en: 'Check the name in the list of consumers.',
    },
  },
  'dead-letter-unknown': {
    http: 404,
    grpc: grpcStatus.NOT_FOUND,
    title: { zh: '死信不存在', en: 'Unknown dead letter' },
    detail: {
      zh: '消费者 {consumer} 在该流中没有待处理的死信。',
      en: 'The consumer {consumer} has no dead letters of that stream.',
    },
    remedy: {
      zh: '请刷新死信列表；该死信可能已被重新处理。',
      en: 'Read the list of dead letters again; it may have been handled in the meantime.',
    },
  },
  'data-folder-foreign': {
    http: 503,
    grpc: grpcStatus.FAILED_PRECONDITION,
    title: { zh: '数据目录不属于本平台', en: 'The data folder belongs to something else' },
    detail: {
      zh: '数据目录中已有其他程序的文件（{found}），未作任何改动。',
      en: 'The data folder already holds files of another program ({found}); nothing was changed.',
    },
    remedy: {
      zh: '请将 DATA_DIR 指向空目录或本平台的数据目录。',
      en: 'Point DATA_DIR to an empty folder or to one of this platform.',
    },
  },
  'data-folder-corrupt': {
    http: 503,
    grpc: grpcStatus.DATA_LOSS,
    title: { zh: '数据目录已损坏', en: 'The data folder is damaged' },
    detail: {
      zh: '数据文件 {file} 未通过完整性检查，平台拒绝启动，未作任何改动。',
      en: 'The data file {file} did not pass the integrity check; the platform does not start, and nothing was changed.',
    },
    remedy: {
      zh: '请先完整备份该目录，再从最近的备份恢复；切勿直接删除。',
      en: 'Copy the whole folder first, then restore the latest backup; do not simply delete it.',
    },
  },
  'data-folder-newer': {
    http: 503,
    grpc: grpcStatus.FAILED_PRECONDITION,
    title: {
      zh: '数据目录由更新的版本写入',
      en: 'The data folder was written by a newer version',
    },
    detail: {
      zh: '数据格式为第 {found} 版，本程序最高支持第 {supported} 版。',
      en: 'The data has format {found}; this program knows formats up to {supported}.',
    },
    remedy: {
      zh: '请使用不低于写入版本的程序启动。',
      en: 'Start a version of the program that is at least as new as the one that wrote it.',
    },
  },
  'data-folder-in-use': {
    http: 503,
    grpc: grpcStatus.FAILED_PRECONDITION,
    title: { zh: '数据目录正在使用', en: 'The data folder is in use' },
    detail: {
      zh: '另一个进程（{pid}）正在使用该数据目录。',
      en: 'Another process ({pid}) is using the data folder.',
    },
    remedy: {
      zh: '请先停止该进程，或将 DATA_DIR 指向其他目录。',
      en: 'Stop that process first, or point DATA_DIR to another folder.',
    },
  },
  'data-folder-not-writable': {
    http: 503,
    grpc: grpcStatus.FAILED_PRECONDITION,
    title: { zh: '数据目录不可写', en: 'The data folder cannot be written' },
    detail: {
      zh: '无法写入数据目录（{reason}）。',
      en: 'The data folder cannot be written ({reason}).',
    },
    remedy: {
      zh: '请检查目录权限和磁盘剩余空间。',
      en: 'Check the permissions of the folder and the space left on the disk.',
    },
  },
} as const satisfies Record<string, ProblemDefinition>;
