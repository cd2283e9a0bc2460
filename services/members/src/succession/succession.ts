import type { EventOf } from '@unionfold/contracts';
import {
  type CommandContext,
  type CommandHandler,
  type ConsumerDefinition,
  type ConsumerPosition,
  type DecodedEvent,
  eventsTopic,
  expectCarriedOut,
  type ProjectionRunner,
  type RecordedEvent,
  reactionTo,
  StoreUnavailableError,
  TransientError,
} from '@unionfold/eventsourcing';
import { memberDecider } from '../member/decider.ts';
import type { MemberEvent } from '../member/member.ts';
import type { UnionEvent } from '../rosters/rosters-projection.ts';
import type { UnionDirectory } from '../rosters/union-directory.ts';
import { inParallel } from './bounded-parallel.ts';
import { restorationReason, splitReason, successionReason } from './reasons.ts';

/** Members of one union that are read and carried over before the next ones are read. */
const pageSize = 1_000;
/** Commands at once: they share the store's commits. */
const width = 32;
/** How long the rosters may take to hear of an event before the partition rests; milliseconds. */
const rostersPatienceMs = 2_000;
/** How long a batch waits for them before its events are looked at one by one; milliseconds. */
const batchPatienceMs = 200;

/** What the succession works with. */
export interface SuccessionEnvironment {
  readonly commands: Pick<CommandHandler, 'execute'>;
  readonly rosters: Pick<ProjectionRunner, 'get' | 'getMany' | 'find' | 'waitFor'>;
  readonly unions: Pick<UnionDirectory, 'look'>;
}

/**
 * When a union is dissolved, its live members pass to its successor (会籍随工会撤销转接); where that one was dissolved
 * in turn, to the successor's. When the union is restored, those who came from it and are still where they were taken
 * to come back; when it is split, those named go to the new unions.
 *
 * A dissolution and the enrolment of a member in that union come on two topics, in either order, perhaps to two
 * processes. Nobody is left behind because each side first sees its own event in the rosters, and only then looks for
 * the other: whichever of the two arrives there last, its own reaction finds both.
 */
export function succession(environment: SuccessionEnvironment): ConsumerDefinition {
  /** Events of the batch in hand with whose members nothing is to be done. */
  let settled: ReadonlySet<string> = new Set();
  return {
    name: 'succession',
    topics: [eventsTopic('organizations'), eventsTopic('members')],
    onPoison: 'park',
    prefetch: async (events) => {
      settled = new Set();
      settled = await settledArrivals(environment, events);
    },
    apply: async ({ event, recorded }: DecodedEvent) => {
      if (settled.has(recorded.id)) return;
      const change = event as UnionEvent | MemberEvent;
      switch (change.type) {
        case 'UnionDissolved':
          await seenInRosters(environment, 'organizations', recorded, change.data.unionId);
          await carryOverAll(environment, change.data.unionId, recorded);
          return;
        case 'UnionRestored':
          await seenInRosters(environment, 'organizations', recorded, change.data.unionId);
          await bringBackAll(environment, change.data, recorded);
          return;
        case 'UnionSplit':
          await shareOut(environment, change.data, recorded);
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

/** Carries over everybody on the roster of a dissolved union. */
async function carryOverAll(
  environment: SuccessionEnvironment,
  unionId: string,
  cause: RecordedEvent,
): Promise<void> {
  const toUnionId = await heirOf(environment, unionId, cause);
  const way = { fromUnionId: unionId, toUnionId, reason: successionReason };
  await carryOverEach(environment, { unionId, live: true }, way, cause);
}

/** Those whom the succession of a restored union took to its successor, and who are still there, come back. */
async function bringBackAll(
  environment: SuccessionEnvironment,
  { unionId, successorId }: { readonly unionId: string; readonly successorId: string },
  cause: RecordedEvent,
): Promise<void> {
  const way = { fromUnionId: successorId, toUnionId: unionId, reason: restorationReason };
  await carryOverEach(environment, { cameFromId: unionId, unionId: successorId }, way, cause);
}

/** The members whom a split names go to the unions that came out of theirs. */
async function shareOut(
  environment: SuccessionEnvironment,
  { unionId, parts }: EventOf<'UnionSplit'>['data'],
  cause: RecordedEvent,
): Promise<void> {
  const failures: unknown[] = [];
  for (const part of parts) {
    const way = { fromUnionId: unionId, toUnionId: part.unionId, reason: splitReason };
    const failed = await inParallel(part.memberIds, width, (id) =>
      carryOver(environment, id, way, cause),
    );
    failures.push(...failed);
  }
  report(failures, unionId);
}

/** Carries over all of a list, a page at a time. One member that cannot be does not hold up the others. */
async function carryOverEach(
  environment: SuccessionEnvironment,
  where: Readonly<Record<string, string | boolean>>,
  way: Way,
  cause: RecordedEvent,
): Promise<void> {
  const failures: unknown[] = [];
  let after: readonly string[] | undefined;
  for (;;) {
    const page = await environment.rosters.find('members', {
      where,
      limit: pageSize,
      ...(after === undefined ? {} : { after }),
    });
    const failed = await inParallel(page, width, ({ id }) =>
      carryOver(environment, id, way, cause),
    );
    failures.push(...failed);
    if (failed.some(isTransient)) break;
    const last = page.at(-1);
    if (last === undefined || page.length < pageSize) break;
    after = [last.id];
  }
  report(failures, way.fromUnionId);
}

/** @throws the failure that may pass by itself, or one that tells of all */
function report(failures: readonly unknown[], unionId: string): void {
  const transient = failures.find(isTransient);
  if (transient !== undefined) throw transient;
  if (failures.length === 0) return;
  throw new Error(`${failures.length} members of union ${unionId} remain: ${String(failures[0])}`);
}

/** From where to where a member is carried, and why. */
interface Way {
  readonly fromUnionId: string;
  readonly toUnionId: string;
  readonly reason: string;
}

/** An event by which a member came to a union. */
interface Arrival {
  readonly id: string;
  /** Of the member's stream. */
  readonly version: number;
  readonly memberId: string;
  readonly unionId: string;
  readonly place: ConsumerPosition;
}

/**
 * Of a batch, the events by which members came to a union that stands, looked up together: nearly all of them. In the
 * same order as for one: first the rosters have the event, then the union is looked at.
 * @returns ids of events
 */
async function settledArrivals(
  { rosters }: SuccessionEnvironment,
  events: readonly DecodedEvent[],
): Promise<ReadonlySet<string>> {
  const topic = eventsTopic('members');
  const arrivals = events.flatMap(({ event, recorded }): Arrival[] => {
    const { type, data } = event as UnionEvent | MemberEvent;
    const { id, version, partition, position } = recorded;
    const place = { topic, partition, position };
    switch (type) {
      case 'MemberEnrolled':
        return [{ id, version, memberId: data.memberId, unionId: data.unionId, place }];
      case 'MemberTransferred':
        return [{ id, version, memberId: data.memberId, unionId: data.toUnionId, place }];
      default:
        return [];
    }
  });
  if (arrivals.length === 0) return new Set();
  await rosters.waitFor(
    arrivals.map(({ place }) => place),
    batchPatienceMs,
  );
  const memberIds = new Set(arrivals.map(({ memberId }) => memberId));
  const members = await rosters.getMany('members', [...memberIds]);
  const unionIds = new Set(arrivals.map(({ unionId }) => unionId));
  const unions = await rosters.getMany('unions', [...unionIds]);
  return new Set(
    arrivals
      .filter(({ memberId, unionId, version }) => {
        const isSeen = Number(members.get(memberId)?.['version'] ?? 0) >= version;
        return isSeen && unions.get(unionId)?.['standing'] !== 'dissolved';
      })
      .map(({ id }) => id),
  );
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
  const way = { fromUnionId: unionId, toUnionId: heirId, reason: successionReason };
  await carryOver(environment, memberId, way, cause);
}

async function carryOver(
  { commands }: SuccessionEnvironment,
  memberId: string,
  way: Way,
  cause: RecordedEvent,
): Promise<void> {
  // No fingerprint: a repeated reaction to the same event may meanwhile have found a longer chain of successors.
  const context: CommandContext = {
    ...reactionTo(cause, 'succession'),
    idempotencyKey: `system:succession:${cause.id}:${memberId}`,
  };
  const outcome = await commands.execute(context, async (session) => {
    const member = await session.load(memberDecider, memberId);
    return member.decide({ type: 'CarryOverMember', ...way }) ?? memberId;
  });
  expectCarriedOut(outcome, `member ${memberId}`);
}

/** The first successor that is not dissolved itself. */
async function heirOf(
  { unions }: SuccessionEnvironment,
  unionId: string,
  cause: RecordedEvent,
): Promise<string> {
  const seen = new Set<string>();
  for (let id = unionId; ; ) {
    const { standing, successorId } = await unions.look(id, reactionTo(cause, 'succession'));
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

function isTransient(error: unknown): boolean {
  return error instanceof TransientError || error instanceof StoreUnavailableError;
}
