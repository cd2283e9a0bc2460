import { RecipientKind } from '@unionfold/contracts';
import type { NoticeTemplate } from '@unionfold/contracts/notices';
import type { Recipient } from '../notice/decider.ts';

/** A notice that an event calls for. */
export interface AddressedNotice extends Recipient {
  readonly template: NoticeTemplate;
  /** The service's aggregate that it is about, and its id. */
  readonly aboutType:
    | 'union'
    | 'member'
    | 'hardship-case'
    | 'election'
    | 'election-exception'
    | 'duty'
    | 'booking'
    | 'cell';
  readonly aboutId: string;
  /** Facts for the text that name no person. */
  readonly params: Readonly<Record<string, string>>;
}

type Content = Omit<AddressedNotice, keyof Recipient>;

/** A notice to the cadres of a union. */
export function toUnion(unionId: string, content: Content): AddressedNotice {
  return { recipientKind: RecipientKind.RECIPIENT_KIND_UNION, recipientId: unionId, ...content };
}

/** A notice to one member. */
export function toMember(memberId: string, content: Content): AddressedNotice {
  return { recipientKind: RecipientKind.RECIPIENT_KIND_MEMBER, recipientId: memberId, ...content };
}
