import type { ConsumeOptions, LogConsumer } from '@unionfold/eventsourcing';
import {
  type DeliverySettings,
  PartitionDelivery,
  type TopicPartition,
} from './partition-delivery.ts';
import { type Sharer, shareOut } from './share-out.ts';

/** A partition within a group: who is to have it, and who has it. */
interface Slot extends TopicPartition {
  wanted: Member | undefined;
  held: Holding | undefined;
}

interface Holding {
  readonly member: Member;
  readonly delivery: PartitionDelivery;
  /** Set while it is being taken away. */
  leaving: Promise<void> | undefined;
}

/**
 * The members of one consumer group and the partitions they share.
 *
 * A member that joins or leaves, or a topic that appears, changes who is to have which partition. A partition that
 * changes hands is first taken from its holder, which lasts until the batch under way has ended; only then does the new
 * holder ask for the checkpoint. So no two members ever handle one partition at a time.
 */
export class ConsumerGroup {
  readonly #settings: DeliverySettings;
  readonly #members = new Set<Member>();
  readonly #slots: Slot[] = [];

  constructor(settings: DeliverySettings) {
    this.#settings = settings;
  }

  join(options: ConsumeOptions): LogConsumer {
    const member = new Member(options, this);
    this.#members.add(member);
    this.#share();
    return member;
  }

  addTopic(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) {
      this.#slots.push({ ...partition, wanted: undefined, held: undefined });
    }
    this.#share();
  }

  /** Resolves when nothing of the member runs any more. */
  async leave(member: Member): Promise<void> {
    this.#members.delete(member);
    this.#share();
    await Promise.all(this.#holdings(member).map((holding) => holding.leaving));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#members].map((member) => member.stop()));
  }

  /** Whether the group has no member and nothing of a former one runs. */
  isEmpty(): boolean {
    return this.#members.size === 0 && this.#slots.every((slot) => slot.held === undefined);
  }

  assignments(member: Member): readonly { readonly topic: string; readonly partition: number }[] {
    return this.#slots
      .filter(({ held }) => held?.member === member && held.leaving === undefined)
      .map(({ topic, partition }) => ({ topic, partition }));
  }

  #share(): void {
    const members = [...this.#members];
    const isExclusive = members.some(({ options }) => options.exclusive === true);
    // The oldest member has everything; the others stand by.
    const shares = shareOut(
      this.#slots,
      isExclusive ? members.slice(0, 1) : members,
      (slot) => slot.wanted,
    );
    for (const slot of this.#slots) {
      slot.wanted = shares.get(slot);
      this.#settle(slot);
    }
  }

  #settle(slot: Slot): void {
    const { held, wanted } = slot;
    if (held === undefined) {
      if (wanted === undefined) return;
      const delivery = new PartitionDelivery(slot, wanted.options, this.#settings);
      slot.held = { member: wanted, delivery, leaving: undefined };
    } else if (held.member !== wanted && held.leaving === undefined) {
      held.leaving = held.delivery.stop().then(() => {
        slot.held = undefined;
        this.#settle(slot);
      });
    }
  }

  #holdings(member: Member): readonly Holding[] {
    return this.#slots.flatMap(({ held }) => (held?.member === member ? [held] : []));
  }
}

class Member implements LogConsumer, Sharer {
  readonly options: ConsumeOptions;
  readonly topics: ReadonlySet<string>;
  readonly #group: ConsumerGroup;
  #left: Promise<void> | undefined;

  constructor(options: ConsumeOptions, group: ConsumerGroup) {
    this.options = options;
    this.topics = new Set(options.topics);
    this.#group = group;
  }

  assignments(): readonly { readonly topic: string; readonly partition: number }[] {
    return this.#group.assignments(this);
  }

  stop(): Promise<void> {
    this.#left ??= this.#group.leave(this);
    return this.#left;
  }
}
