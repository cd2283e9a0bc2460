/** A member of a group, as far as sharing is concerned. */
export interface Sharer {
  readonly topics: ReadonlySet<string>;
}

/**
 * Gives every partition to one of the members that want its topic: no member has two partitions more than another one
 * that could take one of them, and a partition changes its member only where evenness asks for it, because every change
 * interrupts its delivery.
 * @param holder the member that has a partition so far
 * @returns the member of each partition; a partition that nobody wants is absent
 */
export function shareOut<P extends { readonly topic: string }, M extends Sharer>(
  partitions: readonly P[],
  members: readonly M[],
  holder: (partition: P) => M | undefined,
): ReadonlyMap<P, M> {
  const shares = new Map<M, P[]>(members.map((member) => [member, []]));
  const free: P[] = [];
  for (const partition of partitions) {
    const member = holder(partition);
    const share = member === undefined ? undefined : shares.get(member);
    (share ?? free).push(partition);
  }
  for (const partition of free) smallestShare(shares, partition.topic)?.push(partition);

  // Each move makes the sum of the squared sizes smaller, so this ends.
  for (let moved = true; moved; ) {
    moved = false;
    for (const share of shares.values()) {
      for (const [index, partition] of share.entries()) {
        const smallest = smallestShare(shares, partition.topic);
        if (smallest === undefined || smallest.length + 1 >= share.length) continue;
        share.splice(index, 1);
        smallest.push(partition);
        moved = true;
        break;
      }
    }
  }
  return new Map(
    [...shares].flatMap(([member, share]) => share.map((partition) => [partition, member])),
  );
}

function smallestShare<P, M extends Sharer>(
  shares: ReadonlyMap<M, P[]>,
  topic: string,
): P[] | undefined {
  let smallest: P[] | undefined;
  for (const [member, share] of shares) {
    if (!member.topics.has(topic)) continue;
    if (smallest === undefined || share.length < smallest.length) smallest = share;
  }
  return smallest;
}
