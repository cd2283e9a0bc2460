import { pipeline, Readable } from 'node:stream';
import { crc32, createDeflateRaw } from 'node:zlib';

/** A file of an archive; its text comes in pieces. */
export interface ZipEntry {
  readonly name: string;
  readonly content: Iterable<string> | AsyncIterable<string>;
}

interface Written {
  readonly name: Buffer;
  readonly crc: number;
  readonly packed: number;
  readonly unpacked: number;
  readonly offset: number;
}

const version = 20;
/** Names are UTF-8, and sizes stand behind the content: nobody knows them before (APPNOTE 6.3, 4.4.4). */
const flags = 0x0808;
const deflated = 8;
/** 1980-01-01, the first day there is: when a file was made is in the answer's headers. */
const date = 0x0021;
/** What an archive without the fields for larger ones can hold, in bytes. */
const largest = 0xffff_ffff;

/** A zip archive in pieces, as its files come. Only a piece of it is in memory at a time. */
export async function* zipStream(
  entries: Iterable<ZipEntry> | AsyncIterable<ZipEntry>,
): AsyncGenerator<Buffer> {
  const written: Written[] = [];
  let offset = 0;
  for await (const { name: text, content } of entries) {
    const name = Buffer.from(text);
    const header = localHeader(name);
    yield header;
    const tally = { crc: 0, unpacked: 0 };
    let packed = 0;
    for await (const piece of packing(content, tally)) {
      packed += piece.length;
      yield piece;
    }
    const entry = { name, ...tally, packed, offset };
    const trailer = descriptor(entry);
    yield trailer;
    written.push(entry);
    offset += header.length + packed + trailer.length;
    if (offset > largest || tally.unpacked > largest) throw new Error('too large for an archive');
  }
  const directory = Buffer.concat(written.map(directoryEntry));
  yield directory;
  yield endOfDirectory(written.length, directory.length, offset);
}

function packing(
  content: ZipEntry['content'],
  tally: { crc: number; unpacked: number },
): AsyncIterable<Buffer> {
  const tallied = async function* () {
    for await (const text of content) {
      const bytes = Buffer.from(text);
      tally.crc = crc32(bytes, tally.crc);
      tally.unpacked += bytes.length;
      yield bytes;
    }
  };
  // A failure reaches whoever reads, since it destroys the last stream.
  return pipeline(Readable.from(tallied()), createDeflateRaw(), () => undefined);
}

function localHeader(name: Buffer): Buffer {
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(version, 4);
  header.writeUInt16LE(flags, 6);
  header.writeUInt16LE(deflated, 8);
  header.writeUInt16LE(date, 12);
  header.writeUInt16LE(name.length, 26);
  return Buffer.concat([header, name]);
}

function descriptor({ crc, packed, unpacked }: Written): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt32LE(0x08074b50, 0);
  bytes.writeUInt32LE(crc, 4);
  bytes.writeUInt32LE(packed, 8);
  bytes.writeUInt32LE(unpacked, 12);
  return bytes;
}

function directoryEntry({ name, crc, packed, unpacked, offset }: Written): Buffer {
  const entry = Buffer.alloc(46);
  entry.writeUInt32LE(0x02014b50, 0);
  entry.writeUInt16LE(version, 4);
  entry.writeUInt16LE(version, 6);
  entry.writeUInt16LE(flags, 8);
  entry.writeUInt16LE(deflated, 10);
  entry.writeUInt16LE(date, 14);
  entry.writeUInt32LE(crc, 16);
  entry.writeUInt32LE(packed, 20);
  entry.writeUInt32LE(unpacked, 24);
  entry.writeUInt16LE(name.length, 28);
  entry.writeUInt32LE(offset, 42);
  return Buffer.concat([entry, name]);
}

function endOfDirectory(entries: number, length: number, offset: number): Buffer {
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries, 8);
  end.writeUInt16LE(entries, 10);
  end.writeUInt32LE(length, 12);
  end.writeUInt32LE(offset, 16);
  return end;
}
