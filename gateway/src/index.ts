export * from './gateway.ts';
export { federationProjection } from './read-models/federation/projection.ts';
