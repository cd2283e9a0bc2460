import { grpcStatus, type ProblemDefinition } from './problem.ts';

/** Inboxes of unions and members. */
export const noticeProblems = {
  'notice-unknown': {
    http: 404,
    grpc: grpcStatus.NOT_FOUND,
    title: { zh: '通知不存在', en: 'Unknown notice' },
    detail: { zh: '没有找到所指的通知。', en: 'The notice named was not found.' },
    remedy: { zh: '请刷新收件箱后重试。', en: 'Read the inbox again and retry.' },
  },
  'reader-not-recipient': {
    http: 403,
    grpc: grpcStatus.PERMISSION_DENIED,
    title: { zh: '不是收件人', en: 'Not the recipient' },
    detail: {
      zh: '该通知不是发给您的，不能代为标记。',
      en: 'The notice is not addressed to you and cannot be marked on the recipient’s behalf.',
    },
    remedy: {
      zh: '请在本人或本工会的收件箱中操作。',
      en: 'Work in your own inbox or in that of your union.',
    },
  },
} as const satisfies Record<string, ProblemDefinition>;
