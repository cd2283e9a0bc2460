import { beforeEach, describe, expect, it } from 'vitest';
import { ConsumerPositions } from './consumer-positions.ts';
import type { Checkpoint, DocumentStore } from './document-store.ts';

const topic = 'unionfold.test.events.v1';
const at = (position: number): Checkpoint => ({
  consumer: 'notes',
  topic,
  partition: 0,
  position,
  cursor: `c${position}`,
});

describe('The positions of a consumer, read again from the store', () => {
  let stored: Checkpoint[];
  let positions: ConsumerPositions;
  const where = () => [
    positions.held(topic, 0)?.position,
    positions.stored(topic, 0)?.position,
    positions.unstored().map(({ position }) => position),
  ];

  beforeEach(async () => {
    stored = [at(1)];
    const documents = { checkpoints: async () => stored } as unknown as DocumentStore;
    positions = new ConsumerPositions('notes', documents, () => true);
    await positions.load();
    // Two events without effect, whose checkpoint may wait.
    positions.advance(at(2), false);
    positions.advance(at(3), false);
  });

  it.each([
    ['nothing was stored', [at(1)], [3, 1, [3]]],
    ['a change was stored whose answer was lost', [at(2)], [3, 2, [3]]],
    ['all of it was stored, though its answer was lost', [at(3)], [3, 3, []]],
    ['another process has gone further', [at(5)], [5, 5, []]],
    ['the checkpoint was put back', [{ ...at(1), position: 0 }], [0, 0, []]],
  ])('%s', async (_, now, expected) => {
    stored = now;
    await positions.load();
    expect(where()).toEqual(expected);
  });
});
