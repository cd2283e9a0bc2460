import kafkajs, { type Cluster, type PartitionAssigner } from 'kafkajs';
import { shareOut } from '../embedded/share-out.ts';

const { AssignerProtocol } = kafkajs;

interface Place {
  readonly topic: string;
  readonly partition: number;
}

/** A member as the leader of its group sees it. */
interface Candidate {
  readonly memberId: string;
  readonly topics: ReadonlySet<string>;
  readonly holds: ReadonlySet<string>;
}

/**
 * Shares partitions as the embedded log does: evenly, and each stays where it is if it can. With `exclusive`, one
 * member has all of them, and keeps them until it leaves; the others stand by.
 * @param held the partitions that this process has now, told to the leader with every join
 */
export function partitionAssigner(
  exclusive: boolean,
  held: () => readonly Place[],
): PartitionAssigner {
  return ({ cluster }: { cluster: Cluster }) => {
    const name = exclusive ? 'unionfold-exclusive' : 'unionfold-even';
    const version = 1;
    return {
      name,
      version,
      protocol: ({ topics }) => ({
        name,
        metadata: AssignerProtocol.MemberMetadata.encode({
          version,
          topics,
          userData: Buffer.from(JSON.stringify(held().map(placeOf))),
        }),
      }),
      assign: async ({ members, topics }) => {
        const candidates = members.map(({ memberId, memberMetadata }) => {
          const decoded = AssignerProtocol.MemberMetadata.decode(memberMetadata);
          const holds: string[] = JSON.parse(decoded?.userData.toString() || '[]');
          return {
            memberId,
            topics: new Set(decoded?.topics ?? topics),
            holds: new Set(holds),
          };
        });
        candidates.sort((a, b) => (a.memberId < b.memberId ? -1 : 1));
        const places = topics.toSorted().flatMap((topic) =>
          cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => ({
            topic,
            partition: partitionId,
          })),
        );
        const shares = exclusive ? allToOne(places, candidates) : evenly(places, candidates);
        return candidates.map(({ memberId }) => ({
          memberId,
          memberAssignment: AssignerProtocol.MemberAssignment.encode({
            version,
            assignment: assignment(shares.get(memberId) ?? []),
            userData: Buffer.alloc(0),
          }),
        }));
      },
    };
  };
}

function allToOne(
  places: readonly Place[],
  candidates: readonly Candidate[],
): Map<string, Place[]> {
  const widest = Math.max(...candidates.map(({ topics }) => topics.size));
  // While a new topic is taken up, those that know it already are to have everything.
  const able = candidates.filter(({ topics }) => topics.size === widest);
  const one = able.find(({ holds }) => holds.size > 0) ?? able[0];
  if (one === undefined) return new Map();
  return new Map([[one.memberId, places.filter(({ topic }) => one.topics.has(topic))]]);
}

function evenly(places: readonly Place[], candidates: readonly Candidate[]): Map<string, Place[]> {
  const shares = shareOut(places, candidates, (place) =>
    candidates.find(({ holds }) => holds.has(placeOf(place))),
  );
  const byMember = new Map<string, Place[]>();
  for (const [place, { memberId }] of shares) {
    byMember.set(memberId, [...(byMember.get(memberId) ?? []), place]);
  }
  return byMember;
}

function assignment(places: readonly Place[]): Record<string, number[]> {
  const byTopic: Record<string, number[]> = {};
  for (const { topic, partition } of places) {
    byTopic[topic] = [...(byTopic[topic] ?? []), partition];
  }
  return byTopic;
}

function placeOf({ topic, partition }: Place): string {
  return `${topic}/${partition}`;
}
