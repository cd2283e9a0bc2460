export { type NoticeTemplate, noticeTemplates } from './notice/templates.ts';
export { notificationsModule } from './service.ts';
