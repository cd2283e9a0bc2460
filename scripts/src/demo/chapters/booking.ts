import type { Exchange } from '../api/exchange.ts';
import type { Caller } from '../api/platform-client.ts';
import type {
  BookingAccepted,
  BookingRecord,
  NearbyRecord,
  Page,
  ResourceUseRecord,
  SlotRecord,
} from '../api/shapes.ts';
import { places, type Scene } from '../scene.ts';
import { eventually } from '../telling/eventually.ts';
import type { FoundedUnion } from './establishment.ts';

/** Places of the sports hall at a time, and unions that want the same one. */
const [capacity, crowd] = [3, 12];

interface Notice {
  readonly template: string;
  readonly aboutId: string;
}

/** A shared resource is booked instead of built again: places, waiting list, figures. */
export async function booking(scene: Scene, union: FoundedUnion): Promise<void> {
  const { story, platform, people } = scene;
  const cadreOf = async (unionId: string) => await platform.signIn({ unionId, role: 'cadre' });
  const neighbour = await cadreOf(places.otherCityCounty);

  const hall = await story.step(
    '市南区总工会开放职工体育馆:每天 9–21 点,两小时一个时段,同时 3 家',
    'The district opens a sports hall: nine to nine, slots of two hours, three unions at a time',
    async (check) => {
      const { id } = await people.county.command('/api/v1/resources', {
        kind: 'venue',
        name: '职工体育馆(演示)',
        audience: 'neighbours',
        capacity,
        calendar: {
          hours: [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({
            weekday,
            opensAt: '09:00',
            closesAt: '21:00',
          })),
          closedOn: [],
          slotMinutes: 120,
        },
        eligibility: { unions: true, workers: true, unionTypes: [] },
      });
      const slots = await slotsOf(union.cadre, id);
      check.holds('时段 slots', slots.length >= 36, '36 or more in a week', slots.length);
      check.equal('余量 free', slots.at(-1)?.free, capacity);
      return id;
    },
  );

  const booked = await story.step(
    '12 家工会同时预约同一时段:恰好 3 家约上,9 家按先后候补',
    'Twelve unions book one slot at the same moment: three have it, nine wait in turn',
    async (check) => {
      const slot = (await slotsOf(neighbour, hall)).at(-1);
      const { items } = await people.county.get<Page<{ readonly id: string }>>(
        `/api/v1/unions/${places.county}/children?limit=${crowd}`,
      );
      const answers = await Promise.all(
        items.map(async ({ id }) => ({
          unionId: id,
          exchange: await book(people.county, hall, slot, id),
        })),
      );
      const made = answers.map(({ unionId, exchange }) => ({
        unionId,
        ...(exchange.answer as BookingAccepted),
      }));
      const placed = made.filter(({ status }) => status === 'booked');
      const waiting = made.filter(({ status }) => status === 'waiting');
      check.equal('约上 booked', placed.length, capacity);
      const line = waiting.map(({ waitingPlace = 0 }) => waitingPlace).toSorted((a, b) => a - b);
      check.equal(
        '候补次序 places in line',
        line,
        Array.from({ length: crowd - capacity }, (_, index) => index + 1),
      );
      const now = (await slotsOf(neighbour, hall)).find(({ from }) => from === slot?.from);
      check.equal('余量 free', now?.free, 0);
      const [first] = placed;
      const again = await book(people.county, hall, slot, first?.unionId ?? '');
      check.refused('重复预约 twice', again, { status: 409, code: 'booking-duplicate' });
      const hidden = await book(await cadreOf(places.otherProvince), hall, slot);
      check.refused('看不到的人 who does not see it', hidden, {
        status: 404,
        code: 'resource-unknown',
      });
      const next = waiting.find(({ waitingPlace }) => waitingPlace === 1);
      return { first, next };
    },
  );

  await story.step(
    '一家取消,候补第一位自动转正并收到通知',
    'One cancels: the first in line has the place, and is told',
    async (check) => {
      const { first, next } = booked;
      const by = await cadreOf(first?.unionId ?? '');
      await by.command(`/api/v1/bookings/${first?.id}/cancel`, {});
      const lucky = await cadreOf(next?.unionId ?? '');
      const after = await lucky.get<BookingRecord>(`/api/v1/bookings/${next?.id}`);
      check.equal('候补第一位 the first in line', after.status, 'booked');
      const notice = await eventually('a notice', async () => {
        const { items } = await lucky.get<Page<Notice>>('/api/v1/inbox');
        return items.find(({ aboutId }) => aboutId === next?.id);
      });
      check.equal('通知 notice', notice.template, 'booking-moved-up');
    },
  );

  await story.step(
    '新建之前先查:附近已有同类资源;统计说明避免了几处重复建设',
    'Before building again: the same kind near by, and how much duplication it spared',
    async (check) => {
      const tried = await union.cadre.post<{ readonly nearby: readonly NearbyRecord[] }>(
        '/api/v1/resources',
        { kind: 'venue', name: '自建体育馆', audience: 'subtree', dryRun: true },
      );
      const found = tried.nearby.find(({ resource }) => resource.id === hall);
      check.equal('同县已有 in the same county', found?.near, 'county');
      const use = await people.county.get<ResourceUseRecord>(`/api/v1/resources/${hall}/use`);
      check.equal('有效预约 bookings', use.bookings, capacity);
      check.equal('时长 hours', use.hours, capacity * 2);
      check.equal('外借占比 lent', use.lentShare, 1);
      check.equal('避免重复建设 duplication avoided', use.duplicationAvoided, capacity);
      const city = await people.provincial.get<{ readonly duplicationAvoided: number }>(
        `/api/v1/unions/${places.province}/resource-use`,
      );
      check.holds(
        '全省 the province',
        city.duplicationAvoided >= capacity,
        `${capacity} or more`,
        city.duplicationAvoided,
      );
    },
  );

  await story.step(
    '体育馆撤回,未开始的预约一并取消',
    'The hall is withdrawn: bookings ahead are cancelled with it',
    async (check) => {
      await people.county.command(`/api/v1/resources/${hall}/withdraw`, { reason: '改造' });
      const { items } = await people.county.get<Page<BookingRecord>>(
        `/api/v1/resources/${hall}/bookings?limit=200`,
      );
      const ahead = items.filter(({ status }) => status !== 'cancelled');
      check.equal('预约 bookings', [items.length, ahead.length], [crowd, 0]);
    },
  );
}

async function slotsOf(caller: Caller, resourceId: string): Promise<readonly SlotRecord[]> {
  const path = `/api/v1/resources/${resourceId}/calendar`;
  return (await caller.get<{ readonly items: readonly SlotRecord[] }>(path)).items;
}

async function book(
  caller: Caller,
  resourceId: string,
  slot: SlotRecord | undefined,
  forUnionId?: string,
): Promise<Exchange> {
  const body = {
    from: slot?.from,
    to: slot?.to,
    ...(forUnionId === undefined ? {} : { forUnionId }),
  };
  const path = `/api/v1/resources/${resourceId}/bookings`;
  return await caller.attempt({ method: 'POST', path, body });
}
