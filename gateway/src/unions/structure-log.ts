import { chinaDate, parseDate } from '@unionfold/codes';
import Type from 'typebox';
import { type GatewayContext, scopeOf } from '../context.ts';
import type { Api } from '../http/exchange.ts';
import { operation, reference } from '../http/operation.ts';
import { pageFields, pageOf, readPage } from '../http/page.ts';
import { refused } from '../http/refused.ts';
import { pathIds, type StructureEntryDocument } from '../read-models/federation/documents.ts';

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
        '该工会及现在的下级,以及转出的工会:成立、更名、隶属、类型、暂停、分立、合并、撤销、恢复。\n\n' +
        'Of the union, those that stand below it now, and those that left. Both days are included.',
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
      const found = await readPage(
        federation,
        {
          collection: 'structure_log',
          orderBy: ['day'],
          from: [from, ''],
          keep: ({ path }) => pathIds(String(path)).includes(id),
          ends: ({ day }) => String(day) > to,
          mark: `${id} ${from} ${to}`,
        },
        page,
      );
      return {
        ...found,
        items: (found.items as readonly StructureEntryDocument[]).map(
          ({ id: entryId, day, event, unionId, name, facts }) => {
            return { id: entryId, day, event, unionId, name, facts: { ...facts } };
          },
        ),
      };
    },
  );
}
