/** The services that have an event store, in the order in which they are looked at. */
export const services = ['organizations', 'members', 'welfare', 'notifications'] as const;

/** The process that has documents only. */
export const gateway = 'gateway';

/** Names of an installation's databases and topics; those of the default prefix go without it in Kafka. */
export class Installation {
  readonly prefix: string;
  readonly #topicPrefix: string;

  constructor(prefix: string) {
    this.prefix = prefix;
    this.#topicPrefix = prefix === 'unionfold' ? '' : `${prefix}-`;
  }

  /** The database of a service or of the gateway. */
  database(owner: string): string {
    return `${this.prefix}_${owner}`;
  }

  /** The database that all processes share. */
  get shared(): string {
    return this.database('platform');
  }

  /** The topic of a service's events, as Kafka knows it. */
  kafkaTopic(topic: string): string {
    return this.#topicPrefix + topic;
  }

  /** The topic of those events of a topic that a consumer could not handle. */
  kafkaDeadLetters(topic: string): string {
    return this.#topicPrefix + topic.replace('.events.', '.dead-letters.');
  }
}

/** `unionfold.members.events.v1`, as checkpoints and relay records name it. */
export function topicOf(service: string): string {
  return `unionfold.${service}.events.v1`;
}

/** The service that owns a topic. */
export function serviceOf(topic: string): string {
  return topic.split('.')[1] ?? '';
}

/** One partition of one topic. */
export function placeOf(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}
