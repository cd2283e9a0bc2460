import Type from 'typebox';
import { type GatewayContext, scopeOf } from '../context.ts';
import type { Api } from '../http/exchange.ts';
import { operation } from '../http/operation.ts';
import { pageFields, pageOf, readPage } from '../http/page.ts';
import { refused } from '../http/refused.ts';
import type { CellDocument, EmployerDocument } from '../read-models/federation/grid-documents.ts';
import { CellRecord, cellAnswer, cellRef, employerAnswer, employerRef } from './answers.ts';
import { insideOf, seenCell } from './sight.ts';

const cadreOrOperator = ['cadre', 'operator'] as const;

const CellDetail = Type.Object(
  { ...CellRecord.properties, employerPage: pageOf(employerRef) },
  { $id: 'CellDetail' },
);

/** The cells of unions and what lies in them (网格). */
export function cellQueries(api: Api, context: GatewayContext): void {
  const { federation } = context;
  for (const schema of [CellRecord, CellDetail]) api.addSchema(schema);

  api.get(
    '/unions/:unionId/cells',
    operation({
      id: 'listCells',
      tag: 'grid',
      summary: { zh: '工会的网格', en: 'The cells of a union' },
      roles: cadreOrOperator,
      params: Type.Object({ unionId: Type.String() }),
      querystring: Type.Object({
        subtree: Type.Optional(
          Type.Boolean({ description: '含下级工会的网格 | Those of unions below it, too.' }),
        ),
        upperCellId: Type.Optional(
          Type.String({
            maxLength: 64,
            description: '只列该网格的微网格 | Only the micro-cells of this cell.',
          }),
        ),
        ...pageFields,
      }),
      answer: pageOf(cellRef),
      problems: ['union-unknown', 'page-token-invalid'],
    }),
    async (request) => {
      const scope = await scopeOf(context, request);
      const union = await scope.requireUnion(request.params.unionId);
      const { subtree = false, upperCellId, ...page } = request.query;
      const where = { live: true, ...(upperCellId === undefined ? {} : { upperCellId }) };
      const found = await readPage(
        federation,
        subtree
          ? { collection: 'cells', where, prefix: { path: union.path }, orderBy: ['path', 'id'] }
          : { collection: 'cells', where: { ...where, unionId: union.id }, orderBy: ['id'] },
        page,
      );
      return { ...found, items: found.items.map((cell) => cellAnswer(cell as CellDocument)) };
    },
  );

  api.get(
    '/cells/:cellId',
    operation({
      id: 'getCell',
      tag: 'grid',
      summary: { zh: '网格及其用人单位', en: 'One cell with its employers' },
      description:
        '合计含微网格,名册只列本网格的单位。\n\n' +
        'The totals hold what is in micro-cells, the list only what is in the cell itself.',
      roles: cadreOrOperator,
      params: Type.Object({ cellId: Type.String() }),
      querystring: Type.Object({ ...pageFields }),
      answer: CellDetail,
      problems: ['cell-unknown', 'page-token-invalid'],
    }),
    async (request, reply) => {
      const scope = await scopeOf(context, request);
      const cell = await seenCell(federation, scope, request.params.cellId);
      if (cell === undefined) throw refused('cell-unknown', { field: 'cellId' });
      const found = await readPage(
        federation,
        { collection: 'employers', where: { cellId: cell.id }, orderBy: ['id'] },
        request.query,
      );
      const employers = found.items as readonly EmployerDocument[];
      const inside = await insideOf(federation, employers);
      reply.header('etag', `"${cell.version}"`);
      return {
        ...cellAnswer(cell),
        employerPage: {
          ...found,
          items: employers.map((employer) => employerAnswer(employer, scope, inside)),
        },
      };
    },
  );
}
