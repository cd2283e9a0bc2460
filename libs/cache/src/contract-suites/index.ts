export * from './adapter-under-test.ts';
export * from './cache-contract.ts';
export * from './lease-store-contract.ts';
export * from './rate-limiter-contract.ts';
