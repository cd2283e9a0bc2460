import type { ProjectionRunner } from '@unionfold/eventsourcing';
import type { KeyRing, MasterKey } from '@unionfold/privacy';
import type { Logger } from '@unionfold/service-kit';
import type { FastifyRequest } from 'fastify';
import { callerOf, queryOrigin } from './http/exchange.ts';
import type { Jurisdiction, Scope } from './jurisdiction/jurisdiction.ts';
import type { Services } from './services.ts';

/** What the routes work with. */
export interface GatewayContext {
  readonly services: Services;
  readonly federation: ProjectionRunner;
  readonly inbox: ProjectionRunner;
  readonly jurisdiction: Jurisdiction;
  readonly keys: KeyRing;
  readonly masterKey: MasterKey;
  readonly logger: Logger;
  readonly clock: () => Date;
}

/** The jurisdiction of a request's caller. */
export async function scopeOf(context: GatewayContext, request: FastifyRequest): Promise<Scope> {
  return await context.jurisdiction.scopeOf(callerOf(request), queryOrigin(request));
}
