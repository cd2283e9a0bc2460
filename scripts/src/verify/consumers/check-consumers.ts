import { placeOf } from '../installation.ts';
import { type CheckReport, Findings } from '../report.ts';
import {
  type CheckpointRow,
  type ConsumerRecords,
  type DeadLetterRow,
  type GenerationRow,
  generationName,
  letterKey,
} from './consumer-records.ts';

/** What consumes into one document store. */
export interface ConsumersSubject {
  readonly owner: string;
  readonly projections: readonly { readonly name: string; readonly topics: readonly string[] }[];
  readonly reactions: readonly { readonly name: string; readonly topics: readonly string[] }[];
}

/** How far one partition of a topic is published. */
export interface PublishedHead {
  /** By the relay's record. */
  readonly published: number;
  /** The furthest position that is in the topic; not known where the topic was not read. */
  readonly reached?: number;
  /** Offset behind the last record; not known where the topic was not read. */
  readonly endOffset?: number;
}

/** What consumers are compared with. */
export interface ConsumersContext {
  /** By place. Read after the checkpoints. */
  readonly published: ReadonlyMap<string, PublishedHead>;
  /** Letters in the dead-letter topics, by {@link letterKey}; undefined where they were not read. */
  readonly publishedLetters: ReadonlySet<string> | undefined;
  /** Tells the ids of the events at these places, by `partition@position`. */
  readonly eventIds: (
    topic: string,
    places: readonly { readonly partition: number; readonly position: number }[],
  ) => Promise<ReadonlyMap<string, string> | undefined>;
  /** Whether every consumer must have handled all that is published. */
  readonly settled: boolean;
}

/** Letters are looked up so many at a time. */
const lookUpSize = 500;

/** What a document store's consumers have left, read together at one moment. */
export interface ConsumersState {
  readonly checkpoints: readonly CheckpointRow[];
  readonly generations: ReadonlyMap<string, GenerationRow>;
  readonly collections: readonly string[];
}

/** Reads what is compared later with how far topics go. */
export async function readConsumers(records: ConsumerRecords): Promise<ConsumersState> {
  const checkpoints = await records.checkpoints();
  const generations = await records.generations();
  const collections = await records.collections();
  return { checkpoints, generations, collections };
}

/** Checks checkpoints, dead letters and remains of one document store. */
export async function checkConsumers(
  subject: ConsumersSubject,
  state: ConsumersState,
  letters: AsyncIterable<DeadLetterRow>,
  context: ConsumersContext,
): Promise<CheckReport> {
  const findings = new Findings();
  const consumers = consumersOf(subject, state, findings, context.settled);
  checkCheckpoints(consumers, state.checkpoints, context, findings);
  const found = await checkLetters(letters, consumers, context, findings);
  for (const remains of remainsOf(subject, state)) {
    const meaning = 'something is left of a generation that neither lives nor is being built';
    if (context.settled) findings.violation('orphan-generation', meaning, remains);
    else findings.warning('orphan-generation', meaning, remains);
  }
  const counts = {
    consumers: consumers.size,
    checkpoints: state.checkpoints.length,
    deadLetters: found.failed,
    parked: found.parked,
  };
  return { check: 'consumers', subject: subject.owner, counts, findings: findings.list() };
}

/** The consumers that live, with their topics. */
function consumersOf(
  { projections, reactions }: ConsumersSubject,
  { generations }: ConsumersState,
  findings: Findings,
  settled: boolean,
): ReadonlyMap<string, readonly string[]> {
  const consumers = new Map(reactions.map(({ name, topics }) => [name, topics]));
  for (const { name, topics } of projections) {
    const record = generations.get(name);
    if (record !== undefined) consumers.set(generationName(name, record.live), topics);
    else if (settled) {
      const meaning = 'a read model has never been started';
      findings.warning('projection-unknown', meaning, name);
    }
  }
  return consumers;
}

function checkCheckpoints(
  consumers: ReadonlyMap<string, readonly string[]>,
  checkpoints: readonly CheckpointRow[],
  { published, settled }: ConsumersContext,
  findings: Findings,
): void {
  const positions = new Map<string, number>();
  for (const { consumer, topic, partition, position, cursor } of checkpoints) {
    const place = placeOf(topic, partition);
    positions.set(`${consumer} ${place}`, position);
    const head = published.get(place);
    // Kafka may have acknowledged what the relay's record does not say yet.
    const furthest = Math.max(head?.published ?? 0, head?.reached ?? 0);
    if (position > furthest) {
      findings.violation(
        'checkpoint-ahead',
        'a checkpoint is beyond what was published: the next events would be left out',
        `${consumer} at ${place}@${position}, published ${furthest}`,
      );
    }
    const offset = Number(cursor === '' ? 0 : cursor);
    if (head?.endOffset !== undefined && offset > head.endOffset) {
      findings.violation(
        'cursor-ahead',
        'a cursor is beyond the end of the topic: the next events would be left out',
        `${consumer} at ${place}, offset ${offset}, end ${head.endOffset}`,
      );
    }
  }
  if (!settled) return;
  for (const [consumer, topics] of consumers) {
    for (const [place, head] of published) {
      if (!topics.some((topic) => place.startsWith(`${topic}/`))) continue;
      const position = positions.get(`${consumer} ${place}`) ?? 0;
      if (position >= head.published) continue;
      findings.violation(
        'behind',
        'a consumer has not handled all that is published although nothing runs any more',
        `${consumer} at ${place}@${position}, published ${head.published}`,
      );
    }
  }
}

async function checkLetters(
  letters: AsyncIterable<DeadLetterRow>,
  consumers: ReadonlyMap<string, readonly string[]>,
  { publishedLetters, eventIds, settled }: ConsumersContext,
  findings: Findings,
): Promise<{ readonly failed: number; readonly parked: number }> {
  const counts = { failed: 0, parked: 0 };
  let page: DeadLetterRow[] = [];
  const lookUp = async () => {
    for (const [topic, own] of Map.groupBy(page, (letter) => letter.topic)) {
      const ids = await eventIds(topic, own);
      if (ids === undefined) continue;
      for (const letter of own) {
        if (ids.get(`${letter.partition}@${letter.position}`) === letter.id) continue;
        const meaning = 'a dead letter holds an event that the store does not have';
        findings.violation('letter-orphan', meaning, letterKey(letter));
      }
    }
    page = [];
  };
  for await (const letter of letters) {
    const example = `${letterKey(letter)}, stream ${letter.stream}`;
    if (letter.parked) {
      counts.parked += 1;
      findings.warning('parked', 'events wait behind one that could not be handled', example);
    } else {
      counts.failed += 1;
      findings.warning('dead-letter', 'events could not be handled', example);
    }
    if (publishedLetters?.has(letterKey(letter)) === false && consumers.has(letter.consumer)) {
      const meaning = 'a dead letter is not in the dead-letter topic';
      if (settled) findings.violation('letter-unpublished', meaning, example);
      else findings.warning('letter-unpublished', meaning, example);
    }
    if (!consumers.has(letter.consumer)) {
      const meaning = 'a dead letter belongs to a consumer that does not live';
      findings.warning('letter-of-nobody', meaning, example);
    }
    page.push(letter);
    if (page.length >= lookUpSize) await lookUp();
  }
  await lookUp();
  return counts;
}

/** Collections and checkpoints of generations that neither live nor are being built. */
export function remainsOf(
  { projections }: Pick<ConsumersSubject, 'projections'>,
  { checkpoints, generations, collections }: ConsumersState,
): string[] {
  const remains = new Set<string>();
  for (const { name } of projections) {
    const { live, building } = generations.get(name) ?? {};
    const isRetired = (number: string | undefined) =>
      number !== undefined && Number(number) !== live && Number(number) !== building;
    const ofCollection = new RegExp(`^${name}_g(\\d+)_`);
    const ofConsumer = new RegExp(`^${name}_g(\\d+)$`);
    for (const collection of collections) {
      if (isRetired(ofCollection.exec(collection)?.[1])) remains.add(`collection ${collection}`);
    }
    for (const { consumer } of checkpoints) {
      if (isRetired(ofConsumer.exec(consumer)?.[1])) remains.add(`checkpoints of ${consumer}`);
    }
  }
  return [...remains];
}
