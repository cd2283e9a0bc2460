import kafkajs, { type Kafka, type KafkaConfig, type logCreator } from 'kafkajs';
import { registerZstd } from './zstd.ts';

/** What kafkajs tells of itself; nothing of it holds an event. */
export type KafkaNotice = (level: 'warn' | 'error', message: string) => void;

/** What it says of settings that are meant so (see KafkaPublisher for the retries), and of every rebalance. */
const known =
  /^(Limiting retries for the idempotent producer|The group is rebalancing|Response (InitProducerId|Heartbeat|OffsetCommit|JoinGroup|SyncGroup)\()/;

/** What it calls an error and mends by itself: a member whose heartbeat came late joins its group again. */
const mended = /^The coordinator is not aware of this member, re-joining the group/;

/**
 * A client of a Kafka cluster. It connects when it is first used, and again whenever that is lost.
 * @param brokers `host:port` of those to ask first
 * @param connection encryption, authentication, and how sockets are made
 */
export function connectKafka(
  brokers: readonly string[],
  onNotice: KafkaNotice,
  connection: Pick<KafkaConfig, 'ssl' | 'sasl' | 'socketFactory'> = {},
): Kafka {
  registerZstd();
  const creator: logCreator =
    () =>
    ({ level, namespace, log }) => {
      if (known.test(log.message)) return;
      const isError = level <= kafkajs.logLevel.ERROR && !mended.test(log.message);
      onNotice(isError ? 'error' : 'warn', `${namespace}: ${log.message}`);
    };
  return new kafkajs.Kafka({
    ...connection,
    clientId: 'unionfold',
    brokers: [...brokers],
    logLevel: kafkajs.logLevel.WARN,
    logCreator: creator,
    connectionTimeout: 3_000,
    requestTimeout: 30_000,
    retry: { initialRetryTime: 100, maxRetryTime: 3_000, retries: 8 },
  });
}
