import { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ReadModel } from '@unionfold/eventsourcing';
import Type from 'typebox';
import { type GatewayContext, scopeOf } from '../context.ts';
import { type Api, callerOf } from '../http/exchange.ts';
import { operation, textEnum } from '../http/operation.ts';
import { refused } from '../http/refused.ts';
import { exportHeaderOf, statusTitles } from '../imports/union-columns.ts';
import { unionRows } from '../imports/union-row.ts';
import type { Scope } from '../jurisdiction/jurisdiction.ts';
import type {
  RecordDocument,
  StatisticsDocument,
  UnionDocument,
} from '../read-models/federation/documents.ts';
import { spreadsheetTypes } from '../spreadsheets/parse-spreadsheet.ts';
import { mostSheetRows, workbookStream } from '../spreadsheets/workbook-stream.ts';
import { byteOrderMark, csvRecord } from '../spreadsheets/write-csv.ts';

const pageSize = 500;

/** Exporting unions as tables (工会名录导出). */
export function exportRoutes(api: Api, context: GatewayContext): void {
  const { federation, logger } = context;
  api.get(
    '/exports/unions',
    operation({
      id: 'exportUnions',
      tag: 'imports',
      summary: { zh: '导出工会名录', en: 'Export a subtree of unions as a table' },
      description:
        '各列同导入模板,其后为状态与核实日期(导入时不读);再次导入时各行均为“无变化”。已撤销的工会不在其中。CSV 为带 BOM 的 UTF-8,逐页输出;' +
        '以 =、+、-、@ 等开头的内容前加撇号,以防被当作公式,导入时去除。\n\n' +
        'The columns are those of the template, then status and day of verification, which imports pass over: imported ' +
        'again, every row is skipped. Dissolved unions are left out. ' +
        'CSV is UTF-8 with a byte order mark; an apostrophe keeps texts from being taken for formulas.',
      roles: ['cadre'],
      querystring: Type.Object({
        format: Type.Optional(textEnum(['csv', 'xlsx'])),
        unionId: Type.Optional(
          Type.String({ minLength: 1, maxLength: 64, description: '缺省为本级 | Default: own.' }),
        ),
      }),
      answer: Type.String({ contentMediaType: 'text/csv' }),
      problems: ['union-unknown', 'export-too-large'],
    }),
    async (request, reply) => {
      const scope = await scopeOf(context, request);
      const { format = 'csv', unionId = scope.unionId } = request.query;
      const { path } = await scope.requireUnion(unionId);
      const { subject: actor, unionId: callerUnionId } = callerOf(request);
      const { correlationId } = request;
      logger.info(
        { audit: true, actor, unionId: callerUnionId, correlationId, action: 'unions.export' },
        'audit',
      );
      const header = exportHeaderOf(request.locale);
      reply.header('content-disposition', `attachment; filename="unions.${format}"`);
      if (format === 'csv') {
        reply.header('content-type', `${spreadsheetTypes.csv}; charset=utf-8`);
        const records = csvRecords(header, subtree(federation, scope, path));
        return await reply.send(Readable.from(records) as unknown as string);
      }
      // Once rows are on their way nothing can be refused any more.
      const held = (await federation.get('statistics', unionId)) as StatisticsDocument | undefined;
      const { unions = 0, grid } = held ?? {};
      if (unions + (grid?.coveredEmployers ?? 0) > mostSheetRows) {
        throw refused('export-too-large', { params: { maximum: mostSheetRows } });
      }
      reply.header('content-type', spreadsheetTypes.xlsx);
      const pages = subtree(federation, scope, path);
      const workbook = workbookStream([{ name: '工会名录', header, pages }]);
      return await reply.send(workbook as unknown as string);
    },
  );
}

async function* csvRecords(
  header: readonly string[],
  pages: AsyncIterable<readonly string[][]>,
): AsyncGenerator<string> {
  yield byteOrderMark + csvRecord(header);
  for await (const page of pages) yield page.map(csvRecord).join('');
}

/** The unions of a subtree in order of the tree, a page at a time. */
async function* subtree(
  federation: ReadModel,
  scope: Scope,
  path: string,
): AsyncGenerator<string[][]> {
  for (let after: readonly string[] | undefined; ; ) {
    const page = (await federation.find('unions', {
      prefix: { path },
      orderBy: ['path', 'id'],
      limit: pageSize,
      ...(after === undefined ? {} : { after }),
    })) as readonly UnionDocument[];
    const records = await federation.getMany(
      'records',
      page.map(({ id }) => id),
    );
    yield page
      .filter(({ status }) => status !== 'dissolved' && status !== 'unknown')
      .flatMap((union) => {
        const record = records.get(union.id) as RecordDocument | undefined;
        const shown = [statusTitles[union.status], record?.verifiedOn ?? ''];
        return unionRows(union, record, scope).map((cells) => [...cells, ...shown]);
      });
    const last = page.at(-1);
    if (last === undefined || page.length < pageSize) return;
    after = [last.path, last.id];
    // A store that has its answers at hand would give page after page and let nobody else be answered.
    await nextTurn();
  }
}
