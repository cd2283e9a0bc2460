import { createHash } from 'node:crypto';
import type { CommandAccepted } from '@unionfold/contracts/types';
import { isRefusal, type ReadModel, type Refusal } from '@unionfold/eventsourcing';
import { blindIndex, type MasterKey } from '@unionfold/privacy';
import type { CallOrigin } from '@unionfold/service-kit';
import { LastPositions } from '../../http/position-token.ts';
import { Refused } from '../../http/refused.ts';
import type { MemberDocument } from '../../read-models/federation/documents.ts';
import type { Services } from '../../services.ts';
import type { FaultyRow, ImportedPerson } from './rows.ts';

/** How a row ended. */
export type RowOutcome =
  | { readonly row: number; readonly status: 'created'; readonly id?: string }
  | { readonly row: number; readonly status: 'skipped' | 'failed'; readonly refusal: Refusal };

/** How an import ended: one outcome a row, in order. */
export interface ImportResult {
  readonly outcomes: readonly RowOutcome[];
  /** Position token after all of it; empty when nothing was appended. */
  readonly position: string;
}

/** What an import works with. */
export interface ImportSurroundings {
  readonly services: Pick<Services, 'members'>;
  readonly federation: ReadModel;
  readonly masterKey: MasterKey;
}

/** What an import is about. */
export interface MemberImport {
  readonly unionId: string;
  readonly rows: readonly (ImportedPerson | FaultyRow)[];
  /** Only tells what would happen. */
  readonly dryRun: boolean;
  readonly origin: CallOrigin;
}

/** Rows under way at a time. */
const concurrency = 64;

/**
 * Enrols the people of a spreadsheet, each by a command of its own: a bad row stops no other. The idempotency key of a
 * row comes from the request's key and the person, so that an import that was cut off goes on where it was when it is
 * sent again, even with its bad rows corrected.
 * @throws RemoteUnavailableError when the members service is down; rows that were accepted stay accepted
 * @throws Refused when the union cannot take members at all
 */
export async function importMembers(
  surroundings: ImportSurroundings,
  { unionId, rows, dryRun, origin }: MemberImport,
): Promise<ImportResult> {
  const positions = new LastPositions();
  const enrol = async (person: ImportedPerson): Promise<RowOutcome> => {
    const { row } = person;
    const duplicate = await standing(surroundings, person, unionId);
    if (duplicate?.status === 'skipped') return duplicate;
    if (dryRun) return duplicate ?? { row, status: 'created' };
    const answer = await send(surroundings, person, unionId, origin);
    if (!isRefusal(answer)) {
      positions.add(answer.positions);
      return { row, status: 'created', id: answer.id };
    }
    // What is wrong with the union is wrong for every row.
    if (answer.refused.startsWith('union-')) throw new Refused(answer);
    return { row, status: 'failed', refusal: answer };
  };
  const outcomes = await inParallel(rows, async (entry): Promise<RowOutcome> => {
    if (!('fault' in entry)) return await enrol(entry);
    const { field, code, params = {} } = entry.fault;
    return { row: entry.row, status: 'failed', refusal: { refused: code, field, params } };
  });
  return { outcomes, position: positions.token() };
}

/** A live membership that the person has already: in this union, or anywhere. */
async function standing(
  { federation, masterKey }: ImportSurroundings,
  { row, citizenNumber }: ImportedPerson,
  unionId: string,
): Promise<RowOutcome | undefined> {
  const citizenNumberIndex = blindIndex(masterKey, 'citizen-number', citizenNumber);
  const [found] = await federation.find('members', {
    where: { citizenNumberIndex, status: 'active' },
    limit: 1,
  });
  if (found === undefined) return undefined;
  const field = 'citizenNumber';
  return (found as MemberDocument).unionId === unionId
    ? { row, status: 'skipped', refusal: { refused: 'member-already-in-union', field } }
    : { row, status: 'failed', refusal: { refused: 'member-duplicate', field } };
}

async function send(
  { services, masterKey }: ImportSurroundings,
  person: ImportedPerson,
  unionId: string,
  origin: CallOrigin,
): Promise<CommandAccepted | Refusal> {
  const { name, citizenNumber, mobile, joinedOn } = person;
  const { idempotencyKey, ...rest } = origin;
  // Keyed, because the key is kept: a plain hash of a citizen number is found by trying them all.
  const mark = blindIndex(
    masterKey,
    'import-row',
    JSON.stringify([unionId, name, citizenNumber, mobile, joinedOn]),
  );
  const key =
    idempotencyKey === undefined
      ? undefined
      : `${origin.actor}:${createHash('sha256').update(`${idempotencyKey}/${mark}`).digest('base64url')}`;
  return await services.members.enrolMember(
    { memberId: '', unionId, name, citizenNumber, mobile, joinedOn, synthetic: false },
    { ...rest, ...(key === undefined ? {} : { idempotencyKey: key }) },
  );
}

/** Results in the order of the items; the first failure ends it once what is under way has ended. */
async function inParallel<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const entries = items.entries();
  let failure: { readonly error: unknown } | undefined;
  const worker = async () => {
    for (const [index, item] of entries) {
      if (failure !== undefined) return;
      try {
        results[index] = await work(item);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  if (failure !== undefined) throw failure.error;
  return results;
}
