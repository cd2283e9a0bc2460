import type { MemberCorrected, MemberEnrolled } from '@unionfold/contracts';
import type { RecordedEvent } from '@unionfold/eventsourcing';
import { searchIndexField } from '@unionfold/service-kit';
import type { MemberDocument } from './documents.ts';
import { endWorkplace } from './employers.ts';
import type { EventHandlers } from './projection.ts';

/** Members at their unions (会员). */
export const memberHandlers: EventHandlers = {
  MemberEnrolled: async (member, { documents, tree }, recorded) => {
    const { path } = await tree.union(member.unionId);
    documents.put('members', {
      id: member.memberId,
      unionId: member.unionId,
      path,
      status: 'active',
      joinedOn: member.joinedOn,
      synthetic: member.synthetic,
      ...particulars(member, recorded),
      terms: termsOf(recorded),
    } satisfies MemberDocument);
    await tree.add(member.unionId, { members: 1 });
  },
  MemberCorrected: async (member, { documents }, recorded) => {
    const before = await documents.get('members', member.memberId);
    if (before === undefined) return;
    documents.put('members', {
      ...before,
      ...particulars(member, recorded),
      terms: termsOf(recorded),
    });
  },
  MemberTransferred: async ({ memberId, fromUnionId, toUnionId }, context, { version }) => {
    const { documents, tree } = context;
    const before = await documents.get('members', memberId);
    if (before === undefined) return;
    const { path } = await tree.union(toUnionId);
    documents.put('members', { ...before, unionId: toUnionId, path, version });
    await tree.add(fromUnionId, { members: -1 });
    await tree.add(toUnionId, { members: 1 });
  },
  MemberLeft: async ({ memberId, unionId }, context, { version }) => {
    const { documents, tree } = context;
    const before = await documents.get('members', memberId);
    if (before === undefined) return;
    documents.put('members', { ...before, status: 'left', version });
    await tree.add(unionId, { members: -1 });
    await endWorkplace(context, memberId);
  },
};

/** The keyed hashes by which the member is found, as the log has them: no name is opened to build this read model. */
function termsOf({ data }: RecordedEvent): string[] {
  const terms = data[searchIndexField];
  return Array.isArray(terms) ? terms.filter((term) => typeof term === 'string') : [];
}

/** The sealed fields are taken over as they stand in the log: whoever forgets the person has forgotten them here, too. */
function particulars(
  member: MemberEnrolled | MemberCorrected,
  recorded: RecordedEvent,
): Pick<MemberDocument, 'citizenNumberIndex' | 'sealedAs' | 'sealed' | 'version'> {
  const { memberId, _sealed } = recorded.data;
  return {
    citizenNumberIndex: member.citizenNumberIndex,
    sealedAs: recorded.type,
    sealed: { memberId, _sealed },
    version: recorded.version,
  };
}
