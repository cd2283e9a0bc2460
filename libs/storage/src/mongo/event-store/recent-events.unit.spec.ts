import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type EventDocument, placeOf } from './event-documents.ts';
import { RecentEvents } from './recent-events.ts';

function at(partition: number, position: number, data = '{}'): EventDocument {
  return {
    _id: { stream: 's', version: position },
    place: placeOf(partition, position),
    id: `${partition}-${position}`,
    type: 't',
    data,
    metadata: { actor: 'a', correlationId: 'c', occurredAt: '2026-01-01T00:00:00.000Z' },
    recordedAt: new Date(),
  };
}

function positionsAfter(recent: RecentEvents, partition: number, position: number, limit = 100) {
  return recent.after(partition, position, limit)?.map((event) => event.position);
}

describe('recent events', () => {
  it('are those that follow a position, as many as are asked for', () => {
    const recent = new RecentEvents();
    recent.add([at(0, 5), at(1, 9), at(0, 6)]);
    recent.add([at(0, 7)]);
    expect(positionsAfter(recent, 0, 4)).toEqual([5, 6, 7]);
    expect(positionsAfter(recent, 0, 5, 1)).toEqual([6]);
    expect(positionsAfter(recent, 1, 8)).toEqual([9]);
  });

  it('are none where the next one is not kept: it must be read', () => {
    const recent = new RecentEvents();
    expect(positionsAfter(recent, 0, 0)).toBeUndefined();
    recent.add([at(0, 5)]);
    for (const position of [0, 3, 5, 6]) {
      expect(positionsAfter(recent, 0, position)).toBeUndefined();
    }
    expect(positionsAfter(recent, 1, 4)).toBeUndefined();
  });

  it('take no more memory than a few large ones, or a thousand small ones', () => {
    const large = new RecentEvents();
    for (let n = 1; n <= 9; n++) large.add([at(0, n, JSON.stringify('x'.repeat(2 ** 21)))]);
    expect(positionsAfter(large, 0, 3)).toBeUndefined();
    expect(positionsAfter(large, 0, 8)).toEqual([9]);
    const small = new RecentEvents();
    for (let n = 1; n <= 1_001; n++) small.add([at(0, n)]);
    expect(positionsAfter(small, 0, 0)).toBeUndefined();
    expect(positionsAfter(small, 0, 1_000)).toEqual([1_001]);
  });

  it('never leave out what another process has appended in between', () => {
    // Who appends the next event: this process, which keeps it, or another one.
    fc.assert(
      fc.property(fc.array(fc.boolean()), fc.nat({ max: 20 }), (isOwn, after) => {
        const recent = new RecentEvents();
        for (const [index, own] of isOwn.entries()) if (own) recent.add([at(0, index + 1)]);
        const found = positionsAfter(recent, 0, after);
        if (found === undefined) return;
        expect(found).toEqual(found.map((_, nth) => after + nth + 1));
        expect(found.every((position) => isOwn[position - 1])).toBe(true);
      }),
    );
  });
});
