import type { GatewayContext } from '../context.ts';
import type { Api } from '../http/exchange.ts';
import { dutyRoutes } from './duties.ts';
import { electionExceptionRoutes } from './election-exceptions.ts';
import { electionRoutes } from './elections.ts';
import { officerRoutes } from './officers.ts';

/** Committees and elections (委员会与换届选举). */
export function committeeRoutes(api: Api, context: GatewayContext): void {
  electionRoutes(api, context);
  electionExceptionRoutes(api, context);
  officerRoutes(api, context);
  dutyRoutes(api, context);
}
