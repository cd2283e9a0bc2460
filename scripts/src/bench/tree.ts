import { federations, searchTerms } from '@unionfold/codes';
import { createLogger } from '@unionfold/service-kit';
import { loadTargetOf, startEmbeddedNode } from '../node/embedded-node.ts';
import { load } from '../seed/first-load.ts';
import { signIn, startChild } from './child.ts';
import { type Bench, percentile } from './figures.ts';
import { inFolder } from './folder.ts';

const requests = 2_000;

/** What is searched for: a part of the name, its pinyin, initials, or a code. */
function query(
  index: number,
  { id, name }: { readonly id: string; readonly name: string },
): string {
  const latin = searchTerms(name).filter((term) => /^[a-z]{4,}$/.test(term));
  const ways = [name.slice(0, 3), latin.at(0), latin.at(-1), id];
  return ways[index % ways.length] ?? name;
}

/**
 * Expanding a union, reading its subtree's statistics, and searching the whole nation by part of a name, pinyin,
 * initials and code, over HTTP, one request after another on random unions, in a tree of 50,000: all federations down to the townships, and enterprise unions to make up the number.
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
      const times = async (
        reader: string,
        path: (union: (typeof all)[number], index: number) => string,
      ): Promise<number[]> => {
        const token = await signIn(platform.url, 'cn', reader);
        const taken: number[] = [];
        for (let index = 0; index < requests; index++) {
          const union = all[(index * 7_919) % all.length] as (typeof all)[number];
          const asked = path(union, index);
          const began = performance.now();
          const answer = await fetch(`${platform.url}${asked}`, {
            headers: { authorization: `Bearer ${token}` },
          });
          const { items = [{}] } = (await answer.json()) as { items?: readonly unknown[] };
          if (answer.status !== 200) throw new Error(`${asked} answered ${answer.status}`);
          if (items.length === 0 && asked.includes('query='))
            throw new Error(`${asked} found none`);
          taken.push(performance.now() - began);
        }
        return taken;
      };
      // Once through, so that the figures are those of a running platform.
      await times('first', ({ id }) => `/api/v1/unions/${id}/children`);
      const expand = await times('second', ({ id }) => `/api/v1/unions/${id}/children`);
      const stats = await times('third', ({ id }) => `/api/v1/unions/${id}/statistics`);
      const search = await times(
        'fourth',
        (union, index) =>
          `/api/v1/unions?limit=20&query=${encodeURIComponent(query(index, union))}`,
      );
      return {
        unions,
        ready_ms: platform.readyMs,
        expand_p50_ms: percentile(expand, 0.5),
        expand_p99_ms: percentile(expand, 0.99),
        stats_p50_ms: percentile(stats, 0.5),
        stats_p99_ms: percentile(stats, 0.99),
        search_p50_ms: percentile(search, 0.5),
        search_p99_ms: percentile(search, 0.99),
        resident_mb: platform.residentMb(),
      };
    } finally {
      await platform.stop();
    }
  });
