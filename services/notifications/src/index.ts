export { notificationsModule } from './service.ts';
