import { federations } from '@unionfold/codes';
import { createLogger } from '@unionfold/service-kit';
import { loadTargetOf, startEmbeddedNode } from '../node/embedded-node.ts';
import { load } from '../seed/first-load.ts';
import { signIn, startChild } from './child.ts';
import { type Bench, percentile } from './figures.ts';
import { inFolder } from './folder.ts';

const requests = 2_000;

/**
 * Expanding a union and reading its subtree's statistics over HTTP, one request after another on random unions, in a
 * tree of 50,000: all federations down to the townships, and enterprise unions to make up the number.
 */
export const tree: Bench = ({ unions = 50_000, tell }) =>
  inFolder(async (dataDir) => {
    const townships = unions > 10_000;
    const all = federations(townships ? { townships: 'all' } : {});
    tell(`loading ${unions} unions`);
    const node = await startEmbeddedNode({
      dataDir,
      host: '127.0.0.1',
      port: 0,
      logger: createLogger('warn'),
    });
    const size = { enterprises: Math.max(unions - all.length, 1), membersEach: 2, townships };
    await load(await loadTargetOf(node), size, {
      start: () => undefined,
      step: () => undefined,
      stop: () => undefined,
    });
    await node.stop();
    const platform = await startChild(dataDir);
    try {
      const times = async (reader: string, path: (id: string) => string): Promise<number[]> => {
        const token = await signIn(platform.url, 'cn', reader);
        const taken: number[] = [];
        for (let index = 0; index < requests; index++) {
          const { id } = all[(index * 7_919) % all.length] ?? { id: 'cn' };
          const began = performance.now();
          const answer = await fetch(`${platform.url}${path(id)}`, {
            headers: { authorization: `Bearer ${token}` },
          });
          await answer.json();
          if (answer.status !== 200) throw new Error(`${path(id)} answered ${answer.status}`);
          taken.push(performance.now() - began);
        }
        return taken;
      };
      // Once through, so that the figures are those of a running platform.
      await times('first', (id) => `/api/v1/unions/${id}/children`);
      const expand = await times('second', (id) => `/api/v1/unions/${id}/children`);
      const stats = await times('third', (id) => `/api/v1/unions/${id}/statistics`);
      return {
        unions,
        ready_ms: platform.readyMs,
        expand_p50_ms: percentile(expand, 0.5),
        expand_p99_ms: percentile(expand, 0.99),
        stats_p50_ms: percentile(stats, 0.5),
        stats_p99_ms: percentile(stats, 0.99),
        resident_mb: platform.residentMb(),
      };
    } finally {
      await platform.stop();
    }
  });
