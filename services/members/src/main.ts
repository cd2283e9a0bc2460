import { runService } from '@unionfold/service-kit';
import { membersModule } from './service.ts';

await runService(membersModule);
