import { Gender, UnionType } from '@unionfold/contracts';
import type { DecodedEvent } from '@unionfold/eventsourcing';
import type { MemberEvent } from '../member/member.ts';
import type { UnionEvent } from './rosters-projection.ts';

/** An event as a consumer gets it. */
export function recordedAs(
  event: UnionEvent | MemberEvent,
  place: { readonly id: string; readonly version: number; readonly partition?: number },
): DecodedEvent {
  const { id, version, partition = 0 } = place;
  const [owner, stream] =
    'memberId' in event.data
      ? ['members', `member-${event.data.memberId}`]
      : ['organizations', `union-${event.data.unionId}`];
  return {
    event,
    recorded: {
      id,
      type: `unionfold.${owner}.v1.${event.type}`,
      data: {},
      metadata: {
        actor: 'cadre-1',
        correlationId: `why-${id}`,
        occurredAt: '2025-06-01T00:00:00Z',
      },
      stream,
      version,
      partition,
      position: version,
      recordedAt: '2025-06-01T00:00:00Z',
    },
  };
}

export function established(unionId: string): UnionEvent {
  return {
    type: 'UnionEstablished',
    data: {
      unionId,
      name: `${unionId}工会`,
      type: UnionType.UNION_TYPE_ENTERPRISE,
      territorialParentId: 'county',
      industryParentId: '',
      regionCode: '',
      creditCode: '',
      foundedOn: '',
      synthetic: true,
    },
  };
}

export function approved(unionId: string): UnionEvent {
  const data = { unionId, approvedByUnionId: 'county', approvalDocument: '工〔2025〕1号' };
  return { type: 'UnionApproved', data };
}

export function dissolved(unionId: string, successorId: string): UnionEvent {
  const data = { unionId, parentId: 'county', successorId, reason: '单位终止' };
  return { type: 'UnionDissolved', data };
}

export function enrolledIn(unionId: string, memberId: string): MemberEvent {
  return {
    type: 'MemberEnrolled',
    data: {
      memberId,
      unionId,
      name: '张三',
      citizenNumber: '',
      citizenNumberIndex: `index-${memberId}`,
      mobile: '',
      gender: Gender.GENDER_FEMALE,
      birthDate: '1990-01-01',
      joinedOn: '2025-01-01',
      synthetic: true,
    },
  };
}

export function transferredTo(unionId: string, memberId: string, fromUnionId: string): MemberEvent {
  const data = { memberId, fromUnionId, toUnionId: unionId, reason: '' };
  return { type: 'MemberTransferred', data };
}

export function leftFrom(unionId: string, memberId: string): MemberEvent {
  return { type: 'MemberLeft', data: { memberId, unionId, reason: '' } };
}
