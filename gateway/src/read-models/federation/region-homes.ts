import { federationIdOfRegion } from '@unionfold/codes';
import type { UnionTree } from './tree.ts';

const national = 'cn';

/**
 * The federation of a region, as the home of what lies there (属地). Not every township has one, and its establishment
 * may arrive later: until then it stands in the tree as a placeholder below the federation of the region above, so that
 * what lies there is seen and counted from above, and comes along when the federation is established.
 * @param regionCode GB/T 2260 or GB/T 10114
 */
export async function regionHome(tree: UnionTree, regionCode: string): Promise<string> {
  const unionId = regionCode.startsWith('0000') ? national : federationIdOfRegion(regionCode);
  await hang(tree, unionId);
  return unionId;
}

async function hang(tree: UnionTree, unionId: string): Promise<void> {
  if (unionId === national) return;
  const { status, parentId } = await tree.union(unionId);
  if (status !== 'unknown' || parentId !== '') return;
  const upperId = upperFederation(unionId);
  await hang(tree, upperId);
  await tree.place(unionId, upperId);
}

/** cn-370202001, cn-370202, cn-3702, cn-37, cn */
function upperFederation(unionId: string): string {
  const [, code = ''] = unionId.split('-');
  if (code.length > 6) return `cn-${code.slice(0, 6)}`;
  return code.length > 2 ? `cn-${code.slice(0, code.length - 2)}` : national;
}
