export * from './cache.ts';
export { type Clock, monotonicClock } from './clock.ts';
export * from './json.ts';
export * from './lease-store.ts';
export * from './memory-cache.ts';
export * from './memory-lease-store.ts';
export * from './memory-rate-limiter.ts';
export * from './rate-limiter.ts';
export * from './single-flight.ts';
