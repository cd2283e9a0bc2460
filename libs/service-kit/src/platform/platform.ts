import type { RateLimiter } from '@unionfold/cache';
import type { DocumentStore, EventLog, EventStore, PeerTimes } from '@unionfold/eventsourcing';
import type { KeyRing, MasterKey } from '@unionfold/privacy';

/** What a service keeps its data in. The gateway has no event store of its own. */
export interface ServiceStorage {
  readonly events: EventStore;
  readonly documents: DocumentStore;
}

/** How far one partition of a service's events is published. */
export interface PublishingProgress {
  readonly topic: string;
  readonly partition: number;
  /** Last position of the event store that was dealt with. */
  readonly position: number;
  /** Last position among these of an event that left the service. */
  readonly published: number;
  /** Last position that was appended. */
  readonly head: number;
}

/** What consumers' changes are spaced by, see ConsumerEnvironment. Milliseconds. */
export interface Pace {
  /** Of read models that somebody looks at, and waits for. */
  readonly watchedMs: number;
  /** Of a service's own read models and reactions, which nobody waits for. */
  readonly unwatchedMs: number;
}

/**
 * The engines under all services, whichever profile is running. Services and gateway see only this; which adapters
 * stand behind it is decided where the process starts.
 */
export interface Platform {
  readonly masterKey: MasterKey;
  readonly keys: KeyRing;
  readonly log: EventLog;
  readonly rateLimiter: RateLimiter;
  /** Set where several processes may share a document store. */
  readonly peers?: PeerTimes;
  /** What consumers' changes are spaced by. Default: by nothing. */
  readonly pace?: Pace;
  /** Opens a service's stores, and makes its events known to the log. */
  storage(service: string): Promise<ServiceStorage>;
  /**
   * Opens a document store for a process that appends nothing.
   * @param hot ends of names of collections whose documents are read by id all the time; all processes say the same
   */
  documents(name: string, hot?: readonly string[]): Promise<DocumentStore>;
  /** How far a service's events are published. Absent where appended is published. */
  publishing?(service: string): Promise<readonly PublishingProgress[]>;
  /** Whether the stores answer now. Absent where they are a part of the process. */
  answers?(): Promise<boolean>;
  /** Closes everything that was opened, after the work under way. */
  close(): Promise<void>;
}
