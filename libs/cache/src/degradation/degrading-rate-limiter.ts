import { CacheUnavailableError } from '../cache-unavailable-error.ts';
import { MemoryRateLimiter } from '../memory-rate-limiter.ts';
import type { RateDecision, RateLimit, RateLimiter } from '../rate-limiter.ts';

/**
 * A rate limiter that may be gone: then this process counts for itself, so that with n processes a caller may take up
 * to n times as much, and no caller is let through without a limit or turned away without a reason.
 */
export class DegradingRateLimiter implements RateLimiter {
  readonly #inner: RateLimiter;
  readonly #own: RateLimiter;

  /** @param own what counts while the inner one is gone */
  constructor(inner: RateLimiter, own: RateLimiter = new MemoryRateLimiter()) {
    this.#inner = inner;
    this.#own = own;
  }

  async take(key: string, limit: RateLimit, cost?: number): Promise<RateDecision> {
    try {
      return await this.#inner.take(key, limit, cost);
    } catch (error) {
      if (!(error instanceof CacheUnavailableError)) throw error;
      return await this.#own.take(key, limit, cost);
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#inner.close(), this.#own.close()]);
  }
}
