import type { CloudEventRecord } from './cloud-event.ts';

/** What a varint of 32 bits needs at most. Bytes. */
const longestVarint = 5;

/**
 * Writes records as they stand in a Kafka record batch (message format 2, `Record` in Kafka's protocol documentation),
 * one behind the other. Timestamps are those of the batch.
 */
export class RecordWriter {
  #buffer = Buffer.allocUnsafe(64 * 1024);
  #length = 0;
  #count = 0;
  /** Header names as they are written, length first: there are few. */
  static readonly #names = new Map<string, Buffer>();

  /** How many records were added. */
  get count(): number {
    return this.#count;
  }

  /** Bytes, uncompressed. */
  get length(): number {
    return this.#length;
  }

  add(record: CloudEventRecord): void {
    const { key, value, headers } = record;
    const names = Object.keys(headers);
    let longest = 64 + 3 * (key.length + value.length);
    for (const name of names) longest += 16 + name.length + 3 * (headers[name]?.length ?? 0);
    this.#reserve(longest);
    const start = this.#length;
    // The length comes first but is known last: room is left for its longest form.
    this.#length += longestVarint;
    const body = this.#length;
    this.#buffer[this.#length++] = 0; // attributes
    this.#buffer[this.#length++] = 0; // timestamp delta
    this.#varint(this.#count);
    this.#text(key);
    this.#text(value);
    this.#varint(names.length);
    for (const name of names) {
      const written = RecordWriter.#named(name);
      this.#length += written.copy(this.#buffer, this.#length);
      this.#text(headers[name] ?? '');
    }
    const bodyLength = this.#length - body;
    this.#length = start;
    this.#varint(bodyLength);
    this.#buffer.copyWithin(this.#length, body, body + bodyLength);
    this.#length += bodyLength;
    this.#count++;
  }

  /** All records; the writer must not be used any more. */
  end(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  /** Zigzag varint, as in Protocol Buffers. Lengths and counts are below 2^30. */
  #varint(value: number): void {
    let rest = value << 1;
    while (rest > 0x7f) {
      this.#buffer[this.#length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#buffer[this.#length++] = rest;
  }

  /** UTF-8 behind its length in bytes. */
  #text(text: string): void {
    const bytes = Buffer.byteLength(text);
    this.#varint(bytes);
    this.#buffer.write(text, this.#length, 'utf8');
    this.#length += bytes;
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, 2 * this.#buffer.length));
    this.#buffer.copy(grown, 0, 0, this.#length);
    this.#buffer = grown;
  }

  static #named(name: string): Buffer {
    let written = RecordWriter.#names.get(name);
    if (written === undefined) {
      written = Buffer.from([Buffer.byteLength(name) << 1, ...Buffer.from(name)]);
      RecordWriter.#names.set(name, written);
    }
    return written;
  }
}
