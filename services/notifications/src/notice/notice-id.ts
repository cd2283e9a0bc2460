import { createHash } from 'node:crypto';
import type { Recipient } from './decider.ts';

/** 128 bits: no two notices of the platform's life will ever share them. */
const hexDigits = 32;

/**
 * The id of the notice that tells a recipient of an event. One event tells a recipient once: the same event, delivered
 * again, finds its notice posted.
 */
export function noticeIdOf(eventId: string, { recipientKind, recipientId }: Recipient): string {
  return createHash('sha256')
    .update(JSON.stringify([eventId, recipientKind, recipientId]))
    .digest('hex')
    .slice(0, hexDigits);
}
