export { membersModule } from './service.ts';
