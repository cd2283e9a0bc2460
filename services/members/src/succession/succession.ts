import {
  type CommandContext,
  type CommandHandler,
  type ConsumerDefinition,
  type DecodedEvent,
  eventsTopic,
  isRefusal,
  type ProjectionRunner,
  type RecordedEvent,
  StoreUnavailableError,
  TransientError,
} from '@unionfold/eventsourcing';
import { memberDecider } from '../member/decider.ts';
import type { MemberEvent } from '../member/member.ts';
import type { UnionEvent } from '../rosters/rosters-projection.ts';
import type { UnionDirectory } from '../rosters/union-directory.ts';
import { inParallel } from './bounded-parallel.ts';

/** Why a member of a dissolved union is transferred, as it stands in the member's record. */
export const successionReason = '原工会撤销';

/** Members of one union that are read and carried over before the next ones are read. */
const pageSize = 1_000;
/** Commands at once: they share the store's commits. */
const width = 32;
/** How long the rosters may take to hear of an event before the partition rests; milliseconds. */
const rostersPatienceMs = 2_000;

/** What the succession works with. */
export interface SuccessionEnvironment {
  readonly commands: Pick<CommandHandler, 'execute'>;
  readonly rosters: Pick<ProjectionRunner, 'get' | 'find' | 'waitFor'>;
  readonly unions: Pick<UnionDirectory, 'look'>;
}

/**
 * When a union is dissolved, its live members pass to its successor (会籍随工会撤销转接); where that one was dissolved
 * in turn, to the successor's.
 *
 * A dissolution and the enrolment of a member in that union come on two topics, in either order, perhaps to two
 * processes. Nobody is left behind because each side first sees its own event in the rosters, and only then looks for
 * the other: whichever of the two arrives there last, its own reaction finds both.
 */
export function succession(environment: SuccessionEnvironment): ConsumerDefinition {
  return {
    name: 'succession',
    topics: [eventsTopic('organizations'), eventsTopic('members')],
    onPoison: 'park',
    apply: async ({ event, recorded }: DecodedEvent) => {
      const change = event as UnionEvent | MemberEvent;
      switch (change.type) {
        case 'UnionDissolved':
          await seenInRosters(environment, 'organizations', recorded, change.data.unionId);
          await carryOverAll(environment, change.data.unionId, recorded);
          return;
        case 'MemberEnrolled':
          await carryOverLate(environment, change.data.memberId, change.data.unionId, recorded);
          return;
        case 'MemberTransferred':
          await carryOverLate(environment, change.data.memberId, change.data.toUnionId, recorded);
          return;
        default:
      }
    },
  };
}

/** Carries over everybody on the roster of a dissolved union. One member that cannot be does not hold up the others. */
async function carryOverAll(
  environment: SuccessionEnvironment,
  unionId: string,
  cause: RecordedEvent,
): Promise<void> {
  const heirId = await heirOf(environment, unionId, cause);
  const failures: unknown[] = [];
  let after: readonly string[] | undefined;
  for (;;) {
    const page = await environment.rosters.find('members', {
      where: { unionId, live: true },
      limit: pageSize,
      ...(after === undefined ? {} : { after }),
    });
    const failed = await inParallel(page, width, ({ id }) =>
      carryOver(environment, id, { fromUnionId: unionId, toUnionId: heirId }, cause),
    );
    const transient = failed.find(isTransient);
    if (transient !== undefined) throw transient;
    failures.push(...failed);
    const last = page.at(-1);
    if (last === undefined || page.length < pageSize) break;
    after = [last.id];
  }
  if (failures.length > 0) {
    throw new Error(
      `${failures.length} members of union ${unionId} remain: ${String(failures[0])}`,
    );
  }
}

/** Carries over one who came to a union that was being dissolved. */
async function carryOverLate(
  environment: SuccessionEnvironment,
  memberId: string,
  unionId: string,
  cause: RecordedEvent,
): Promise<void> {
  await seenInRosters(environment, 'members', cause, memberId);
  const union = await environment.rosters.get('unions', unionId);
  if (union?.['standing'] !== 'dissolved') return;
  const heirId = await heirOf(environment, unionId, cause);
  await carryOver(environment, memberId, { fromUnionId: unionId, toUnionId: heirId }, cause);
}

async function carryOver(
  { commands }: SuccessionEnvironment,
  memberId: string,
  way: { readonly fromUnionId: string; readonly toUnionId: string },
  cause: RecordedEvent,
): Promise<void> {
  // No fingerprint: a repeated reaction to the same event may meanwhile have found a longer chain of successors.
  const context: CommandContext = {
    ...originOf(cause),
    idempotencyKey: `system:succession:${cause.id}:${memberId}`,
  };
  const outcome = await commands.execute(context, async (session) => {
    const member = await session.load(memberDecider, memberId);
    return member.decide({ type: 'CarryOverMember', ...way, reason: successionReason }) ?? memberId;
  });
  if (!isRefusal(outcome)) return;
  if (outcome.refused === 'concurrent-change') throw new TransientError(outcome.refused);
  throw new Error(`member ${memberId}: ${outcome.refused}`);
}

/** The first successor that is not dissolved itself. */
async function heirOf(
  { unions }: SuccessionEnvironment,
  unionId: string,
  cause: RecordedEvent,
): Promise<string> {
  const seen = new Set<string>();
  for (let id = unionId; ; ) {
    const { standing, successorId } = await unions.look(id, originOf(cause));
    if (standing === 'active') return id;
    seen.add(id);
    if (standing !== 'dissolved' || seen.has(successorId)) {
      throw new Error(`the succession of union ${unionId} ends at ${id}, which is ${standing}`);
    }
    id = successorId;
  }
}

/**
 * Waits until the event is in the rosters. From then on it stays in view: a rebuilt generation takes over only once it
 * holds all that the old one held.
 * @throws TransientError when it takes too long
 */
async function seenInRosters(
  { rosters }: SuccessionEnvironment,
  owner: 'organizations' | 'members',
  { partition, position, version }: RecordedEvent,
  id: string,
): Promise<void> {
  const collection = owner === 'organizations' ? 'unions' : 'members';
  const seen = async () => Number((await rosters.get(collection, id))?.['version'] ?? 0) >= version;
  if (await seen()) return;
  // Another process may hold the partition, and then nothing is heard of here: only the document counts.
  const topic = eventsTopic(owner);
  await rosters.waitFor([{ topic, partition, position }], rostersPatienceMs);
  if (!(await seen())) throw new TransientError('the rosters have not heard of the event yet');
}

function originOf(cause: RecordedEvent): Omit<CommandContext, 'idempotencyKey' | 'fingerprint'> {
  const { correlationId, traceparent } = cause.metadata;
  return {
    actor: 'system:succession',
    correlationId,
    causationId: cause.id,
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}

function isTransient(error: unknown): boolean {
  return error instanceof TransientError || error instanceof StoreUnavailableError;
}
