import { describe, expect, it } from 'vitest';
import { checkConsumers, type PublishedHead } from './check-consumers.ts';
import { type DeadLetterRow, letterKey } from './consumer-records.ts';

const topic = 'unionfold.members.events.v1';
const letter: DeadLetterRow = {
  consumer: 'rosters_g2',
  topic,
  partition: 0,
  position: 4,
  id: 'e4',
  stream: 'member-m',
  parked: false,
};

/** A document store at rest: a projection in its second generation and a reaction, both at the head. */
function atRest() {
  const at = (consumer: string, partition: number, position: number) => ({
    consumer,
    topic,
    partition,
    position,
    cursor: String(position - 1),
  });
  return {
    checkpoints: [
      at('rosters_g2', 0, 10),
      at('rosters_g2', 1, 5),
      at('succession', 0, 10),
      at('succession', 1, 5),
    ],
    generations: new Map([
      ['rosters', { live: 2, version: 1 } as { live: number; version: number; building?: number }],
    ]),
    collections: ['dead_letters', 'projection_generations', 'rosters_g2_unions'],
    published: new Map<string, PublishedHead>([
      [`${topic}/0`, { published: 10, reached: 10, endOffset: 10 }],
      [`${topic}/1`, { published: 5, reached: 5, endOffset: 5 }],
    ]),
    letters: [] as DeadLetterRow[],
    publishedLetters: new Set<string>(),
  };
}

type State = ReturnType<typeof atRest>;

async function check(change: (state: State) => void, settled: boolean) {
  const state = atRest();
  change(state);
  const report = await checkConsumers(
    {
      owner: 'members',
      projections: [{ name: 'rosters', topics: [topic] }],
      reactions: [{ name: 'succession', topics: [topic] }],
    },
    state,
    (async function* () {
      yield* state.letters;
    })(),
    {
      published: state.published,
      publishedLetters: state.publishedLetters,
      settled,
      eventIds: async (_, places) =>
        new Map(
          places.map(({ partition, position }) => [`${partition}@${position}`, `e${position}`]),
        ),
    },
  );
  const found = report.findings.map(
    ({ severity, kind, examples }) => `${severity} ${kind}: ${examples.join('; ')}`,
  );
  return { counts: report.counts, found };
}

const moved = (state: State, index: number, position: number, cursor = String(position - 1)) => {
  const before = state.checkpoints[index];
  if (before === undefined) throw new Error('no such checkpoint');
  state.checkpoints[index] = { ...before, position, cursor };
};

describe('The check of consumers', () => {
  it('finds nothing at rest, and tells what it has looked at', async () => {
    const { counts, found } = await check(() => undefined, true);
    expect(found).toEqual([]);
    expect(counts).toEqual({ consumers: 2, checkpoints: 4, deadLetters: 0, parked: 0 });
  });

  it('finds a checkpoint beyond what was published', async () => {
    const { found } = await check((state) => moved(state, 2, 11, '9'), false);
    expect(found).toEqual([
      `violation checkpoint-ahead: succession at ${topic}/0@11, published 10`,
    ]);
  });

  it('bears a checkpoint at what Kafka has and the relay has not noted yet', async () => {
    const { found } = await check((state) => {
      state.published.set(`${topic}/0`, { published: 8, reached: 10, endOffset: 10 });
    }, false);
    expect(found).toEqual([]);
  });

  it('finds a cursor beyond the end of the topic, which would leave out what comes next', async () => {
    const { found } = await check((state) => moved(state, 3, 5, '77'), false);
    expect(found).toEqual([`violation cursor-ahead: succession at ${topic}/1, offset 77, end 5`]);
  });

  it('finds a consumer that is behind only when nothing runs any more', async () => {
    const fall = (state: State) => moved(state, 1, 3);
    expect((await check(fall, false)).found).toEqual([]);
    expect((await check(fall, true)).found).toEqual([
      `violation behind: rosters_g2 at ${topic}/1@3, published 5`,
    ]);
  });

  it('finds a consumer without any checkpoint where there are events', async () => {
    const { found } = await check((state) => state.checkpoints.splice(2, 1), true);
    expect(found).toEqual([`violation behind: succession at ${topic}/0@0, published 10`]);
  });

  it('lists dead letters and parked events', async () => {
    const parked = { ...letter, position: 7, id: 'e7', parked: true };
    const { counts, found } = await check((state) => {
      state.letters.push(letter, parked);
      state.publishedLetters.add(letterKey(letter)).add(letterKey(parked));
    }, true);
    expect(counts).toMatchObject({ deadLetters: 1, parked: 1 });
    expect(found).toEqual([
      `warning dead-letter: rosters_g2 ${topic}/0@4, stream member-m`,
      `warning parked: rosters_g2 ${topic}/0@7, stream member-m`,
    ]);
  });

  it('finds a dead letter that is not in the dead-letter topic', async () => {
    const add = (state: State) => state.letters.push(letter);
    expect((await check(add, true)).found.at(-1)).toMatch(/^violation letter-unpublished/);
    expect((await check(add, false)).found.at(-1)).toMatch(/^warning letter-unpublished/);
  });

  it('finds a dead letter without its event', async () => {
    const { found } = await check((state) => {
      state.letters.push({ ...letter, id: 'other' });
      state.publishedLetters.add(letterKey(letter));
    }, false);
    expect(found).toContain(`violation letter-orphan: rosters_g2 ${topic}/0@4`);
  });

  it('warns of a dead letter of a generation that is no more', async () => {
    const { found } = await check((state) => {
      state.letters.push({ ...letter, consumer: 'rosters_g1' });
    }, true);
    expect(found).toContain(`warning letter-of-nobody: rosters_g1 ${topic}/0@4, stream member-m`);
  });

  it('finds remains of a generation, and leaves the one being built alone', async () => {
    const leave = (state: State) => {
      state.generations.set('rosters', { live: 2, version: 1, building: 3 });
      state.collections.push('rosters_g1_unions', 'rosters_g3_unions');
      for (const consumer of ['rosters_g1', 'rosters_g3']) {
        state.checkpoints.push({ consumer, topic, partition: 0, position: 1, cursor: '0' });
      }
    };
    const example = 'collection rosters_g1_unions; checkpoints of rosters_g1';
    expect((await check(leave, true)).found).toEqual([`violation orphan-generation: ${example}`]);
    expect((await check(leave, false)).found).toEqual([`warning orphan-generation: ${example}`]);
  });
});
