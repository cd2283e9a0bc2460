export { welfareModule } from './service.ts';
