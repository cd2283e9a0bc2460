import type { Cluster, PartitionAssigner } from 'kafkajs';

/** What kafkajs 2.2.4 does first, and only, when it joins a group or asks for its offsets. */
interface Joining {
  findGroupCoordinator(...question: readonly unknown[]): Promise<unknown>;
}

/**
 * An assigner whose client does not join a group before something has happened. kafkajs has no such hook: it tells of a
 * rebalance and rejoins at once, and the member that is given a partition would begin while the one before still has a
 * batch in hand.
 */
export function joiningAfter(
  ready: () => Promise<void>,
  assigner: PartitionAssigner,
): PartitionAssigner {
  return (config: { readonly cluster: Cluster }) => {
    const cluster = config.cluster as unknown as Joining;
    const find = cluster.findGroupCoordinator.bind(cluster);
    cluster.findGroupCoordinator = async (...question) => {
      await ready();
      return await find(...question);
    };
    return assigner(config as Parameters<PartitionAssigner>[0]);
  };
}
