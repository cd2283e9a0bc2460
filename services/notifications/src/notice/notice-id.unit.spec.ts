import { equal, match, notEqual } from 'node:assert/strict';
import { RecipientKind } from '@unionfold/contracts';
import { describe, it } from 'vitest';
import { noticeIdOf } from './notice-id.ts';

const union = { recipientKind: RecipientKind.RECIPIENT_KIND_UNION, recipientId: 'x' };
const member = { recipientKind: RecipientKind.RECIPIENT_KIND_MEMBER, recipientId: 'x' };

describe('The id of a notice', () => {
  it('is the same for the same event and recipient, and another for any other', () => {
    equal(noticeIdOf('e1', union), noticeIdOf('e1', { ...union }));
    notEqual(noticeIdOf('e1', union), noticeIdOf('e2', union));
    notEqual(noticeIdOf('e1', union), noticeIdOf('e1', member));
    notEqual(noticeIdOf('e1', union), noticeIdOf('e1', { ...union, recipientId: 'y' }));
  });

  it('is a valid id', () => {
    match(noticeIdOf('e1', union), /^[0-9a-f]{32}$/);
  });
});
