import { partitionOf } from '@unionfold/eventsourcing';
import { type CheckReport, Findings } from '../report.ts';
import { type EventPlace, type EventRecords, type EventRow, keyOf } from './event-records.ts';
import { hashOf, IdHashes } from './id-hashes.ts';

/** Receipts and snapshots are looked up so many at a time. */
const lookUpSize = 1_000;

/**
 * Checks an event store by itself: positions and versions without gap or repetition, each stream in its partition, ids
 * that are there once, counters, receipts and snapshots that fit the events. Appends may go on meanwhile. Keeps one
 * number a stream of the partition in hand, and eight bytes an event.
 */
export async function checkEventStore(
  service: string,
  records: EventRecords,
): Promise<CheckReport> {
  const findings = new Findings();
  const counts = {
    partitions: records.partitions,
    events: 0,
    streams: 0,
    receipts: 0,
    snapshots: 0,
  };
  const ids = new IdHashes();
  const before = await records.counters();
  const last: number[] = [];
  for (let partition = 0; partition < records.partitions; partition++) {
    const walk = new PartitionWalk(partition, records.partitions, findings);
    for await (const event of records.events(partition)) {
      walk.take(event);
      ids.add(event.id);
      counts.events += 1;
    }
    counts.streams += walk.streams;
    last.push(walk.last);
  }
  for await (const stray of records.strays()) {
    findings.violation('event-outside', 'an event stands in no partition of this store', stray);
  }
  checkCounters(last, before, await records.counters(), findings);
  await checkIds(records, ids, findings);
  counts.receipts = await checkReceipts(records, findings);
  counts.snapshots = await checkSnapshots(records, findings);
  return { check: 'event-store', subject: service, counts, findings: findings.list() };
}

/** One partition, from its first event on. */
class PartitionWalk {
  last = 0;
  readonly #partition: number;
  readonly #partitions: number;
  readonly #findings: Findings;
  readonly #versions = new Map<string, number>();

  constructor(partition: number, partitions: number, findings: Findings) {
    this.#partition = partition;
    this.#partitions = partitions;
    this.#findings = findings;
  }

  get streams(): number {
    return this.#versions.size;
  }

  take({ position, stream, version }: EventRow): void {
    const where = `partition ${this.#partition}, position ${position}`;
    if (position > this.last + 1) {
      this.#findings.violation(
        'position-gap',
        'positions of a partition are missing: readers would wait for them or pass over events',
        `partition ${this.#partition}, positions ${this.last + 1} to ${position - 1}`,
        position - 1 - this.last,
      );
    } else if (position !== this.last + 1) {
      this.#findings.violation('position-repeated', 'a position is there twice or is none', where);
    }
    this.last = Math.max(this.last, position);
    this.#takeVersion(stream, version, where);
    if (partitionOf(stream, this.#partitions) !== this.#partition) {
      this.#findings.violation(
        'wrong-partition',
        'an event stands in another partition than the one of its stream',
        `${where}, stream ${stream}`,
      );
    }
  }

  #takeVersion(stream: string, version: number, where: string): void {
    const before = this.#versions.get(stream) ?? 0;
    const example = `${where}, stream ${stream}, version ${version} after ${before}`;
    if (version > before + 1) {
      const missing = version - 1 - before;
      this.#findings.violation('version-gap', 'versions of a stream are missing', example, missing);
    } else if (version !== before + 1) {
      const meaning = 'a version of a stream is there twice, or comes after a later one';
      this.#findings.violation('version-order', meaning, example);
    }
    this.#versions.set(stream, Math.max(before, version));
  }
}

/** Counters move on with appends: each stands between what was read before the events and after them. */
function checkCounters(
  last: readonly number[],
  before: ReadonlyMap<number, number> | undefined,
  after: ReadonlyMap<number, number> | undefined,
  findings: Findings,
): void {
  if (before === undefined || after === undefined) return;
  for (const [partition, position] of last.entries()) {
    const low = before.get(partition);
    const high = after.get(partition);
    if (low === undefined || high === undefined) {
      const meaning = 'a partition has no counter: nothing can be appended to it';
      findings.violation('counter-missing', meaning, `partition ${partition}`);
    } else if (position < low || position > high) {
      findings.violation(
        'counter-wrong',
        'the counter of a partition is not its last position',
        `partition ${partition}, counter ${position < low ? low : high}, last event ${position}`,
      );
    }
  }
  for (const partition of after.keys()) {
    if (partition < last.length) continue;
    const meaning = 'there is a counter for a partition that the store does not have';
    findings.violation('counter-outside', meaning, `partition ${partition}`);
  }
}

/** Looks again at the few ids whose hashes were met more than once. */
async function checkIds(records: EventRecords, ids: IdHashes, findings: Findings): Promise<void> {
  const suspects = ids.repeated();
  if (suspects.size === 0) return;
  const seen = new Map<string, string>();
  for (let partition = 0; partition < records.partitions; partition++) {
    for await (const { id, position } of records.events(partition)) {
      if (!suspects.has(hashOf(id))) continue;
      const place = keyOf({ partition, position });
      const first = seen.get(id);
      if (first === undefined) seen.set(id, place);
      else {
        const meaning = 'two events have the same id: consumers take the second for a redelivery';
        findings.violation('id-repeated', meaning, `event ${id} at ${first} and ${place}`);
      }
    }
  }
}

async function checkReceipts(records: EventRecords, findings: Findings): Promise<number> {
  let count = 0;
  type Expected = EventPlace & { readonly stream: string; readonly version: number };
  let expected: Expected[] = [];
  const lookUp = async () => {
    const found = await records.at(expected);
    for (const { stream, version, ...place } of expected) {
      const event = found.get(keyOf(place));
      const example = `${keyOf(place)}, stream ${stream}, version ${version}`;
      if (event === undefined) {
        findings.violation(
          'receipt-orphan',
          'a receipt tells of an event that is not there',
          example,
        );
      } else if (event.stream !== stream || event.version !== version) {
        const meaning = 'a receipt tells of another event than the one that is there';
        findings.violation('receipt-wrong', meaning, example);
      }
    }
    expected = [];
  };
  for await (const { appended } of records.receipts()) {
    count += 1;
    for (const { stream, version, partition, position, events } of appended) {
      for (let nth = 0; nth < events; nth++) {
        expected.push({ stream, version: version + nth, partition, position: position + nth });
        if (expected.length >= lookUpSize) await lookUp();
      }
    }
  }
  await lookUp();
  return count;
}

async function checkSnapshots(records: EventRecords, findings: Findings): Promise<number> {
  let count = 0;
  let snapshots: { readonly stream: string; readonly version: number }[] = [];
  const lookUp = async () => {
    const heads = await records.heads(snapshots.map(({ stream }) => stream));
    for (const { stream, version } of snapshots) {
      const head = heads.get(stream) ?? 0;
      if (version <= head) continue;
      const meaning = 'a snapshot is ahead of its stream: states would hold what never happened';
      const example = `stream ${stream}, snapshot ${version}, last version ${head}`;
      findings.violation('snapshot-ahead', meaning, example);
    }
    snapshots = [];
  };
  for await (const snapshot of records.snapshots()) {
    count += 1;
    snapshots.push(snapshot);
    if (snapshots.length >= lookUpSize) await lookUp();
  }
  await lookUp();
  return count;
}
