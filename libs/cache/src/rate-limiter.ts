/** A token bucket: full at first, refilled steadily, emptied by takes. */
export interface RateLimit {
  /** Tokens that a full bucket holds: the largest burst. A whole number above zero. */
  readonly capacity: number;
  /** Above zero; fractions are allowed. The time of one token is rounded to whole microseconds. */
  readonly refillPerSecond: number;
}

/** What a take came to. */
export interface RateDecision {
  readonly allowed: boolean;
  /** Whole tokens left in the bucket now. */
  readonly remaining: number;
  /** Milliseconds after which the same take is allowed, if nobody else takes; 0 when it was allowed. */
  readonly retryAfterMs: number;
}

/**
 * The rate limiter port.
 *
 * Adapters hold: a take is atomic; one that is not allowed takes nothing; time is the store's own. Keys hold
 * pseudonyms, never a person's number or address in plain.
 */
export interface RateLimiter {
  /**
   * @param cost tokens to take, a whole number, default 1
   * @throws RangeError when the limit or the cost makes no sense: a cost above the capacity could never be allowed
   */
  take(key: string, limit: RateLimit, cost?: number): Promise<RateDecision>;
  close(): Promise<void>;
}

/** A take, decided. */
export interface BucketTake {
  readonly decision: RateDecision;
  /** When the bucket will be full, in microseconds: all there is to remember of it, and until when. */
  readonly fullAtUs: number;
}

/**
 * Decides one take. A bucket is remembered by the time at which it will be full again, so that a full one needs no
 * memory, and a record may expire at that time.
 *
 * Times are whole microseconds, so that every sum is exact: with fractions of milliseconds since 1970 a thousand takes
 * add up to a token's worth of rounding.
 *
 * @param fullAtUs of the take before; undefined for a full bucket
 * @throws RangeError when the limit or the cost makes no sense
 */
export function takeFromBucket(
  limit: RateLimit,
  cost: number,
  fullAtUs: number | undefined,
  nowUs: number,
): BucketTake {
  assertTake(limit, cost);
  const tokenUs = tokenTime(limit);
  const longestUs = limit.capacity * tokenUs;
  const missingUs = Math.max(0, (fullAtUs ?? nowUs) - nowUs);
  const missingAfterUs = missingUs + cost * tokenUs;
  const allowed = missingAfterUs <= longestUs;
  const stillMissingUs = allowed ? missingAfterUs : missingUs;
  return {
    decision: {
      allowed,
      remaining: Math.max(0, Math.floor((longestUs - stillMissingUs) / tokenUs)),
      retryAfterMs: allowed ? 0 : Math.ceil((missingAfterUs - longestUs) / 1000),
    },
    fullAtUs: nowUs + stillMissingUs,
  };
}

function tokenTime({ refillPerSecond }: RateLimit): number {
  return Math.max(1, Math.round(1_000_000 / refillPerSecond));
}

function assertTake(limit: RateLimit, cost: number): void {
  const { capacity, refillPerSecond } = limit;
  const isPossible = Number.isSafeInteger(cost) && cost > 0 && cost <= capacity;
  const isBucket = Number.isSafeInteger(capacity) && refillPerSecond > 0;
  if (isPossible && isBucket && Number.isSafeInteger(capacity * tokenTime(limit))) return;
  throw new RangeError(
    `no take of ${cost} from a bucket of ${capacity} refilled by ${refillPerSecond}/s`,
  );
}
