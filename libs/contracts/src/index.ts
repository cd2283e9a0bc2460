export { catalogue, eventByName } from './catalogue/catalogue.ts';
export { EventPayloadError } from './catalogue/describe-event.ts';
export type * from './catalogue/event-descriptor.ts';
export type { EventPayloads } from './generated/catalogue.ts';
export * from './generated/payloads.ts';
