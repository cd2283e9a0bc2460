export { organizationsModule } from './service.ts';
