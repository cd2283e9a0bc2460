export type { Locale, LocalizedText, ProblemDefinition } from './problem.ts';
export { grpcStatus } from './problem.ts';
export * from './refuse.ts';
export * from './registry.ts';
