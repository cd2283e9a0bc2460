export * from './decider.ts';
export * from './document-store.ts';
export * from './event.ts';
export * from './event-codec.ts';
export * from './event-log.ts';
export * from './event-store.ts';
export * from './json.ts';
export * from './refusal.ts';
