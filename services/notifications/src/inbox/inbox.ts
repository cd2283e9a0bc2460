import type { EventOf } from '@unionfold/contracts';
import {
  type CommandContext,
  type CommandHandler,
  type ConsumerDefinition,
  type DecodedEvent,
  type DocumentStore,
  eventsTopic,
  expectCarriedOut,
  type RecordedEvent,
  reactionTo,
} from '@unionfold/eventsourcing';
import { noticeDecider } from '../notice/decider.ts';
import { noticeIdOf } from '../notice/notice-id.ts';
import type { AddressedNotice } from './addressing.ts';
import { type BookingChange, onCancelled, onMovedUp } from './booking-notices.ts';
import { type CommitteeChange, onCommitteeChange } from './committee-notices.ts';
import { onCadreReleased } from './grid-notices.ts';
import {
  type HardshipChange,
  onAidApproved,
  onDeclared,
  onPaid,
  onReassigned,
  onRejected,
  onVerified,
} from './hardship-notices.ts';
import { Lookups, lookupCollections, type UnionOwner } from './lookups.ts';
import { onTransferred } from './member-notices.ts';
import {
  onApproved,
  onDissolved,
  onEstablished,
  onMoved,
  onRenamed,
  type UnionChange,
} from './union-notices.ts';

/** Name of the consumer group; unique over all services, because they share the log. */
const name = 'notifications-inbox';

type Change =
  | UnionChange
  | HardshipChange
  | BookingChange
  | CommitteeChange
  | EventOf<'MemberTransferred' | 'CellCadreReleased'>;

/** What the inbox works with. */
export interface InboxEnvironment {
  readonly commands: Pick<CommandHandler, 'execute'>;
  readonly documents: Pick<DocumentStore, 'define'>;
  readonly organizations: UnionOwner;
}

/** Posts notices to the people whom an event concerns, each once (一事一人一条). */
export function inbox({
  commands,
  documents,
  organizations,
}: InboxEnvironment): ConsumerDefinition {
  let defining: Promise<void> | undefined;
  const defined = async () => {
    defining ??= documents.define(lookupCollections);
    try {
      await defining;
    } catch (error) {
      defining = undefined;
      throw error;
    }
  };
  let approvedInBatch: ReadonlySet<string> = new Set();

  return {
    name,
    topics: ['organizations', 'members', 'welfare'].map(eventsTopic),
    onPoison: 'park',
    prefetch: async (events, batch) => {
      await defined();
      const changes = events.map(({ event }) => event as Change);
      approvedInBatch = new Set(
        changes.flatMap((change) => (change.type === 'UnionApproved' ? change.data.unionId : [])),
      );
      await batch.prefetch('inbox_unions', changes.flatMap(unionsOf));
      await batch.prefetch('inbox_cases', changes.flatMap(casesOf));
    },
    apply: async ({ event, recorded }: DecodedEvent, batch) => {
      await defined();
      const origin = reactionTo(recorded, name);
      const lookups = new Lookups(batch, organizations, origin);
      const notices = await noticesFor(event as Change, recorded, lookups, approvedInBatch);
      await Promise.all(notices.map((notice) => post(commands, notice, recorded.id, origin)));
    },
  };
}

async function noticesFor(
  change: Change,
  recorded: RecordedEvent,
  lookups: Lookups,
  approvedInBatch: ReadonlySet<string>,
): Promise<readonly AddressedNotice[]> {
  switch (change.type) {
    case 'UnionEstablished':
      return await onEstablished(change, recorded, lookups, approvedInBatch);
    case 'UnionApproved':
      return await onApproved(change, recorded, lookups);
    case 'UnionRenamed':
      return await onRenamed(change, lookups);
    case 'UnionMoved':
      return await onMoved(change, lookups);
    case 'UnionDissolved':
      return await onDissolved(change, lookups);
    case 'MemberTransferred':
      return await onTransferred(change, recorded, lookups);
    case 'HardshipDeclared':
      return onDeclared(change, lookups);
    case 'HardshipVerified':
      return await onVerified(change, lookups);
    case 'HardshipApproved':
      return await onAidApproved(change, lookups);
    case 'HardshipRejected':
      return onRejected(change);
    case 'AidPaid':
      return onPaid(change);
    case 'CaseReassigned':
      return await onReassigned(change, lookups);
    case 'BookingMovedUp':
      return onMovedUp(change);
    case 'BookingCancelled':
      return onCancelled(change);
    case 'CellCadreReleased':
      return onCadreReleased(change);
    default:
      return await onCommitteeChange(change, lookups);
  }
}

async function post(
  commands: Pick<CommandHandler, 'execute'>,
  notice: AddressedNotice,
  causeEventId: string,
  origin: CommandContext,
): Promise<void> {
  // The top of the tree has no upper union to tell.
  if (notice.recipientId === '') return;
  const noticeId = noticeIdOf(causeEventId, notice);
  // No idempotency key: the notice's id follows from the event and the recipient, so a repeat finds it posted.
  const outcome = await commands.execute(origin, async (session) => {
    const stream = await session.load(noticeDecider, noticeId);
    return stream.decide({ type: 'PostNotice', noticeId, causeEventId, ...notice }) ?? noticeId;
  });
  expectCarriedOut(outcome, `notice ${noticeId}`);
}

/** Unions that are read to tell of the change; one that is being established is only written. */
function unionsOf(change: Change): string[] {
  switch (change.type) {
    case 'UnionApproved':
      return [change.data.unionId, change.data.approvedByUnionId];
    case 'UnionRenamed':
    case 'UnionDissolved':
      return [change.data.unionId];
    case 'UnionMoved':
      return [change.data.unionId, change.data.fromParentId, change.data.toParentId];
    case 'MemberTransferred':
    case 'CaseReassigned':
      return [change.data.fromUnionId, change.data.toUnionId];
    default:
      return [];
  }
}

function casesOf(change: Change): string[] {
  switch (change.type) {
    case 'HardshipVerified':
    case 'HardshipApproved':
    case 'CaseReassigned':
      return [change.data.caseId];
    default:
      return [];
  }
}
