import { isValidId } from '@unionfold/codes';
import {
  type PutUnionRowsResponse,
  type UnionRow,
  UnionRowOutcome,
  type UnionRowResult,
  type UnionRowsServiceService,
} from '@unionfold/contracts/organizations';
import { refuse } from '@unionfold/contracts/problems';
import { isRefusal, type Refusal } from '@unionfold/eventsourcing';
import type { CallContext, Handlers, ServiceContext } from '@unionfold/service-kit';
import { putRow, type RowWord } from './put-row.ts';

/** Rows of one call at most. */
const mostRows = 500;
/** Levels of rows of the file that are put before one, when it is only tried; no tree is as deep. */
const deepest = 32;

const outcomes: Readonly<Record<RowWord, UnionRowOutcome>> = {
  created: UnionRowOutcome.UNION_ROW_OUTCOME_CREATED,
  updated: UnionRowOutcome.UNION_ROW_OUTCOME_UPDATED,
  unchanged: UnionRowOutcome.UNION_ROW_OUTCOME_UNCHANGED,
};

/** Rows of tables of unions (工会名录导入): each row is a command of its own, and all of a call share commits. */
export function unionRowMethods(context: ServiceContext): Handlers<typeof UnionRowsServiceService> {
  return {
    putUnionRows: async ({ rows, uppers: earlier, dryRun }, call) => {
      if (rows.length > mostRows) {
        return refuse('import-too-many-rows', { params: { maximum: mostRows } });
      }
      const byId = new Map(earlier.map((row) => [row.unionId, row]));
      const results = await Promise.all(
        rows.map(async (row): Promise<UnionRowResult> => {
          if (!isValidId(row.unionId)) {
            return refusedRow(refuse('id-invalid', { field: 'unionId' }));
          }
          return dryRun ? await tryRow(context, row, byId) : await carryOutRow(context, row, call);
        }),
      );
      return { results } satisfies PutUnionRowsResponse;
    },
  };
}

/** What became of the row is the id that its receipt keeps: a repeated row tells what it told at first. */
async function carryOutRow(
  { commands, answer }: ServiceContext,
  row: UnionRow,
  call: CallContext,
): Promise<UnionRowResult> {
  const outcome = answer(
    await commands.execute(
      { ...call, fingerprint: '', ...(row.key === '' ? {} : { idempotencyKey: row.key }) },
      async (session) => await putRow(session, row),
    ),
  );
  if (isRefusal(outcome)) return refusedRow(outcome);
  return acceptedRow(outcome.id as RowWord, outcome.positions);
}

async function tryRow(
  { commands }: ServiceContext,
  row: UnionRow,
  earlier: ReadonlyMap<string, UnionRow>,
): Promise<UnionRowResult> {
  return await commands.tryOut(async (session) => {
    for (const before of rowsBefore(row, earlier)) await putRow(session, before);
    const word = await putRow(session, row);
    return isRefusal(word) ? refusedRow(word) : acceptedRow(word, []);
  });
}

/** The rows above, on both lines, the uppermost first; then the one that tells of the union itself, if another does. */
function rowsBefore(row: UnionRow, earlier: ReadonlyMap<string, UnionRow>): UnionRow[] {
  const found = new Set<UnionRow>();
  const main = earlier.get(row.unionId);
  const visit = (at: UnionRow, depth: number) => {
    for (const id of [at.territorialParentId, at.industryParentId]) {
      const upper = earlier.get(id);
      if (upper === undefined || upper === row || found.has(upper) || depth > deepest) continue;
      visit(upper, depth + 1);
      found.add(upper);
    }
  };
  if (main !== undefined) {
    visit(main, 0);
    found.add(main);
  }
  visit(row, 0);
  return [...found];
}

function acceptedRow(word: RowWord, positions: UnionRowResult['positions']): UnionRowResult {
  return { outcome: outcomes[word], code: '', field: '', params: {}, positions };
}

function refusedRow({ refused: code, field = '', params = {} }: Refusal): UnionRowResult {
  return {
    outcome: UnionRowOutcome.UNION_ROW_OUTCOME_REFUSED,
    code,
    field,
    params: Object.fromEntries(Object.entries(params).map(([name, value]) => [name, `${value}`])),
    positions: [],
  };
}
