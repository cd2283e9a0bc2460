import { runService } from '@unionfold/service-kit';
import { notificationsModule } from './service.ts';

await runService(notificationsModule);
