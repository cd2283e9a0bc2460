import type { EventOf } from '@unionfold/contracts';
import type { RecordedEvent } from '@unionfold/eventsourcing';
import { type AddressedNotice, toMember, toUnion } from './addressing.ts';
import type { Lookups } from './lookups.ts';

/**
 * The member and both unions. A transfer that the platform made itself, because a union was dissolved, is told to the
 * member alone: the successor was told of the dissolution, not a thousand times of its members.
 */
export async function onTransferred(
  { data }: EventOf<'MemberTransferred'>,
  recorded: RecordedEvent,
  lookups: Lookups,
): Promise<AddressedNotice[]> {
  const { memberId, fromUnionId, toUnionId } = data;
  const about = {
    aboutType: 'member',
    aboutId: memberId,
    params: {
      fromUnionId,
      fromUnionName: await lookups.nameOf(fromUnionId),
      toUnionId,
      toUnionName: await lookups.nameOf(toUnionId),
    },
  } as const;
  const member = toMember(memberId, { template: 'membership-transferred', ...about });
  if (recorded.metadata.actor.startsWith('system:')) return [member];
  return [
    member,
    toUnion(fromUnionId, { template: 'member-transferred-out', ...about }),
    toUnion(toUnionId, { template: 'member-transferred-in', ...about }),
  ];
}
