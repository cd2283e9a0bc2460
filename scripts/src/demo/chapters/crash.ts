import { forEachConcurrently } from '../../seed/concurrency.ts';
import { UnexpectedAnswer } from '../api/exchange.ts';
import { settled } from '../api/operations.ts';
import type { ApiRequest, Caller } from '../api/platform-client.ts';
import { statisticsOf } from '../api/reading.ts';
import type { Accepted, MemberRecord } from '../api/shapes.ts';
import { storyPerson } from '../people.ts';
import type { Scene } from '../scene.ts';
import type { Checks } from '../telling/checks.ts';
import type { FoundedUnion } from './establishment.ts';

/** Commands of the burst, each one person's enrolment. */
const burst = 800;
/** Commands under way at a time. */
const concurrency = 48;
/** Acknowledgements in each round after which the power goes. */
const acknowledgedPerRound = 200;
/** How long after that, in milliseconds: each round hits the work under way at another point. */
const killDelays = [0, 3, 8];
/** Longest time for every consumer to catch up after a restart, in milliseconds. */
const catchUpMs = 30_000;

/** How a command of the burst ended: accepted, or its answer never came. */
type Fate = { readonly accepted: Accepted } | 'no answer';

/** The power goes in the middle of the work, again and again: what was acknowledged is there, and nothing twice. */
export async function crash(scene: Scene, union: FoundedUnion): Promise<void> {
  const { story } = scene;
  const { cadre } = union;
  const enrolments = enrolmentsIn(union.id);
  const members = async () => (await statisticsOf(cadre, union.id)).ownMembers;
  const before = await members();
  const fates: Fate[] = enrolments.map(() => 'no answer');

  for (const [round, delayMs] of killDelays.entries()) {
    await story.step(
      `第 ${round + 1} 次断电:${burst} 人并发入会进行到一半,用 SIGKILL 杀死整个平台`,
      `Power cut ${round + 1}: ${burst} enrolments, ${concurrency} at a time; in the middle the platform is killed with SIGKILL`,
      async (check) => await cutPower(scene, union, { enrolments, fates, delayMs, check }),
    );
    await story.step(
      '在同一数据目录上重新启动:每一条已确认的入会都在,逐人读到,登录依然有效',
      'Restarted on the same folder: every acknowledged enrolment is there, each member read; sign-ins are still good',
      async (check) => {
        const begun = performance.now();
        const { url } = await scene.launcher.restart();
        scene.platform.moveTo(url);
        const seconds = (performance.now() - begun) / 1_000;
        const ready = await scene.platform.send({ method: 'GET', path: '/readyz' });
        check.equal('就绪 ready', ready.status, 200, ready);
        check.remark(`从启动到就绪 from start to ready: ${seconds.toFixed(2)} s`);
        await settled(scene.people.operator, catchUpMs);
        const acknowledged = fates.flatMap((fate) =>
          fate === 'no answer' ? [] : fate.accepted.id,
        );
        check.equal('丢失 lost', await missingMembers(cadre, union.id, acknowledged), []);
        check.equal(
          '编号互不相同 ids are distinct',
          new Set(acknowledged).size,
          acknowledged.length,
        );
        const stored = (await members()) - before;
        check.holds(
          '人数 members',
          stored >= acknowledged.length && stored <= burst,
          `${acknowledged.length} … ${burst}`,
          stored,
        );
        check.remark(
          `已落盘而答复丢失 stored though the answer was lost: ${stored - acknowledged.length}`,
        );
      },
    );
  }

  await story.step(
    '用原来的幂等键把全部命令再发一遍:已办的得到原结果,未办的补办,人数恰为发出数',
    'Every command again with its Idempotency-Key: the first results return, the rest is done, and the count is exact',
    async (check) => {
      const stored = (await members()) - before;
      const again = await sendAll(cadre, enrolments, () => undefined);
      const changed = fates.filter((fate, index) => {
        const repeated = again[index];
        if (repeated === undefined || repeated === 'no answer') return true;
        return fate !== 'no answer' && repeated.accepted.id !== fate.accepted.id;
      });
      check.equal('结果不同 other results', changed, []);
      const ids = new Set(again.flatMap((fate) => (fate === 'no answer' ? [] : fate.accepted.id)));
      check.equal('会员 distinct members', ids.size, burst);
      check.equal('人数 members', await members(), before + burst);
      check.remark(`补办 done only now: ${burst - stored}`);
    },
  );

  await story.step(
    '换新的幂等键重发也不会重复入会',
    'Nor does anybody join twice with new keys',
    async (check) => {
      const sample = enrolments.filter((_, index) => index % 20 === 0);
      for (const request of sample) {
        const { headers: _, ...unkeyed } = request;
        const refused = await cadre.attempt(unkeyed);
        check.refused('重复 duplicate', refused, { status: 409, code: 'member-duplicate' });
      }
      check.equal('人数 members', await members(), before + burst);
    },
  );
}

interface PowerCut {
  readonly enrolments: readonly ApiRequest[];
  /** Of each enrolment; the round fills in what it learns. */
  readonly fates: Fate[];
  readonly delayMs: number;
  readonly check: Checks;
}

/** Sends what has no answer yet, and kills the platform in the middle of it. */
async function cutPower(
  { launcher }: Scene,
  { cadre }: FoundedUnion,
  { enrolments, fates, delayMs, check }: PowerCut,
): Promise<void> {
  const open = [...fates.keys()].filter((index) => fates[index] === 'no answer');
  const enough = Promise.withResolvers<void>();
  let acknowledged = 0;
  const running = sendAll(
    cadre,
    open.flatMap((index) => enrolments[index] ?? []),
    (fate) => {
      if (fate !== 'no answer') acknowledged += 1;
      if (acknowledged === acknowledgedPerRound) enough.resolve();
    },
  );
  await Promise.race([enough.promise, running]);
  if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
  await launcher.kill();
  for (const [place, fate] of (await running).entries()) {
    const index = open[place];
    if (index !== undefined) fates[index] = fate;
  }
  check.holds(
    '断在中途 cut in the middle of it',
    acknowledged >= acknowledgedPerRound && acknowledged < open.length,
    `${acknowledgedPerRound} … ${open.length - 1}`,
    acknowledged,
  );
  check.remark(
    `发出 sent: ${open.length}; 已确认 acknowledged: ${acknowledged}; ` +
      `未得到答复 without an answer: ${open.length - acknowledged}`,
  );
}

/** Of members that must be there, those that are not, or are somewhere else. */
async function missingMembers(
  cadre: Caller,
  unionId: string,
  ids: readonly string[],
): Promise<string[]> {
  const missing: string[] = [];
  await forEachConcurrently(ids, concurrency, async (id) => {
    const read = await cadre.attempt({ method: 'GET', path: `/api/v1/members/${id}` });
    const record = read.answer as MemberRecord;
    if (read.status !== 200 || record.unionId !== unionId) missing.push(id);
  });
  return missing;
}

function enrolmentsIn(unionId: string): readonly ApiRequest[] {
  return Array.from({ length: burst }, (_, index) => {
    const { name, citizenNumber, mobile, hiredOn } = storyPerson(1_000 + index);
    return {
      method: 'POST',
      path: '/api/v1/members',
      body: { unionId, name, citizenNumber, mobile, joinedOn: hiredOn, synthetic: true },
      headers: { 'idempotency-key': `demo-burst-${index}` },
    };
  });
}

/**
 * Sends all, many at a time.
 * @returns the fate of each, in order
 * @throws Error for an answer that is neither acceptance nor that of a platform going down
 */
async function sendAll(
  caller: Caller,
  requests: readonly ApiRequest[],
  onFate: (fate: Fate) => void,
): Promise<readonly Fate[]> {
  const fates: Fate[] = requests.map(() => 'no answer');
  await forEachConcurrently([...requests.entries()], concurrency, async ([index, request]) => {
    const fate = await send(caller, request);
    fates[index] = fate;
    onFate(fate);
  });
  return fates;
}

async function send(caller: Caller, request: ApiRequest): Promise<Fate> {
  let exchange: Awaited<ReturnType<Caller['attempt']>>;
  try {
    exchange = await caller.attempt(request);
  } catch (error) {
    // What undici reports when the other end is gone.
    if (error instanceof TypeError) return 'no answer';
    throw error;
  }
  // The gateway may outlive a service by a moment, and then cannot know what became of the command.
  const { code } = exchange.answer as { readonly code?: string };
  if (exchange.status === 503 && code === 'service-unavailable') return 'no answer';
  if (exchange.status !== 201) throw new UnexpectedAnswer(exchange);
  return { accepted: exchange.answer as Accepted };
}
