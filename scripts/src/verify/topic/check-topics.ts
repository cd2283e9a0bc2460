import { catalogue } from '@unionfold/contracts';
import { type Installation, placeOf, topicOf } from '../installation.ts';
import { type CheckReport, Findings } from '../report.ts';
import type { KafkaReader, Stretch } from './kafka-reader.ts';
import { TopicPartitionCheck } from './topic-partition-check.ts';
import type { PartitionEvents, RelayRecord } from './topic-records.ts';

/** What a service's topic is compared with. */
export interface TopicSubject {
  readonly service: string;
  readonly partitions: number;
  /** Of the topic's partitions; those that no relay has held are absent. Read before the topic. */
  readonly relays: ReadonlyMap<number, RelayRecord>;
  /** Last positions of the store. Read before the relay's records. */
  readonly heads: readonly number[];
  events(partition: number): PartitionEvents;
}

/** How far each partition of a topic goes, as {@link placeOf} names it. */
export type TopicHeads = Map<string, number>;

/**
 * Compares topics with their event stores: every public event up to the relay's checkpoint is there, in order, with the
 * same content, and nothing else.
 * @param settled whether the relays must have dealt with everything
 * @param heads is given the furthest public position of each partition
 */
export async function checkTopics(
  subjects: readonly TopicSubject[],
  context: {
    readonly installation: Installation;
    readonly kafka: KafkaReader;
    readonly settled: boolean;
    readonly patienceMs: number;
  },
  heads: TopicHeads,
): Promise<CheckReport[]> {
  const { installation, kafka, settled, patienceMs } = context;
  const topics = subjects.map(({ service }) => installation.kafkaTopic(topicOf(service)));
  const stretches = await kafka.stretches(topics);
  const checks = new Map<string, TopicPartitionCheck>();
  const works = subjects.map((subject, index) => {
    const topic = topics[index] ?? '';
    const findings = new Findings();
    const own = stretches.filter((stretch) => stretch.topic === topic);
    checkShape(subject, own, findings);
    checkRelays(subject, settled, findings);
    for (const check of checksOf(subject, own, findings)) checks.set(check.place, check.check);
    return { subject, topic, findings, own };
  });
  await kafka.read(
    stretches,
    async (topic, partition, records) => checks.get(placeOf(topic, partition))?.take(records),
    patienceMs,
  );
  const reports: CheckReport[] = [];
  for (const { subject, topic, findings, own } of works) {
    const counts = { partitions: own.length, records: 0, events: 0, redelivered: 0 };
    for (const { partition, low, high } of own) {
      const check = checks.get(placeOf(topic, partition));
      if (check === undefined) continue;
      await check.finish();
      counts.records += high - low;
      counts.events += check.found;
      counts.redelivered += check.redelivered;
      heads.set(placeOf(topicOf(subject.service), partition), check.reached);
    }
    reports.push({ check: 'topic', subject: topic, counts, findings: findings.list() });
  }
  return reports;
}

function checksOf(
  { service, partitions, relays, events }: TopicSubject,
  stretches: readonly Stretch[],
  findings: Findings,
): { readonly place: string; readonly check: TopicPartitionCheck }[] {
  return stretches
    .filter(({ partition }) => partition < partitions)
    .map(({ topic, partition, low }) => ({
      place: placeOf(topic, partition),
      check: new TopicPartitionCheck({
        partition,
        source: `/unionfold/${service}`,
        events: events(partition),
        isPublic: (type) => catalogue.get(type)?.internal !== true,
        relay: relays.get(partition) ?? { position: 0, published: 0 },
        isCut: low > 0,
        findings,
      }),
    }));
}

function checkShape(
  { partitions, heads }: TopicSubject,
  stretches: readonly Stretch[],
  findings: Findings,
): void {
  if (stretches.length === partitions) return;
  if (stretches.length === 0 && heads.every((head) => head === 0)) return;
  findings.violation(
    'topic-partitions',
    'the topic is not there, or has another number of partitions than its event store',
    `topic ${stretches.length}, store ${partitions}`,
  );
}

/** What can be told of the relay's records without the topic. */
export function checkRelays(
  { partitions, heads, relays }: Pick<TopicSubject, 'partitions' | 'heads' | 'relays'>,
  settled: boolean,
  findings: Findings,
): void {
  for (let partition = 0; partition < partitions; partition++) {
    const head = heads[partition] ?? 0;
    const { position } = relays.get(partition) ?? { position: 0 };
    const example = `partition ${partition}: dealt with ${position}, store ${head}`;
    if (position < head && settled) {
      const meaning = 'events were not published although nothing runs any more';
      findings.violation('unpublished', meaning, example, head - position);
    } else if (position < head && !relays.has(partition)) {
      findings.warning('no-relay', 'nobody has ever published this partition', example);
    }
  }
}
