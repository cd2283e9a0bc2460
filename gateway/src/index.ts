export * from './gateway.ts';
export { DevelopmentIssuer } from './identity/issuer.ts';
export { federationProjection } from './read-models/federation/projection.ts';
