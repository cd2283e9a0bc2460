export * from './gateway.ts';
export { DevelopmentIssuer } from './identity/issuer.ts';
export { federationProjection } from './read-models/federation/projection.ts';
export { inboxProjection } from './read-models/inbox/projection.ts';
