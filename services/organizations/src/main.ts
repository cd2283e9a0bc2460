import { runService } from '@unionfold/service-kit';
import { organizationsModule } from './service.ts';

await runService(organizationsModule);
