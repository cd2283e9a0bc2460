export * from './gateway.ts';
export { KeyedNameIndex } from './read-models/federation/name-index.ts';
export { federationProjection } from './read-models/federation/projection.ts';
