import { eventLogContract, isPublicContractEvent } from '@unionfold/eventsourcing/contract-suites';
import { KafkaBed } from './kafka-bed.fixture.ts';

eventLogContract('KafkaEventLog fed by relays', async () => {
  const bed = await KafkaBed.open();
  const log = bed.log();
  let closing: Promise<void> | undefined;
  return {
    log,
    createTopic: async (topic, partitions) => {
      const store = await bed.topic(topic, partitions);
      bed.relay({ topic, store, isPublic: isPublicContractEvent });
      return store;
    },
    close: () => {
      closing ??= bed.close();
      return closing;
    },
  };
});
