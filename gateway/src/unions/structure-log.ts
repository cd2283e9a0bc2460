import { chinaDate, parseDate } from '@unionfold/codes';
import type { ReadModel } from '@unionfold/eventsourcing';
import Type, { type Static } from 'typebox';
import { type GatewayContext, scopeOf } from '../context.ts';
import type { Api } from '../http/exchange.ts';
import { operation, reference } from '../http/operation.ts';
import {
  decodeCursor,
  encodeCursor,
  type Page,
  type PageRequest,
  pageFields,
  pageLimits,
  pageOf,
} from '../http/page.ts';
import { refused } from '../http/refused.ts';
import { monthsBetween } from '../read-models/federation/days.ts';
import type { StructureEntryDocument } from '../read-models/federation/documents.ts';
import { structureTerm } from '../read-models/federation/unions.ts';

/** Longest time that is looked through at once, in months. */
const mostMonths = 120;

const StructureEntry = Type.Object(
  {
    id: Type.String(),
    day: Type.String({ format: 'date' }),
    event: Type.String({ description: '事件名称 | Name of the event.' }),
    unionId: Type.String(),
    name: Type.String({ description: '当时的名称 | The name it had then.' }),
    facts: Type.Record(Type.String(), Type.String(), {
      description: '变更前后 | From what to what.',
    }),
  },
  {
    $id: 'StructureEntry',
    examples: [
      {
        id: '01k2ab3cd4ef5gh6jk7m',
        day: '2026-11-24',
        event: 'UnionMoved',
        unionId: '01k2ab3cd4ef5gh6jk7n',
        name: '青岛示例重工有限公司工会',
        facts: { fromParentId: 'cn-370202', parentId: 'cn-370203' },
      },
    ],
  },
);

/** What changed in a subtree between two days (组织变动). */
export function structureLogRoutes(api: Api, context: GatewayContext): void {
  const { federation, clock } = context;
  api.addSchema(StructureEntry);

  api.get(
    '/unions/:unionId/structure-changes',
    operation({
      id: 'listStructureChanges',
      tag: 'unions',
      summary: { zh: '两日之间的组织变动', en: 'What changed in the subtree between two days' },
      description:
        '该工会及当时的下级:成立、更名、隶属、类型、暂停、分立、合并、撤销、恢复。\n\n' +
        'Of the union and those that stood below it then. Both days are included.',
      roles: ['cadre', 'operator'],
      params: Type.Object({ unionId: Type.String() }),
      querystring: Type.Object({
        from: Type.String({ format: 'date', examples: ['2026-01-01'] }),
        to: Type.Optional(
          Type.String({ format: 'date', description: '默认今天 | Default today.' }),
        ),
        ...pageFields,
      }),
      answer: pageOf(reference(StructureEntry)),
      problems: ['union-unknown', 'date-invalid', 'page-token-invalid'],
    }),
    async (request) => {
      const scope = await scopeOf(context, request);
      const { id } = await scope.requireUnion(request.params.unionId);
      const { from, to = chinaDate(clock()), ...page } = request.query;
      if (!parseDate(from).ok) throw refused('date-invalid', { field: 'from' });
      if (!parseDate(to).ok) throw refused('date-invalid', { field: 'to' });
      const found = await entries(federation, id, { from, to }, page);
      return { ...found, items: [...found.items] };
    },
  );
}

async function entries(
  federation: ReadModel,
  unionId: string,
  { from, to }: { readonly from: string; readonly to: string },
  page: PageRequest,
): Promise<Page<Static<typeof StructureEntry>>> {
  const list = ['structure', unionId, from, to];
  const limit = page.limit ?? pageLimits.usual;
  const start = page.cursor === undefined ? [from, ''] : decodeCursor(list, page.cursor);
  const [firstDay = from, firstId = ''] = start.map(String);
  if (!parseDate(firstDay).ok) throw refused('page-token-invalid', { field: 'cursor' });
  const items: StructureEntryDocument[] = [];
  for (const month of monthsBetween(firstDay, to).slice(0, mostMonths)) {
    const isFirst = month === firstDay.slice(0, 7);
    const found = await federation.find('structure_log', {
      term: structureTerm(unionId, month),
      orderBy: ['day'],
      limit: limit + 1 - items.length,
      ...(isFirst ? { after: [firstDay, firstId] } : {}),
    });
    for (const entry of found as readonly StructureEntryDocument[]) {
      if (entry.day <= to) items.push(entry);
    }
    if (items.length > limit) break;
  }
  const shown = items.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(({ id, day, event, unionId: of, name, facts }) => ({
      id,
      day,
      event,
      unionId: of,
      name,
      facts: { ...facts },
    })),
    ...(items.length > limit && last !== undefined
      ? { next: encodeCursor(list, [last.day, last.id]) }
      : {}),
  };
}
