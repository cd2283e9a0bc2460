import type { RateLimit, RateLimiter } from '@unionfold/cache';
import { refuse } from '@unionfold/contracts/problems';
import { blindIndex, type MasterKey } from '@unionfold/privacy';
import type { Api } from './exchange.ts';
import { Refused } from './refused.ts';

/**
 * Limits how many requests a caller may send; those without a sign-in share the limit of their address, of which the
 * limiter is told a keyed hash: it says where somebody is.
 */
export function limitRates(
  api: Api,
  limiter: RateLimiter,
  limit: RateLimit,
  masterKey: MasterKey,
): void {
  api.addHook('onRequest', async (request) => {
    const who =
      request.caller?.subject ?? `address:${blindIndex(masterKey, 'address', request.ip)}`;
    const { allowed, retryAfterMs } = await limiter.take(`http:${who}`, limit);
    if (allowed) return;
    const seconds = Math.max(1, Math.ceil(retryAfterMs / 1_000));
    throw new Refused(refuse('too-many-requests', { params: { seconds } }), seconds);
  });
}
