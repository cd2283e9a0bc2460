import { createHash } from 'node:crypto';

/**
 * Hash of a command, by which a repetition is told from another command under the same key. It is taken of the message
 * in its binary form, which leaves out fields at their defaults: it stays the same when a later release adds a field.
 *
 * @param path the method's path
 */
export function fingerprint<Request>(
  path: string,
  serialize: (request: Request) => Buffer,
  request: Request,
): string {
  const message = serialize(inOrder(request) as Request);
  return createHash('sha256').update(path).update('\0').update(message).digest('base64url');
}

/** Maps have no order in protobuf, but their entries are written in the order they came in. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  if (value instanceof Date) return value;
  const entries = Object.entries(value).map(([key, one]) => [key, inOrder(one)] as const);
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
