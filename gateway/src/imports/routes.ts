import { createHash, randomBytes } from 'node:crypto';
import type { DocumentStore } from '@unionfold/eventsourcing';
import Type, { type Static } from 'typebox';
import { type GatewayContext, scopeOf } from '../context.ts';
import { type Api, callerOf, commandOrigin } from '../http/exchange.ts';
import { operation, reference, textEnum } from '../http/operation.ts';
import { pageFields, pageOf, readPage } from '../http/page.ts';
import { positionHeader, positionToken } from '../http/position-token.ts';
import { refused } from '../http/refused.ts';
import type { Caller } from '../identity/caller.ts';
import { spreadsheetTypes } from '../spreadsheets/parse-spreadsheet.ts';
import { readSpreadsheet } from '../spreadsheets/read-spreadsheet.ts';
import { errorWorkbook, reasonOf, templateWorkbook } from './error-workbook.ts';
import { type ImportDocument, type ImportRowDocument, storeImport } from './import-job.ts';
import { keptDays } from './import-retention.ts';
import type { ImportWorker } from './import-worker.ts';
import { fieldsOf } from './union-columns.ts';

const roles = ['cadre'] as const;
const importParams = Type.Object({ importId: Type.String() });

/** Rows of one import at most, the header not counted. */
export const mostImportRows = 100_000;
/** Largest file, in bytes. */
const fileBytes = 64 * 1024 * 1024;
const limits = { lines: mostImportRows * 2, unpackedBytes: 256 * 1024 * 1024 };

const rowResults = ['waiting', 'created', 'updated', 'skipped', 'failed'] as const;

const Import = Type.Object(
  {
    id: Type.String(),
    state: textEnum(['running', 'finished'], '办理中、已完成 | Under way, over.'),
    dryRun: Type.Boolean({ description: '仅预检,不写入 | Only tried, nothing written.' }),
    rows: Type.Integer({
      description:
        '数据行数;完成后 = created + updated + skipped + failed | Rows that are not empty.',
    }),
    done: Type.Integer({ description: '已办理行数 = 四项之和 | Rows that have ended.' }),
    created: Type.Integer({ description: '新增 | Established.' }),
    updated: Type.Integer({ description: '更新 | Changed.' }),
    skipped: Type.Integer({ description: '与登记一致,未变更 | As on record already.' }),
    failed: Type.Integer({ description: '失败 | Not carried out.' }),
    position: Type.String(),
    submittedAt: Type.String({ format: 'date-time' }),
    finishedAt: Type.Optional(Type.String({ format: 'date-time' })),
  },
  {
    $id: 'Import',
    examples: [
      {
        id: '01k2ab3cd4ef5gh6jk7m',
        state: 'finished',
        dryRun: false,
        rows: 3,
        done: 3,
        created: 1,
        updated: 0,
        skipped: 1,
        failed: 1,
        position: 'organizations/0/42',
        submittedAt: '2026-05-01T02:00:00.000Z',
        finishedAt: '2026-05-01T02:00:01.000Z',
      },
    ],
  },
);

const ImportRow = Type.Object(
  {
    row: Type.Integer({ description: '行号,表头为 1 | The header is row 1.' }),
    result: textEnum(rowResults),
    unionId: Type.Optional(Type.String()),
    code: Type.Optional(Type.String()),
    field: Type.Optional(Type.String()),
    reason: Type.Optional(Type.String()),
  },
  {
    $id: 'ImportRow',
    examples: [
      {
        row: 7,
        result: 'failed',
        code: 'parent-unknown',
        field: 'territorialParentId',
        reason: '上级工会不存在。',
      },
    ],
  },
);

/** Importing unions from tables (工会名录导入): submitted, carried out in the background, asked about. */
export async function importRoutes(
  api: Api,
  context: GatewayContext,
  documents: DocumentStore,
  worker: ImportWorker,
): Promise<void> {
  api.addSchema(Import);
  api.addSchema(ImportRow);
  await api.register(async (scoped) => {
    scoped.removeAllContentTypeParsers();
    scoped.addContentTypeParser(
      Object.values(spreadsheetTypes),
      { parseAs: 'buffer', bodyLimit: fileBytes },
      async (_request: unknown, bytes: unknown) => bytes,
    );
    submission(scoped as Api, context, documents, worker);
  });

  api.get(
    '/imports/unions/template.xlsx',
    operation({
      id: 'getUnionImportTemplate',
      tag: 'imports',
      summary: { zh: '导入模板', en: 'The template for importing unions' },
      roles,
      answer: Type.String({ contentMediaType: spreadsheetTypes.xlsx }),
    }),
    async (request, reply) => {
      attach(reply, 'unions-template.xlsx');
      return await reply.send(templateWorkbook(request.locale) as unknown as string);
    },
  );

  api.get(
    '/imports',
    operation({
      id: 'listImports',
      tag: 'imports',
      summary: { zh: '本会的导入任务', en: 'Imports of one’s own union, the newest first' },
      description: `自提交起保留 ${keptDays} 天。\n\nKept for ${keptDays} days after their submission.`,
      roles,
      querystring: Type.Object(pageFields),
      answer: pageOf(reference(Import)),
      problems: ['page-token-invalid'],
    }),
    async (request) => {
      const { unionId } = callerOf(request);
      const list = {
        collection: 'imports',
        where: { unionId, state: ['running', 'finished'] },
        orderBy: ['age'],
      };
      const page = await readPage(documents, list, request.query);
      return { ...page, items: page.items.map((job) => importAnswer(job as ImportDocument)) };
    },
  );

  api.get(
    '/imports/:importId',
    operation({
      id: 'getImport',
      tag: 'imports',
      summary: { zh: '导入进度', en: 'How far an import is' },
      roles,
      params: importParams,
      answer: Import,
      problems: ['import-unknown'],
    }),
    async (request, reply) => {
      const answer = importAnswer(await visible(callerOf(request), request.params.importId));
      if (answer.position !== '') reply.header(positionHeader, answer.position);
      return answer;
    },
  );

  api.get(
    '/imports/:importId/rows',
    operation({
      id: 'listImportRows',
      tag: 'imports',
      summary: { zh: '逐行结果', en: 'How the rows of an import ended' },
      roles,
      params: importParams,
      querystring: Type.Object({ result: Type.Optional(textEnum(rowResults)), ...pageFields }),
      answer: pageOf(reference(ImportRow)),
      problems: ['import-unknown', 'page-token-invalid'],
    }),
    async (request) => {
      const { id: importId } = await visible(callerOf(request), request.params.importId);
      const { result, ...page } = request.query;
      const found = await readPage(
        documents,
        {
          collection: 'import_rows',
          where: { importId, ...(result === undefined ? {} : { result }) },
          orderBy: ['id'],
        },
        page,
      );
      return {
        ...found,
        items: found.items.map((document) => {
          const row = document as ImportRowDocument;
          const { unionId, code, field } = row;
          return {
            row: row.row,
            result: row.result,
            ...(unionId === '' ? {} : { unionId }),
            ...(code === '' ? {} : { code, reason: reasonOf(row, request.locale) }),
            ...(field === '' ? {} : { field }),
          };
        }),
      };
    },
  );

  api.get(
    '/imports/:importId/errors.xlsx',
    operation({
      id: 'getImportErrors',
      tag: 'imports',
      summary: { zh: '错误清单', en: 'The rows that failed, as a workbook' },
      description:
        '原有各列之后附错误代码、出错列与原因;更正后可直接再次导入。\n\n' +
        'The columns of the file with code, column and reason; corrected, it can be imported as it is.',
      roles,
      params: importParams,
      answer: Type.String({ contentMediaType: spreadsheetTypes.xlsx }),
      problems: ['import-unknown', 'import-not-finished'],
    }),
    async (request, reply) => {
      const job = await visible(callerOf(request), request.params.importId);
      if (job.open) throw refused('import-not-finished', { field: 'importId' });
      attach(reply, `import-${job.id}-errors.xlsx`);
      return await reply.send(errorWorkbook(documents, job) as unknown as string);
    },
  );

  /** An import of the caller's own union. What others import is their business, above and below. */
  async function visible({ unionId }: Caller, importId: string): Promise<ImportDocument> {
    const job = (await documents.get('imports', importId)) as ImportDocument | undefined;
    if (job === undefined || job.unionId !== unionId || job.state === 'receiving') {
      throw refused('import-unknown', { field: 'importId' });
    }
    return job;
  }
}

function submission(
  api: Api,
  context: GatewayContext,
  documents: DocumentStore,
  worker: ImportWorker,
): void {
  /** Imports that are being stored by this process, by their ids. */
  const arriving = new Map<string, Promise<ImportDocument>>();
  api.post(
    '/imports/unions',
    {
      bodyLimit: fileBytes,
      ...operation({
        id: 'importUnions',
        tag: 'imports',
        summary: { zh: '导入工会名录', en: 'Import unions from a table' },
        description:
          `首行为表头(见模板),行序不限,最多 ${mostImportRows} 行。编号不存在的新建,与登记不同的更新,` +
          '一致的跳过,其余失败并说明列与原因。返回任务编号,在后台逐行办理;中断后自动续办,不会重复新建。\n\n' +
          'The first row is the header (see the template); rows may come in any order. What is not there is ' +
          'established, what differs is changed, what is alike is skipped, and all else fails with column and ' +
          'reason. The answer is the job, which is carried out in the background and goes on after a crash.',
        roles,
        command: 'plain',
        querystring: Type.Object({ dryRun: Type.Optional(Type.Boolean()) }),
        consumes: Object.values(spreadsheetTypes),
        answer: Import,
        answerDescription: '已受理,在后台办理 · Accepted; carried out in the background',
        status: 202,
        problems: [
          'body-too-large',
          'unsupported-media-type',
          'union-unknown',
          'import-file-unreadable',
          'import-missing-column',
          'import-unknown-column',
          'import-too-many-rows',
          'import-too-many-lines',
          'import-empty',
          'idempotency-key-in-progress',
        ],
      }),
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const { idempotencyKey, correlationId } = commandOrigin(request);
      const { dryRun = false } = request.query;
      const scope = await scopeOf(context, request);
      await scope.requirePlace(scope.unionId);
      const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      const id = importId(idempotencyKey);
      const fingerprint = createHash('sha256').update(`${dryRun}/`).update(bytes).digest('hex');
      const submitted = async (): Promise<ImportDocument> => {
        const before = (await documents.get('imports', id)) as ImportDocument | undefined;
        if (before !== undefined && before.fingerprint !== fingerprint) {
          throw refused('idempotency-key-reused', { field: 'Idempotency-Key' });
        }
        if (before !== undefined && before.state !== 'receiving') return before;
        const stored = await storeImport(documents, {
          id,
          caller,
          correlationId,
          dryRun,
          ...(await tableOf(bytes, request.headers['content-type'] ?? '')),
          fingerprint,
          at: context.clock(),
        });
        worker.submit(id);
        return stored;
      };
      // Sent twice at the same time, as after an answer that a proxy did not wait for, it is stored once.
      const underWay = arriving.get(id) ?? submitted().finally(() => arriving.delete(id));
      arriving.set(id, underWay);
      const job = await underWay;
      if (job.fingerprint !== fingerprint) {
        throw refused('idempotency-key-reused', { field: 'Idempotency-Key' });
      }
      reply.status(202).header('location', `/api/v1/imports/${id}`);
      return importAnswer(job);
    },
  );
}

/** What a file holds: its header, what the columns tell, and the rows that are not empty. */
async function tableOf(bytes: Buffer, contentType: string) {
  const mediaType = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const [header = [], ...records] = await readSpreadsheet(bytes, mediaType, limits);
  const fields = fieldsOf(header, records);
  const rows = records
    .map((cells, index) => ({ cells, row: index + 2 }))
    // What stands beyond the header is told of, so it counts.
    .filter(({ cells }) =>
      cells.some(
        (cell, index) => cell !== '' && (index >= fields.length || fields[index] !== undefined),
      ),
    );
  if (rows.length === 0) throw refused('import-empty');
  if (rows.length > mostImportRows) {
    throw refused('import-too-many-rows', { params: { maximum: mostImportRows } });
  }
  const width = rows.reduce((widest, { cells }) => Math.max(widest, cells.length), header.length);
  const titles = Array.from({ length: width }, (_, index) => header[index] ?? '');
  return { titles, fields, rows };
}

/** The same submission is the same import; the key is the caller's own already. */
function importId(idempotencyKey: string | undefined): string {
  const seed = idempotencyKey ?? randomBytes(32);
  return createHash('sha256').update('import/').update(seed).digest('hex').slice(0, 20);
}

function attach(
  reply: { readonly header: (name: string, value: string) => unknown },
  name: string,
): void {
  reply.header('content-type', spreadsheetTypes.xlsx);
  reply.header('content-disposition', `attachment; filename="${name}"`);
}

function importAnswer(job: ImportDocument): Static<typeof Import> {
  const { id, state, dryRun, rows, created, updated, skipped, failed } = job;
  const { submittedAt, finishedAt } = job;
  return {
    id,
    state: state === 'finished' ? 'finished' : 'running',
    dryRun,
    rows,
    done: created + updated + skipped + failed,
    created,
    updated,
    skipped,
    failed,
    position: positionToken(
      job.positions.map((last) => ({ ...last, position: BigInt(last.position) })),
    ),
    submittedAt,
    ...(finishedAt === '' ? {} : { finishedAt }),
  };
}
