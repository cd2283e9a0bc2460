import { LRUCache } from 'lru-cache';
import { type Clock, monotonicClock } from './clock.ts';
import {
  type RateDecision,
  type RateLimit,
  type RateLimiter,
  takeFromBucket,
} from './rate-limiter.ts';

/** Bounds of a {@link MemoryRateLimiter}. */
export interface MemoryRateLimiterOptions {
  /**
   * Buckets remembered; the least recently used go first, and a forgotten bucket is full. A caller who keeps on asking
   * is never the least recently used. Default 100,000.
   */
  readonly maxKeys?: number;
  readonly now?: Clock;
}

const DEFAULT_MAX_KEYS = 100_000;

/** The rate limiter of one process. */
export class MemoryRateLimiter implements RateLimiter {
  readonly #fullAtUs: LRUCache<string, number>;
  readonly #now: Clock;

  constructor(options: MemoryRateLimiterOptions = {}) {
    this.#fullAtUs = new LRUCache({ max: options.maxKeys ?? DEFAULT_MAX_KEYS });
    this.#now = options.now ?? monotonicClock;
  }

  async take(key: string, limit: RateLimit, cost = 1): Promise<RateDecision> {
    const nowUs = Math.floor(this.#now() * 1000);
    const { decision, fullAtUs } = takeFromBucket(limit, cost, this.#fullAtUs.get(key), nowUs);
    this.#fullAtUs.set(key, fullAtUs);
    return decision;
  }

  async close(): Promise<void> {
    this.#fullAtUs.clear();
  }
}
