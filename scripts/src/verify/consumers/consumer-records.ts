/** How far a consumer is in one partition. */
export interface CheckpointRow {
  readonly consumer: string;
  readonly topic: string;
  readonly partition: number;
  readonly position: number;
  /** The log's own; an offset with Kafka, empty inside a batch. */
  readonly cursor: string;
}

/** An event that a consumer could not handle, or one parked behind it. */
export interface DeadLetterRow {
  readonly consumer: string;
  readonly topic: string;
  readonly partition: number;
  readonly position: number;
  /** Of the event. */
  readonly id: string;
  readonly stream: string;
  readonly parked: boolean;
}

/** Which generations of a projection there are. */
export interface GenerationRow {
  readonly live: number;
  readonly version: number;
  readonly building?: number;
}

/** What consumers have left in one document store, read without the store's own code. */
export interface ConsumerRecords {
  checkpoints(): Promise<readonly CheckpointRow[]>;
  generations(): Promise<ReadonlyMap<string, GenerationRow>>;
  deadLetters(): AsyncIterable<DeadLetterRow>;
  /** Names of the collections that hold documents, and of those that are declared. */
  collections(): Promise<readonly string[]>;
}

/** The consumer, and the beginning of its collections' names, of one generation of a projection. */
export function generationName(projection: string, generation: number): string {
  return `${projection}_g${generation}`;
}

/** Names a dead letter, or the place of an event for a consumer. */
export function letterKey(
  letter: Pick<DeadLetterRow, 'consumer' | 'topic' | 'partition' | 'position'>,
): string {
  return `${letter.consumer} ${letter.topic}/${letter.partition}@${letter.position}`;
}
