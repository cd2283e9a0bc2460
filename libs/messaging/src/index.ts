export * from './back-off.ts';
export * from './embedded/embedded-event-log.ts';
export { CheckpointBeyondLogError, type TopicStore } from './embedded/partition-delivery.ts';
export {
  ForeignRecordError,
  fromCloudEvent,
  GarbledRecordError,
  sourceOf,
  toCloudEvent,
} from './kafka/cloud-event.ts';
export * from './kafka/connect-kafka.ts';
export * from './kafka/kafka-event-log.ts';
export * from './kafka/kafka-publisher.ts';
export * from './kafka/kafka-topics.ts';
export { RecordsMissingError } from './kafka/partition-slot.ts';
export { registerZstd } from './kafka/zstd.ts';
export { RelayAheadOfStoreError } from './relay/partition-relay.ts';
export * from './relay/relay.ts';
