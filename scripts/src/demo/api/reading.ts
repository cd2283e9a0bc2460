import type { Caller } from './platform-client.ts';
import type { Page, Statistics } from './shapes.ts';

/** The totals of a union's subtree, as the caller sees them. */
export async function statisticsOf(caller: Caller, unionId: string): Promise<Statistics> {
  return await caller.get<Statistics>(`/api/v1/unions/${unionId}/statistics`);
}

/** A whole list, page by page. */
export async function everyItem<Item>(caller: Caller, path: string): Promise<Item[]> {
  const items: Item[] = [];
  const url = new URL(path, 'http://platform');
  for (;;) {
    const page = await caller.get<Page<Item>>(`${url.pathname}${url.search}`);
    items.push(...page.items);
    if (page.next === undefined) return items;
    url.searchParams.set('cursor', page.next);
  }
}
