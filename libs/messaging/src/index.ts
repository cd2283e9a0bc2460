export * from './back-off.ts';
export * from './embedded/embedded-event-log.ts';
export { CheckpointBeyondLogError, type TopicStore } from './embedded/partition-delivery.ts';
