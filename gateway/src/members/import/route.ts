import { describeProblem, isProblemCode, type Locale } from '@unionfold/contracts/problems';
import Type, { type Static } from 'typebox';
import { type GatewayContext, scopeOf } from '../../context.ts';
import { type Api, callerOf, commandOrigin } from '../../http/exchange.ts';
import { operation, textEnum } from '../../http/operation.ts';
import { positionHeader } from '../../http/position-token.ts';
import { spreadsheetTypes } from '../../spreadsheets/parse-spreadsheet.ts';
import { readSpreadsheet } from '../../spreadsheets/read-spreadsheet.ts';
import { auditRead } from '../records.ts';
import { importMembers, type RowOutcome } from './import-members.ts';
import { mostRows, readPeople } from './rows.ts';

const ImportReport = Type.Object(
  {
    dryRun: Type.Boolean({
      description: 'true:仅检查,未导入 | True: only checked, nothing imported.',
    }),
    rows: Type.Integer({
      description: '数据行数 = created + skipped + failed | Rows that are not empty.',
    }),
    created: Type.Integer(),
    skipped: Type.Integer({
      description: '本人已在该工会 | The person is in that union already.',
    }),
    failed: Type.Integer(),
    position: Type.String(),
    items: Type.Array(
      Type.Object({
        row: Type.Integer({ description: '行号,表头为 1 | The header is row 1.' }),
        status: textEnum(['created', 'skipped', 'failed']),
        id: Type.Optional(Type.String()),
        field: Type.Optional(Type.String()),
        code: Type.Optional(Type.String()),
        reason: Type.Optional(Type.String()),
      }),
    ),
  },
  {
    $id: 'ImportReport',
    examples: [
      {
        dryRun: false,
        rows: 2,
        created: 1,
        skipped: 0,
        failed: 1,
        position: 'members/0/42',
        items: [
          { row: 2, status: 'created', id: '01k2ab3cd4ef5gh6jk7m' },
          {
            row: 3,
            status: 'failed',
            field: 'citizenNumber',
            code: 'citizen-number-invalid-check-digit',
            reason: '公民身份号码末位校验码与前 17 位不符，号码可能填写有误（GB 11643）。',
          },
        ],
      },
    ],
  },
);

const hoursEastOfGreenwich = 8;
/** What 5,000 rows need many times over; a bomb of the same size wants gigabytes. */
const limits = { lines: 20_000, unpackedBytes: 24 * 1024 * 1024 };

/** Importing members from a spreadsheet (批量入会). */
export async function memberImport(
  api: Api,
  context: GatewayContext,
  importBytes: number,
): Promise<void> {
  api.addSchema(ImportReport);
  await api.register(async (scoped) => {
    scoped.removeAllContentTypeParsers();
    scoped.addContentTypeParser(
      Object.values(spreadsheetTypes),
      { parseAs: 'buffer', bodyLimit: importBytes },
      async (_request: unknown, bytes: unknown) => bytes,
    );
    importRoute(scoped as Api, context, importBytes);
  });
}

function importRoute(api: Api, context: GatewayContext, importBytes: number): void {
  api.post(
    '/members/import',
    {
      bodyLimit: importBytes,
      ...operation({
        id: 'importMembers',
        tag: 'members',
        summary: { zh: '批量入会', en: 'Import members from a spreadsheet' },
        description:
          `首行为表头:姓名、身份证号(或公民身份号码)、手机号、入会日期,后两列可省略;最多 ${mostRows} 行。` +
          '逐行办理,有误的行不影响其他行。以同一 Idempotency-Key 再次提交,可从中断处继续。\n\n' +
          'The first row is the header: name, citizenNumber, and optionally mobile and joinedOn. Each row is a command ' +
          'of its own. Sent again with the same Idempotency-Key, an import that was cut off goes on where it was.',
        roles: ['cadre'],
        command: 'plain',
        querystring: Type.Object({
          unionId: Type.String({ minLength: 1, maxLength: 64 }),
          dryRun: Type.Optional(Type.Boolean()),
        }),
        consumes: Object.values(spreadsheetTypes),
        answer: ImportReport,
        problems: [
          'union-unknown',
          'union-not-live',
          'union-dissolved',
          'body-too-large',
          'unsupported-media-type',
          'import-file-unreadable',
          'import-missing-column',
          'import-unknown-column',
          'import-too-many-rows',
          'import-too-many-lines',
          'import-empty',
        ],
      }),
    },
    async (request, reply) => {
      const origin = commandOrigin(request);
      const { unionId, dryRun = false } = request.query;
      await (await scopeOf(context, request)).requirePlace(unionId);
      const mediaType = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim() ?? '';
      const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      const today = new Date(context.clock().getTime() + hoursEastOfGreenwich * 3_600_000)
        .toISOString()
        .slice(0, 10);
      const rows = readPeople(await readSpreadsheet(bytes, mediaType.toLowerCase(), limits), today);
      const result = await importMembers(context, { unionId, rows, dryRun, origin });
      const count = (status: RowOutcome['status']) =>
        result.outcomes.filter((outcome) => outcome.status === status).length;
      auditRead(context, callerOf(request), request.correlationId, {
        action: dryRun ? 'members.import.check' : 'members.import',
        members: result.outcomes.flatMap((outcome) =>
          outcome.status === 'created' && outcome.id !== undefined ? [outcome.id] : [],
        ),
      });
      if (result.position !== '') reply.header(positionHeader, result.position);
      return {
        dryRun,
        rows: result.outcomes.length,
        created: count('created'),
        skipped: count('skipped'),
        failed: count('failed'),
        position: result.position,
        items: result.outcomes.map((outcome) => rowReport(outcome, request.locale)),
      };
    },
  );
}

function rowReport(
  outcome: RowOutcome,
  locale: Locale,
): Static<typeof ImportReport>['items'][number] {
  const { row, status } = outcome;
  if (outcome.status === 'created') {
    return { row, status, ...(outcome.id === undefined ? {} : { id: outcome.id }) };
  }
  const { refused: code, field, params } = outcome.refusal;
  const known = isProblemCode(code) ? code : 'internal-error';
  const { detail } = describeProblem(known, locale, { ...(field ? { field } : {}), ...params });
  return { row, status, ...(field === undefined ? {} : { field }), code: known, reason: detail };
}
