import type { ConsumerPosition } from './consumer-definition.ts';
import type { ConsumerPositions, HeldPosition } from './consumer-positions.ts';
import type { CheckpointAdvance, DocumentChange, DocumentStore, Tenure } from './document-store.ts';
import { RememberedDocuments } from './remembered-documents.ts';
import type { UnitOfWork } from './unit-of-work.ts';

/** What a consumer's changes are made with. */
export interface ConsumerCommitsOptions {
  readonly consumer: string;
  /** Whether one process at a time makes them. */
  readonly isExclusive: boolean;
  readonly documents: DocumentStore;
  readonly positions: ConsumerPositions;
  /** How long checkpoints of events without effect may wait for a change that they go with; 0: not at all. */
  readonly noteLaterMs: number;
  /** Runs work when nothing else of the consumer runs. */
  readonly inTurn: (work: () => Promise<void>) => Promise<void>;
}

/** How a consumer's documents and checkpoints get into the store, and what it remembers of them. */
export class ConsumerCommits {
  readonly #options: ConsumerCommitsOptions;
  /** The right to write, of an exclusive consumer. */
  #tenure: Tenure | undefined;
  readonly #remembered: RememberedDocuments | undefined;
  #noting: NodeJS.Timeout | undefined;
  #isStopping = false;

  constructor(options: ConsumerCommitsOptions) {
    this.#options = options;
    const { isExclusive, documents } = options;
    this.#remembered = isExclusive ? new RememberedDocuments(documents) : undefined;
  }

  /** Where the consumer reads its documents. */
  get source(): Pick<DocumentStore, 'getMany'> {
    return this.#remembered ?? this.#options.documents;
  }

  start(): void {
    this.#isStopping = false;
  }

  /** Stores what waits. To be called while the partitions are this process's own; nothing waits any more after it. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#noting);
    await this.#options.inTurn(() => this.#note());
  }

  /** Makes this process the one that writes, where there is to be one. */
  async takeOver(): Promise<void> {
    const { consumer, isExclusive, documents } = this.#options;
    if (isExclusive) this.#tenure = await documents.takeOver(consumer);
  }

  /** Begins from what the store holds. */
  async load(): Promise<void> {
    this.#remembered?.forget();
    await this.#options.positions.load();
    // When it was to be stored, another process may have had the partition for a moment; nothing need come after it.
    if (this.#options.positions.isBehind) this.#noteLater();
  }

  /**
   * Stores documents with how far they reach, and with what was handled before and not stored. Without documents, that
   * may wait.
   * @throws what the store does
   */
  async commit(advances: readonly HeldPosition[], documents: UnitOfWork): Promise<void> {
    const { positions, noteLaterMs } = this.#options;
    if (noteLaterMs > 0 && documents.isUnchanged) {
      for (const advance of advances) positions.advance(advance, false);
      this.#noteLater();
      return;
    }
    await this.#store(advances, documents.toChange([]));
  }

  /**
   * Stores documents of an event that was handled anew. The checkpoint of its partition does not move, but must stand
   * where this process believes: a batch of another one that holds the partition would otherwise be written over.
   */
  async commitAt({ topic, partition }: ConsumerPosition, documents: UnitOfWork): Promise<void> {
    const current = this.#options.positions.stored(topic, partition);
    await this.#write(
      documents.toChange([]),
      current === undefined ? [] : [this.#advance(current)],
    );
  }

  async #store(advances: readonly HeldPosition[], change: DocumentChange): Promise<void> {
    const { positions } = this.#options;
    const isMoved = (one: HeldPosition) =>
      advances.some(({ topic, partition }) => topic === one.topic && partition === one.partition);
    const all = [...positions.unstored().filter((one) => !isMoved(one)), ...advances];
    await this.#write(
      change,
      all.map((one) => this.#advance(one)),
    );
    for (const one of all) positions.advance(one);
  }

  #advance(to: HeldPosition): CheckpointAdvance {
    const { consumer, positions } = this.#options;
    const expectedPosition = positions.stored(to.topic, to.partition)?.position ?? 0;
    return { consumer, ...to, expectedPosition };
  }

  async #write(change: DocumentChange, checkpoints: readonly CheckpointAdvance[]): Promise<void> {
    const tenure = this.#tenure === undefined ? {} : { tenure: this.#tenure };
    try {
      await this.#options.documents.commit({ ...change, checkpoints, ...tenure });
    } catch (error) {
      this.#remembered?.forget();
      throw error;
    }
    this.#remembered?.committed(change);
  }

  #noteLater(): void {
    if (this.#isStopping) return;
    const { noteLaterMs, inTurn } = this.#options;
    this.#noting ??= setTimeout(() => {
      this.#noting = undefined;
      void inTurn(() => this.#note());
    }, noteLaterMs);
  }

  /** Stores checkpoints of what had no effect. Where that fails, they come with a later change, or are tried again. */
  async #note(): Promise<void> {
    if (this.#options.positions.unstored().length === 0) return;
    await this.#store([], {}).catch(() => this.#noteLater());
  }
}
