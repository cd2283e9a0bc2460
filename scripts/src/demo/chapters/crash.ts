import { UnexpectedAnswer } from '../api/exchange.ts';
import { settled } from '../api/operations.ts';
import type { ApiRequest, Caller } from '../api/platform-client.ts';
import { statisticsOf } from '../api/reading.ts';
import type { Accepted, MemberRecord } from '../api/shapes.ts';
import { storyPerson } from '../people.ts';
import type { Scene } from '../scene.ts';
import type { FoundedUnion } from './establishment.ts';

/** Commands of the burst, each one person's enrolment. */
const burst = 600;
/** Commands under way at a time. */
const concurrency = 48;
/** Longest time for every consumer to catch up after the restart, in milliseconds. */
const catchUpMs = 30_000;

/** How a command of the burst ended: accepted, or its answer never came. */
type Fate = { readonly accepted: Accepted } | 'no answer';

/** The power goes in the middle of the work: what was acknowledged is there, and nothing twice. */
export async function crash(
  { story, platform, launcher, people }: Scene,
  union: FoundedUnion,
): Promise<void> {
  const { cadre } = union;
  const enrolments = enrolmentsIn(union.id);
  const members = async () => (await statisticsOf(cadre, union.id)).ownMembers;
  const before = await members();

  const fates = await story.step(
    `并发办理 ${burst} 人入会,进行到一半时用 SIGKILL 杀死整个平台`,
    `${burst} enrolments, ${concurrency} at a time; half-way the whole platform is killed with SIGKILL`,
    async (check) => {
      const half = Promise.withResolvers<void>();
      let acknowledged = 0;
      const running = sendAll(cadre, enrolments, (fate) => {
        if (fate === 'no answer') return;
        acknowledged += 1;
        if (acknowledged === burst / 2) half.resolve();
      });
      await Promise.race([half.promise, running]);
      await launcher.kill();
      const results = await running;
      const accepted = results.filter((fate) => fate !== 'no answer').length;
      check.holds(
        '杀在中途 killed in the middle of it',
        accepted >= burst / 2 && accepted < burst,
        `${burst / 2} … ${burst - 1}`,
        accepted,
      );
      check.remark(
        `已确认 acknowledged: ${accepted}; 未得到答复 without an answer: ${burst - accepted}`,
      );
      return results;
    },
  );
  const acknowledged = fates.flatMap((fate) => (fate === 'no answer' ? [] : [fate.accepted]));

  await story.step(
    '在同一数据目录上重新启动,登录依然有效',
    'Restarted on the same folder; sign-ins are still good',
    async (check) => {
      const begun = performance.now();
      const { url } = await launcher.restart();
      platform.moveTo(url);
      const seconds = (performance.now() - begun) / 1_000;
      const ready = await platform.send({ method: 'GET', path: '/readyz' });
      check.equal('就绪 ready', ready.status, 200, ready);
      check.remark(`从启动到就绪 from start to ready: ${seconds.toFixed(2)} s`);
    },
  );

  const stored = await story.step(
    '每一条已确认的入会都在,逐人读到;人数不少于确认数,不多于发出数',
    'Every acknowledged enrolment is there, each member read; no fewer than acknowledged, no more than sent',
    async (check) => {
      await settled(people.operator, catchUpMs);
      const missing: string[] = [];
      await inParallel(acknowledged, async ({ id }) => {
        const read = await cadre.attempt({ method: 'GET', path: `/api/v1/members/${id}` });
        const record = read.answer as MemberRecord;
        if (read.status !== 200 || record.unionId !== union.id) missing.push(id);
      });
      check.equal('丢失 lost', missing, []);
      check.equal(
        '编号互不相同 ids are distinct',
        new Set(acknowledged.map(({ id }) => id)).size,
        acknowledged.length,
      );
      const added = (await members()) - before;
      check.holds(
        '人数 members',
        added >= acknowledged.length && added <= burst,
        `${acknowledged.length} … ${burst}`,
        added,
      );
      check.remark(
        `已落盘而答复丢失 stored though the answer was lost: ${added - acknowledged.length}`,
      );
      return added;
    },
  );

  await story.step(
    '用原来的幂等键把全部命令再发一遍:已办的得到原结果,未办的补办,人数恰为发出数',
    'Every command again with its Idempotency-Key: the first results return, the rest is done, and the count is exact',
    async (check) => {
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
  await inParallel([...requests.entries()], async ([index, request]) => {
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
  if (exchange.status !== 201) throw new UnexpectedAnswer(exchange);
  return { accepted: exchange.answer as Accepted };
}

async function inParallel<Item>(
  items: readonly Item[],
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const left = items.values();
  const worker = async () => {
    for (const item of left) await work(item);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}
