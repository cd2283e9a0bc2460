import type { Api } from '../http/exchange.ts';
import { callerOf } from '../http/exchange.ts';
import { refused } from '../http/refused.ts';
import type { Caller } from './caller.ts';

/** Reads a bearer token, or ends the request. */
export type TokenReader = (token: string) => Promise<Caller>;

const bearer = /^Bearer +([\w.~+/=-]+) *$/i;

/** Puts every route of this server behind the sign-in, and behind the roles that it names. */
export function requireSignIn(api: Api, readToken: TokenReader): void {
  api.addHook('onRequest', async (request) => {
    const { authorization } = request.headers;
    if (authorization === undefined) throw refused('unauthenticated');
    const [, token] = bearer.exec(authorization) ?? [];
    if (token === undefined) throw refused('token-malformed');
    request.caller = await readToken(token);
  });
  // After validation would tell those who may not call at all what the route takes; before the body is read.
  api.addHook('onRequest', async (request) => {
    const { roles } = request.routeOptions.config;
    if (roles !== undefined && !roles.includes(callerOf(request).role)) throw refused('forbidden');
  });
}
