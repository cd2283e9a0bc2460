import { promisify } from 'node:util';
import { inflateRaw } from 'node:zlib';

const endSignature = 0x06054b50;
const endLength = 22;
const longestComment = 0xffff;
const entrySignature = 0x02014b50;
const entryLength = 46;
const localLength = 30;
const stored = 0;

interface Entry {
  readonly method: number;
  readonly packed: number;
  readonly unpacked: number;
  readonly header: number;
}

const inflate = promisify(inflateRaw) as (
  bytes: Uint8Array,
  options: { readonly maxOutputLength: number },
) => Promise<Buffer>;

/**
 * Whether a zip archive (APPNOTE 6.3) unpacks to a bearable size, which its small size tells nothing about. What the
 * directory says of a size is not believed either: each entry is unpacked, up to what it claims.
 */
export async function unpacksToBearableSize(
  archive: Buffer,
  largestUnpacked: number,
): Promise<boolean> {
  const entries = directoryOf(archive);
  if (entries === undefined) return false;
  const total = entries.reduce((sum, { unpacked }) => sum + unpacked, 0);
  if (total > largestUnpacked) return false;
  for (const entry of entries) {
    if (!(await isAsLargeAsItSays(archive, entry))) return false;
  }
  return true;
}

function directoryOf(archive: Buffer): Entry[] | undefined {
  const end = endOf(archive);
  if (end === undefined) return undefined;
  const entries: Entry[] = [];
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 8); left > 0; left--) {
    if (at + entryLength > archive.length || archive.readUInt32LE(at) !== entrySignature) {
      return undefined;
    }
    entries.push({
      method: archive.readUInt16LE(at + 10),
      packed: archive.readUInt32LE(at + 20),
      unpacked: archive.readUInt32LE(at + 24),
      header: archive.readUInt32LE(at + 42),
    });
    at +=
      entryLength +
      archive.readUInt16LE(at + 28) +
      archive.readUInt16LE(at + 30) +
      archive.readUInt16LE(at + 32);
  }
  return entries;
}

function endOf(archive: Buffer): number | undefined {
  const first = Math.max(0, archive.length - endLength - longestComment);
  for (let at = archive.length - endLength; at >= first; at--) {
    if (archive.readUInt32LE(at) === endSignature) return at;
  }
  return undefined;
}

async function isAsLargeAsItSays(archive: Buffer, entry: Entry): Promise<boolean> {
  const { method, packed, unpacked, header } = entry;
  if (method === stored) return packed === unpacked;
  if (header + localLength > archive.length) return false;
  const start =
    header + localLength + archive.readUInt16LE(header + 26) + archive.readUInt16LE(header + 28);
  try {
    const bytes = archive.subarray(start, start + packed);
    const { length } = await inflate(bytes, { maxOutputLength: Math.max(1, unpacked) });
    return length === unpacked;
  } catch {
    return false;
  }
}
