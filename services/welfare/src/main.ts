import { runService } from '@unionfold/service-kit';
import { welfareModule } from './service.ts';

await runService(welfareModule);
