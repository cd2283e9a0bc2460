import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shareOut } from './share-out.ts';

interface Member {
  readonly name: string;
  readonly topics: ReadonlySet<string>;
}

const topics = ['a', 'b', 'c'];
const partitions = topics.flatMap((topic, index) =>
  Array.from({ length: 2 + 3 * index }, (_, partition) => ({ topic, partition })),
);
const members = fc
  .array(fc.subarray(topics, { minLength: 1 }), { maxLength: 6 })
  .map((lists) =>
    lists.map((list, index): Member => ({ name: `${index}`, topics: new Set(list) })),
  );

function sizes(shares: ReadonlyMap<unknown, Member>, of: readonly Member[]): Map<Member, number> {
  const counts = new Map(of.map((member) => [member, 0]));
  for (const member of shares.values()) counts.set(member, (counts.get(member) ?? 0) + 1);
  return counts;
}

describe('shareOut', () => {
  it('gives every wanted partition to a member that wants it, evenly, whoever had it before', () => {
    fc.assert(
      fc.property(
        members,
        fc.array(fc.nat(7), { minLength: 20, maxLength: 20 }),
        (group, before) => {
          const former = new Map(
            partitions.map((partition, index) => {
              const holder = group[before[index] ?? 0];
              return [partition, holder?.topics.has(partition.topic) ? holder : undefined];
            }),
          );
          const shares = shareOut(partitions, group, (partition) => former.get(partition));
          const counts = sizes(shares, group);
          for (const partition of partitions) {
            const eligible = group.filter((member) => member.topics.has(partition.topic));
            const member = shares.get(partition);
            if (member === undefined) {
              expect(eligible).toEqual([]);
              continue;
            }
            expect(eligible).toContain(member);
            const smallest = Math.min(...eligible.map((other) => counts.get(other) ?? 0));
            expect((counts.get(member) ?? 0) - smallest).toBeLessThanOrEqual(1);
          }
        },
      ),
    );
  });

  it('moves no more partitions than evenness asks for', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), (count) => {
        const group = Array.from({ length: count }, (_, index) => ({
          name: `${index}`,
          topics: new Set(topics),
        }));
        const newcomer = { name: 'newcomer', topics: new Set(topics) };
        const first = shareOut(partitions, group, () => undefined);
        expect(shareOut(partitions, group, (partition) => first.get(partition))).toEqual(first);

        const joined = shareOut(partitions, [...group, newcomer], (each) => first.get(each));
        const moved = partitions.filter((each) => joined.get(each) !== first.get(each));
        expect(moved.every((each) => joined.get(each) === newcomer)).toBe(true);
        expect(moved.length).toBe(Math.floor(partitions.length / (count + 1)));

        const left = shareOut(partitions, group, (each) => joined.get(each));
        for (const each of partitions) {
          if (joined.get(each) !== newcomer) expect(left.get(each)).toBe(joined.get(each));
        }
      }),
    );
  });
});
