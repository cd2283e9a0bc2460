import type { Installation } from '../installation.ts';
import type { KafkaReader } from '../topic/kafka-reader.ts';
import { letterKey } from './consumer-records.ts';

/** The letters in the dead-letter topics of these topics, by {@link letterKey}. Keeps one text a letter. */
export async function readPublishedLetters(
  kafka: KafkaReader,
  installation: Installation,
  topics: readonly string[],
  patienceMs: number,
): Promise<ReadonlySet<string>> {
  const origin = new Map(topics.map((topic) => [installation.kafkaDeadLetters(topic), topic]));
  const letters = new Set<string>();
  await kafka.read(
    await kafka.stretches([...origin.keys()]),
    async (kafkaTopic, partition, records) => {
      const topic = origin.get(kafkaTopic) ?? '';
      for (const { headers } of records) {
        const consumer = headers['dead_letter_consumer'] ?? '';
        const position = Number(headers['ce_position']);
        letters.add(letterKey({ consumer, topic, partition, position }));
      }
    },
    patienceMs,
  );
  return letters;
}
