import { asInTables, parseCreditCode } from '@unionfold/codes';
import { type CoveredUnit, type UnionRecord, UnionType } from '@unionfold/contracts';
import type { UnionRow } from '@unionfold/contracts/organizations';
import { refuse } from '@unionfold/contracts/problems';
import type { CommandSession, Refusal } from '@unionfold/eventsourcing';
import { Registers } from '../subordinates/registers.ts';
import { unionDecider } from '../union/decider.ts';
import { establishUnder, moveUnder, uppersFrom } from '../union/hierarchy.ts';
import type { UnionState } from '../union/union.ts';

/** What a row comes to when it is not refused: 新增, 更新, 无变化. */
export type RowWord = 'created' | 'updated' | 'unchanged';

const reason = '导入';

/** Has one union be as a row says, by the rules that hold for each of the commands that this takes. */
export async function putRow(session: CommandSession, row: UnionRow): Promise<RowWord | Refusal> {
  const { unionId } = row;
  const union = await session.load(unionDecider, unionId);
  const before = union.version;
  const { status } = union.state;
  if (status !== 'absent' && row.onlyNew) return refuse('id-taken', { field: 'unionId' });
  if (status === 'dissolved') return refuse('union-dissolved', { field: 'unionId' });
  const isNew =
    status === 'absent' ||
    (status === 'preparing' && row.type !== UnionType.UNION_TYPE_UNSPECIFIED);
  const registers = new Registers(session);
  const refusal = isNew
    ? await establish(session, registers, row)
    : await revise(session, registers, row);
  if (refusal !== undefined) return refusal;
  if (row.recordFields.length > 0) {
    const record = recordOf(union.state.record, row);
    const fault = union.decide({ type: 'CorrectUnionRecord', record, reason });
    if (fault !== undefined) return fault;
  }
  const unit = unitOf(union.state, row);
  if (unit !== undefined) {
    const fault = union.decide({ type: 'CoverUnit', unit });
    if (fault !== undefined) return fault;
  }
  if (union.version === before) return 'unchanged';
  return status === 'absent' ? 'created' : 'updated';
}

async function establish(
  session: CommandSession,
  registers: Registers,
  row: UnionRow,
): Promise<Refusal | undefined> {
  return await establishUnder(session, registers, {
    ...row,
    unionType: row.type,
    synthetic: false,
    approvedByUnionId: row.approvalDocument === '' ? '' : row.approvedByUnionId,
  });
}

/** What the row says otherwise of a union that is there: 更名, 变更隶属, 批复. */
async function revise(
  session: CommandSession,
  registers: Registers,
  row: UnionRow,
): Promise<Refusal | undefined> {
  const { unionId, territorialParentId: toParentId } = row;
  const union = await session.load(unionDecider, unionId);
  const fixed = fixedFault(row, union.state);
  if (fixed !== undefined) return fixed;
  if (row.name !== '' && !isSameText(row.name, union.state.name)) {
    const refusal = union.decide({ type: 'RenameUnion', name: row.name, reason });
    if (refusal !== undefined) return refusal;
  }
  if (toParentId !== '' && toParentId !== union.state.territorialParentId) {
    const refusal = await moveUnder(session, registers, { unionId, toParentId, reason });
    if (refusal !== undefined) {
      const field = refusal.field === 'toParentId' ? 'territorialParentId' : refusal.field;
      return { ...refusal, ...(field === undefined ? {} : { field }) };
    }
  }
  if (row.approvalDocument === '' || union.state.status !== 'pending') return undefined;
  return union.decide({
    type: 'ApproveUnion',
    approval: {
      approvedByUnionId: row.approvedByUnionId,
      approvalDocument: row.approvalDocument,
      upperUnionIds: await uppersFrom(session, union.state.territorialParentId),
    },
  });
}

/** The facts that only a change with its approval alters (变更事项), or nothing at all. */
function fixedFault(row: UnionRow, state: UnionState): Refusal | undefined {
  const isOther = {
    type: row.type !== UnionType.UNION_TYPE_UNSPECIFIED && row.type !== state.type,
    industryParentId: isToldOtherwise(row.industryParentId, state.industryParentId),
    regionCode: isToldOtherwise(row.regionCode, state.regionCode),
    creditCode: isToldOtherwise(normalCreditCode(row.creditCode), state.creditCode),
    foundedOn: isToldOtherwise(row.foundedOn, state.foundedOn),
  };
  const field = Object.entries(isOther).find(([, other]) => other)?.[0];
  return field === undefined ? undefined : refuse('import-field-fixed', { field });
}

function isToldOtherwise(told: string, known: string): boolean {
  return told !== '' && told !== known;
}

function normalCreditCode(text: string): string {
  const parsed = parseCreditCode(text);
  return parsed.ok ? parsed.code : text;
}

function recordOf(known: UnionRecord, { record, recordFields }: UnionRow): UnionRecord {
  return withTold(known, record ?? {}, recordFields);
}

/** The unit with what the row tells of it, if it tells of one. */
function unitOf(
  { units }: UnionState,
  { unit: told, unitFields }: UnionRow,
): CoveredUnit | undefined {
  if (told === undefined || told.creditCode === '') return undefined;
  const creditCode = normalCreditCode(told.creditCode);
  return withTold(units[creditCode] ?? { ...emptyUnit, creditCode }, told, unitFields);
}

const emptyUnit = {
  name: '',
  ownership: '',
  industry: '',
  employees: 0,
  women: 0,
  migrantWorkers: 0,
  dispatched: 0,
  newForms: 0,
} as const;

/** What is known, with the fields that a row tells; a text that only a spreadsheet has altered stays as it is. */
function withTold<Known extends object>(
  known: Known,
  told: Partial<Known>,
  fields: readonly string[],
): Known {
  const changed = Object.entries(told).filter(([field, value]) => {
    const before: unknown = known[field as keyof Known];
    const isSame =
      typeof value === 'string' && typeof before === 'string' && isSameText(value, before);
    return fields.includes(field) && !isSame;
  });
  return { ...known, ...Object.fromEntries(changed) };
}

function isSameText(one: string, other: string): boolean {
  return asInTables(one) === asInTables(other);
}
