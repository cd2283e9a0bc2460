import { promisify } from 'node:util';
import {
  constants,
  zstdCompress,
  zstdCompressSync,
  zstdDecompress,
  zstdDecompressSync,
} from 'node:zlib';
import kafkajs, { type Message } from 'kafkajs';

const { CompressionCodecs, CompressionTypes } = kafkajs;
const compressBeside = promisify(zstdCompress);
const decompressBeside = promisify(zstdDecompress);
/** Less than that is done sooner than it is handed to another thread. Bytes. */
const small = 2 ** 14;

/** Events of one stretch are much alike: the lowest level makes them a fifth, at little cost. */
const options = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/** Begins the value of a stand-in. No event is one: its value is a JSON object. */
const mark = 'unionfold stand-in ';
/** Where a stand-in's value begins at the latest in the first record of a batch. */
const markWithin = 64;
const written = new Map<string, Buffer>();
let tokens = 0;

/**
 * Teaches kafkajs Zstandard, which it knows by name only and Node has built in.
 *
 * kafkajs 2.2.4 takes a buffer of 512 bytes for every header of every record: three quarters of the time of a relay.
 * So records are written by {@link RecordWriter}, kafkajs is given as many empty stand-ins, and the codec, which is
 * handed what kafkajs has written, compresses the real ones in their place. Sequence numbers, retries and requests stay
 * with kafkajs.
 */
export function registerZstd(): void {
  CompressionCodecs[CompressionTypes.ZSTD] = () => ({
    compress: (encoder: { readonly buffer: Buffer }) => compress(real(encoder.buffer)),
    decompress,
  });
}

async function compress(records: Buffer): Promise<Buffer> {
  if (records.length < small) return zstdCompressSync(records, options);
  return await compressBeside(records, options);
}

async function decompress(records: Buffer): Promise<Buffer> {
  return records.length < small / 4 ? zstdDecompressSync(records) : await decompressBeside(records);
}

/** Messages that stand for records already written, for one partition. */
export interface StandIns {
  readonly messages: readonly Message[];
  /** Forgets the records; not before kafkajs has done sending them. */
  release(): void;
}

/** @param records as they stand in a record batch, as many as `count` */
export function standIns(records: Buffer, count: number, partition: number): StandIns {
  const token = `${mark}${String(tokens++).padStart(16, '0')}`;
  written.set(token, records);
  const empty: Message = { partition, value: null };
  const messages = [{ partition, value: token }, ...Array<Message>(count - 1).fill(empty)];
  return { messages, release: () => written.delete(token) };
}

function real(encoded: Buffer): Buffer {
  const at = encoded.subarray(0, markWithin).indexOf(mark);
  if (at < 0) return encoded;
  const records = written.get(encoded.toString('latin1', at, at + mark.length + 16));
  if (records === undefined) throw new Error('the records of a stand-in are no more');
  return records;
}
