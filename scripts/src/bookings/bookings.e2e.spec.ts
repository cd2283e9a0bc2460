import { UnionType } from '@unionfold/contracts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, BookingsWorld, type Client } from './bookings-world.fixture.ts';

/** A Tuesday, eight in the morning in China. */
const morning = '2026-12-01T08:00:00+08:00';
const crowd = 60;

let world: BookingsWorld;
let city: Client;
let county: Client;
let works: Client;
let neighbour: Client;
let outsider: Client;

beforeAll(async () => {
  world = await BookingsWorld.open(morning);
  for (const [id, parentId, type, regionCode] of [
    ['cn', '', UnionType.UNION_TYPE_NATIONAL, ''],
    ['sd', 'cn', UnionType.UNION_TYPE_PROVINCIAL, '370000'],
    ['gd', 'cn', UnionType.UNION_TYPE_PROVINCIAL, '440000'],
    ['qd', 'sd', UnionType.UNION_TYPE_MUNICIPAL, '370200'],
    ['wf', 'sd', UnionType.UNION_TYPE_MUNICIPAL, '370700'],
    ['sn', 'qd', UnionType.UNION_TYPE_COUNTY, '370202'],
    ['sb', 'qd', UnionType.UNION_TYPE_COUNTY, '370203'],
    ['works', 'sn', UnionType.UNION_TYPE_ENTERPRISE, '370202'],
    ['mill', 'sn', UnionType.UNION_TYPE_ENTERPRISE, '370202'],
    ...Array.from(
      { length: crowd },
      (_, index) => [`e${index}`, 'sb', UnionType.UNION_TYPE_ENTERPRISE, '370203'] as const,
    ),
  ] as const) {
    await world.establish({ id, parentId, type, regionCode });
  }
  await world.settle();
  city = world.as('qd');
  county = world.as('sn');
  works = world.as('works');
  neighbour = world.as('sb');
  outsider = world.as('gd');
});

afterAll(async () => {
  await world.close();
});

beforeEach(() => {
  world.now = morning;
});

const week = [1, 2, 3, 4, 5].map((weekday) => ({ weekday, opensAt: '09:00', closesAt: '17:00' }));
const weekdays = { hours: week, closedOn: ['2026-12-03'], slotMinutes: 120 };

async function offer(owner: Client, terms: Record<string, unknown> = {}): Promise<string> {
  const body = { kind: 'venue', name: '报告厅', audience: 'subtree', ...terms };
  const { status, body: made } = await owner('POST', '/resources', body);
  expect(status, JSON.stringify(made)).toBe(201);
  await world.settle();
  return made.id;
}

function book(
  client: Client,
  resourceId: string,
  from: string,
  to: string,
  more: Record<string, unknown> = {},
): Promise<Answer> {
  const body = { from: `${from}:00+08:00`, to: `${to}:00+08:00`, ...more };
  return client('POST', `/resources/${resourceId}/bookings`, body);
}

/** The first slot of tomorrow. */
const tomorrow = ['2026-12-02T09:00', '2026-12-02T11:00'] as const;

describe('Booking under concurrency', () => {
  it('gives sixty who come at once exactly the five places there are, and queues the others', async () => {
    const hall = await offer(city, { capacity: 5, calendar: weekdays });
    const clients = Array.from({ length: crowd }, (_, index) => world.as(`e${index}`));
    const answers = await Promise.all(clients.map((client) => book(client, hall, ...tomorrow)));
    expect(answers.map(({ status }) => status)).toEqual(Array(crowd).fill(201));
    const booked = answers.filter(({ body }) => body.status === 'booked');
    expect(booked).toHaveLength(5);
    const waiting = answers.filter(({ body }) => body.status === 'waiting');
    const places = waiting.map(({ body }) => body.waitingPlace).toSorted((a, b) => a - b);
    expect(places).toEqual(Array.from({ length: crowd - 5 }, (_, index) => index + 1));

    const { body: calendar } = await works('GET', `/resources/${hall}/calendar?from=2026-12-02`);
    expect(calendar.items[0]).toEqual({
      from: '2026-12-02T09:00:00+08:00',
      to: '2026-12-02T11:00:00+08:00',
      free: 0,
      waiting: crowd - 5,
    });

    await world.settle();
    const cancelled = booked[0]?.body.id;
    expect((await city('POST', `/bookings/${cancelled}/cancel`, { reason: '检修' })).status).toBe(
      200,
    );
    await world.settle();
    const first = waiting.find(({ body }) => body.waitingPlace === 1)?.body.id;
    const second = waiting.find(({ body }) => body.waitingPlace === 2)?.body.id;
    expect((await city('GET', `/bookings/${first}`)).body).toMatchObject({ status: 'booked' });
    expect((await city('GET', `/bookings/${second}`)).body).toMatchObject({
      status: 'waiting',
      waitingPlace: 1,
    });
    const listed = await city('GET', `/resources/${hall}/bookings?status=booked&limit=200`);
    expect(listed.body.items).toHaveLength(5);
    const inLine = await city('GET', `/resources/${hall}/bookings?status=waiting&limit=200`);
    expect(inLine.body.items[0].id).toBe(second);
    expect((await city('GET', `/resources/${hall}/use`)).body).toMatchObject({
      bookings: 5,
      unionsServed: 5,
      lentShare: 1,
      duplicationAvoided: 5,
      hours: 10,
    });
  });

  it('lets nobody in twice who sends the same booking many times at once', async () => {
    const hall = await offer(city, { capacity: 5, calendar: weekdays });
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => book(works, hall, ...tomorrow)),
    );
    expect(answers.map(({ body }) => body.code ?? body.status).toSorted()).toEqual([
      'booked',
      ...Array(9).fill('booking-duplicate'),
    ]);
  });

  it('keeps withdrawal and booking apart: whatever is booked is cancelled with it', async () => {
    const hall = await offer(city, { capacity: 8, calendar: weekdays });
    const clients = Array.from({ length: 20 }, (_, index) => world.as(`e${index}`));
    const early = await Promise.all(
      clients.slice(0, 10).map((client) => book(client, hall, ...tomorrow)),
    );
    // Some of the others are on their way before the withdrawal, some after.
    const [withdrawn, ...late] = await Promise.all([
      city('POST', `/resources/${hall}/withdraw`, { reason: '装修' }),
      ...clients.slice(10).map((client) => book(client, hall, ...tomorrow)),
    ]);
    expect(withdrawn?.status).toBe(200);
    expect(early.map(({ status }) => status)).toEqual(Array(10).fill(201));
    await world.settle();
    for (const [index, { status, body }] of [...early, ...late].entries()) {
      if (status !== 201) {
        expect(body.code).toBe('resource-withdrawn');
        continue;
      }
      const seen = await clients[index]?.('GET', `/bookings/${body.id}`);
      expect(seen?.body.status).toBe('cancelled');
    }
    const told = (await clients[0]?.('GET', '/inbox'))?.body.items;
    expect(told).toContainEqual(
      expect.objectContaining({
        template: 'booking-cancelled-by-withdrawal',
        aboutId: early[0]?.body.id,
      }),
    );
    expect((await city('GET', `/resources/${hall}/use`)).body).toMatchObject({
      bookings: 0,
      unionsServed: 0,
      duplicationAvoided: 0,
    });
  });
});

describe('A booking', () => {
  it('is refused for what is not open, not on slots, over, or too far ahead', async () => {
    const hall = await offer(city, { calendar: weekdays, bookableDays: 10 });
    for (const [from, to, code] of [
      ['2026-12-02T07:00', '2026-12-02T09:00', 'booking-outside-hours'],
      ['2026-12-02T15:00', '2026-12-02T19:00', 'booking-outside-hours'],
      ['2026-12-03T09:00', '2026-12-03T11:00', 'booking-outside-hours'],
      ['2026-12-05T09:00', '2026-12-05T11:00', 'booking-outside-hours'],
      ['2026-12-02T10:00', '2026-12-02T12:00', 'booking-not-on-slots'],
      ['2026-11-30T09:00', '2026-11-30T11:00', 'booking-in-the-past'],
      ['2026-12-14T09:00', '2026-12-14T11:00', 'booking-too-far-ahead'],
      ['2026-12-02T11:00', '2026-12-02T09:00', 'booking-period-invalid'],
      ['2026-12-32T09:00', '2026-12-32T11:00', 'booking-period-invalid'],
    ] as const) {
      const { body } = await book(works, hall, from, to);
      expect([from, body.code]).toEqual([from, code]);
    }
    const seconds = { from: '2026-12-02T09:00:30+08:00', to: '2026-12-02T11:00:00+08:00' };
    const odd = await works('POST', `/resources/${hall}/bookings`, seconds);
    expect(odd.body).toMatchObject({ code: 'field-format-wrong' });
    const utc = { from: '2026-12-02T01:00:00Z', to: '2026-12-02T05:00:00Z' };
    expect((await works('POST', `/resources/${hall}/bookings`, utc)).status).toBe(201);
  });

  it('sent again with the same key is the first one, and takes no second place', async () => {
    const hall = await offer(city, { capacity: 5, calendar: weekdays });
    const body = { from: '2026-12-02T09:00:00+08:00', to: '2026-12-02T11:00:00+08:00' };
    const send = () =>
      works('POST', `/resources/${hall}/bookings`, body, { 'idempotency-key': 'once' });
    const answers = await Promise.all([send(), send(), send()]);
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(new Set(answers.map((answer) => answer.body.id)).size).toBe(1);
    const slots = await works('GET', `/resources/${hall}/calendar?from=2026-12-02`);
    expect(slots.body.items[0].free).toBe(4);
  });

  it('is listed a page at a time, filtered, in the order of time', async () => {
    const hall = await offer(city, { capacity: 5, calendar: weekdays });
    const slots = ['13:00', '09:00', '11:00'];
    for (const from of slots) {
      const to = `${Number(from.slice(0, 2)) + 2}:00`;
      await book(works, hall, `2026-12-02T${from}`, `2026-12-02T${to}`);
      await book(works, hall, `2026-12-04T${from}`, `2026-12-04T${to}`);
    }
    await world.settle();
    const seen: string[] = [];
    const path = `/bookings?resourceId=${hall}&from=2026-12-04&to=2026-12-04&limit=1`;
    for (let cursor = ''; ; ) {
      const { status, body } = await works('GET', `${path}${cursor}`);
      expect(status).toBe(200);
      seen.push(...body.items.map(({ from }: { from: string }) => from.slice(0, 16)));
      if (body.next === undefined) break;
      cursor = `&cursor=${body.next}`;
    }
    expect(seen).toEqual(['2026-12-04T09:00', '2026-12-04T11:00', '2026-12-04T13:00']);
    const cancelled = await works('GET', `/bookings?resourceId=${hall}&status=cancelled`);
    expect(cancelled.body).toEqual({ items: [] });
    const foreign = await outsider('GET', `/bookings?resourceId=${hall}`);
    expect(foreign.body).toEqual({ items: [] });
  });

  it('needs an offer that reaches the union, and says no more than that to others', async () => {
    const hall = await offer(county, { calendar: weekdays });
    const unknown = await book(outsider, 'nothing', ...tomorrow);
    const hidden = await book(outsider, hall, ...tomorrow);
    expect(hidden.status).toBe(404);
    expect(hidden.body.code).toBe(unknown.body.code);
    expect(hidden.body.detail).toBe(unknown.body.detail);
    const foreign = await book(outsider, hall, ...tomorrow, { forUnionId: 'works' });
    expect(foreign.body).toMatchObject({ code: 'union-unknown' });
    const { body: booked } = await book(works, hall, ...tomorrow);
    await world.settle();
    for (const [method, path] of [
      ['GET', '/resources/ID'],
      ['GET', '/resources/ID/calendar'],
      ['GET', '/resources/ID/bookings'],
      ['GET', '/resources/ID/use'],
      ['POST', '/resources/ID/correct'],
      ['POST', '/resources/ID/withdraw'],
      ['GET', '/bookings/ID'],
      ['POST', '/bookings/ID/cancel'],
    ] as const) {
      const [real, none] = await Promise.all(
        [path.startsWith('/bookings') ? booked.id : hall, 'nothing'].map((id) =>
          outsider(method, path.replace('ID', id), method === 'POST' ? {} : undefined),
        ),
      );
      expect([path, real?.status, real?.body.code]).toEqual([path, 404, none?.body.code]);
      expect(real?.body.detail).toBe(none?.body.detail);
    }
    const seen = await works('GET', `/resources/${hall}/bookings`);
    expect(seen.body.code).toBe('resource-not-owned');
  });

  it('is for one level alone where the offer says so', async () => {
    const hall = await offer(city, {
      calendar: weekdays,
      audience: 'level',
      levelUnionType: 'county',
    });
    const ids = async (client: Client) =>
      (await client('GET', '/resources?limit=200')).body.items.map(({ id }: { id: string }) => id);
    expect(await ids(county)).toContain(hall);
    expect(await ids(works)).not.toContain(hall);
    expect((await book(works, hall, ...tomorrow)).body.code).toBe('resource-unknown');
    expect((await book(county, hall, ...tomorrow)).status).toBe(201);
    // The city's own cadre books for a district of the level.
    const other = ['2026-12-02T11:00', '2026-12-02T13:00'] as const;
    expect((await book(city, hall, ...other, { forUnionId: 'sb' })).status).toBe(201);
  });

  it('is of who is eligible; a worker books for themselves, and the union does not see it', async () => {
    const memberId = await world.enrol('works', 1);
    const lawyer = await offer(city, {
      kind: 'lawyer',
      name: '职工律师',
      eligibility: { unions: false, workers: true, unionTypes: [] },
    });
    const worker = world.as('works', 'worker', memberId);
    const day = ['2026-12-01T00:00', '2026-12-02T00:00'] as const;
    expect((await book(works, lawyer, ...day)).body.code).toBe('booking-not-eligible');
    const told = await book(worker, lawyer, ...day, { purpose: '工伤' });
    expect(told.body.code).toBe('booking-purpose-not-taken');
    const { body: booked } = await book(worker, lawyer, ...day);
    expect(booked.status).toBe('booked');
    await world.settle();
    expect((await worker('GET', '/bookings')).body.items).toMatchObject([
      { id: booked.id, memberId, unionId: 'works' },
    ]);
    expect((await works('GET', '/bookings')).body.items).not.toContainEqual(
      expect.objectContaining({ id: booked.id }),
    );
    expect((await works('GET', `/bookings/${booked.id}`)).body.code).toBe('booking-unknown');
    const owners = await city('GET', `/bookings?side=owner&resourceId=${lawyer}`);
    expect(owners.body.items).toMatchObject([{ id: booked.id, memberId }]);
    expect((await outsider('GET', `/bookings/${booked.id}`)).body.code).toBe('booking-unknown');
  });

  it('moves up when another is cancelled, and its party is told', async () => {
    const memberId = await world.enrol('mill', 2);
    const worker = world.as('mill', 'worker', memberId);
    const hall = await offer(city, { calendar: weekdays });
    const first = (await book(works, hall, ...tomorrow)).body;
    const second = (await book(worker, hall, ...tomorrow)).body;
    expect([first.status, second.status, second.waitingPlace]).toEqual(['booked', 'waiting', 1]);
    expect((await worker('POST', `/bookings/${first.id}/cancel`, {})).body.code).toBe(
      'booking-unknown',
    );
    const unread = (await worker('GET', '/inbox')).body.items.length;
    expect((await works('POST', `/bookings/${first.id}/cancel`, {})).status).toBe(200);
    await world.settle();
    expect((await worker('GET', `/bookings/${second.id}`)).body.status).toBe('booked');
    const { items } = (await worker('GET', '/inbox')).body;
    expect(items).toHaveLength(unread + 1);
    const [notice] = items.filter(({ aboutId }: { aboutId: string }) => aboutId === second.id);
    expect(notice).toMatchObject({ template: 'booking-moved-up' });
    expect(notice.text).toContain('2026-12-02 09:00');
  });

  it('is cancelled by the owner with a reason only, and not once it has begun', async () => {
    const hall = await offer(city, { calendar: weekdays });
    const { body } = await book(neighbour, hall, ...tomorrow);
    const path = `/bookings/${body.id}/cancel`;
    await world.settle();
    expect((await city('POST', path, {})).body.code).toBe('reason-missing');
    world.now = '2026-12-02T09:30:00+08:00';
    expect((await city('POST', path, { reason: '停电' })).body.code).toBe('booking-begun');
    world.now = morning;
    expect((await city('POST', path, { reason: '停电' })).status).toBe(200);
    await world.settle();
    expect((await neighbour('GET', '/inbox')).body.items).toContainEqual(
      expect.objectContaining({
        template: 'booking-cancelled-by-owner',
        aboutId: body.id,
        params: expect.objectContaining({ reason: '停电' }) as object,
      }),
    );
    expect((await neighbour('GET', `/bookings/${body.id}`)).body).toMatchObject({
      status: 'cancelled',
      cancelReason: '停电',
    });
  });

  it('of a union is cancelled when that is dissolved, unless it has begun, and who waits moves up', async () => {
    await world.establish({
      id: 'shop',
      parentId: 'sn',
      type: UnionType.UNION_TYPE_ENTERPRISE,
      regionCode: '370202',
    });
    const memberId = await world.enrol('mill', 3);
    const worker = world.as('mill', 'worker', memberId);
    const ofShop = await world.enrol('shop', 4);
    await world.settle();
    const shop = world.as('shop');
    const hall = await offer(city, { calendar: weekdays });
    const theirs = await offer(city, { calendar: weekdays });
    const today = (await book(shop, hall, '2026-12-01T09:00', '2026-12-01T11:00')).body;
    const ahead = (await book(shop, hall, ...tomorrow)).body;
    const waiting = (await book(worker, hall, ...tomorrow)).body;
    const queued = (await book(works, theirs, ...tomorrow)).body;
    const behind = (await book(shop, theirs, ...tomorrow)).body;
    const own = (
      await book(world.as('shop', 'worker', ofShop), hall, '2026-12-04T09:00', '2026-12-04T11:00')
    ).body;
    expect([today, ahead, waiting, queued, behind, own].map(({ status }) => status)).toEqual([
      'booked',
      'booked',
      'waiting',
      'booked',
      'waiting',
      'booked',
    ]);
    world.now = '2026-12-01T09:30:00+08:00';
    const ending = { successorId: 'works' };
    expect((await county('POST', '/unions/shop/dissolve', ending)).status).toBe(200);
    await world.settle();
    const standing = async (id: string) => (await city('GET', `/bookings/${id}`)).body.status;
    expect(
      await Promise.all([today, ahead, waiting, behind, own].map(({ id }) => standing(id))),
    ).toEqual(['booked', 'cancelled', 'booked', 'cancelled', 'booked']);
    expect((await worker('GET', '/inbox')).body.items).toContainEqual(
      expect.objectContaining({ template: 'booking-moved-up', aboutId: waiting.id }),
    );
  });

  it('is rated once, by its party, when it is over', async () => {
    const hall = await offer(city, { calendar: weekdays });
    const { body } = await book(works, hall, ...tomorrow);
    const path = `/bookings/${body.id}/feedback`;
    await world.settle();
    expect((await works('POST', path, { stars: 4 })).body.code).toBe('booking-not-over');
    world.now = '2026-12-02T11:00:00+08:00';
    expect((await works('POST', path, { stars: 4 })).status).toBe(200);
    expect((await works('POST', path, { stars: 5 })).body.code).toBe('booking-rated');
    await world.settle();
    expect((await city('GET', `/resources/${hall}/use`)).body).toMatchObject({
      averageStars: 4,
      ratings: 1,
    });
  });
});

describe('A resource without a calendar', () => {
  it('is booked by whole days, several in a row, and never twice for one of them', async () => {
    const fund = await offer(city, { kind: 'fund', name: '小额帮扶资金', capacity: 2 });
    const span = ['2026-12-02T00:00', '2026-12-05T00:00'] as const;
    const odd = await book(works, fund, '2026-12-02T00:00', '2026-12-02T12:00');
    expect(odd.body.code).toBe('booking-not-on-slots');
    expect((await book(works, fund, ...span)).body.status).toBe('booked');
    const middle = ['2026-12-04T00:00', '2026-12-05T00:00'] as const;
    expect((await book(county, fund, ...middle)).body.status).toBe('booked');
    const third = await book(neighbour, fund, '2026-12-03T00:00', '2026-12-06T00:00');
    expect(third.body).toMatchObject({ status: 'waiting', waitingPlace: 1 });
    const { body } = await works(
      'GET',
      `/resources/${fund}/calendar?from=2026-12-02&to=2026-12-06`,
    );
    const free = body.items.map((slot: { free: number; waiting: number }) => [
      slot.free,
      slot.waiting,
    ]);
    expect(free).toEqual([
      [1, 0],
      [1, 1],
      [0, 1],
      [2, 1],
      [2, 0],
    ]);
  });
});

describe('The terms of a resource', () => {
  it('can be changed: more places let those who wait move up', async () => {
    const hall = await offer(city, { calendar: weekdays });
    const ids: string[] = [];
    for (const client of [works, county, neighbour]) {
      ids.push((await book(client, hall, ...tomorrow)).body.id);
    }
    await world.settle();
    const path = `/resources/${hall}/correct`;
    expect((await works('POST', path, { capacity: 2 })).body.code).toBe('resource-not-owned');
    expect((await city('POST', path, { capacity: 2, expectedVersion: 9 })).body.code).toBe(
      'version-conflict',
    );
    expect((await city('POST', path, { capacity: 2 })).status).toBe(200);
    await world.settle();
    const statuses = await Promise.all(
      ids.map(async (id) => (await city('GET', `/bookings/${id}`)).body.status),
    );
    expect(statuses).toEqual(['booked', 'booked', 'waiting']);
    const seen = await works('GET', `/resources/${hall}`);
    expect(seen.body).toMatchObject({ capacity: 2, calendar: weekdays });
  });

  it('do not get a calendar while whole days are booked', async () => {
    const hall = await offer(city);
    await book(works, hall, '2026-12-02T00:00', '2026-12-03T00:00');
    const change = { calendar: weekdays };
    const path = `/resources/${hall}/correct`;
    expect((await city('POST', path, change)).body.code).toBe('resource-booked-by-days');
    world.now = '2026-12-03T08:00:00+08:00';
    expect((await city('POST', path, change)).status).toBe(200);
  });

  it('are tried out without appending, with what there is near by', async () => {
    const gym = await offer(county, {
      kind: 'equipment',
      name: '投影仪',
      audience: 'neighbours',
    });
    const far = await offer(world.as('wf'), {
      kind: 'equipment',
      name: '投影仪',
      audience: 'all',
    });
    const kind = { kind: 'equipment', name: '新投影仪', audience: 'subtree' };
    const before = (await works('GET', '/resources?owned=true')).body.items.length;
    const tried = await works('POST', '/resources', { ...kind, dryRun: true });
    expect(tried.status).toBe(200);
    const near = tried.body.nearby.map((item: { near: string; resource: { id: string } }) => [
      item.near,
      item.resource.id,
    ]);
    expect(near).toEqual([
      ['county', gym],
      ['province', far],
    ]);
    await world.settle();
    expect((await works('GET', '/resources?owned=true')).body.items).toHaveLength(before);
    const wrong = await works('POST', '/resources', {
      ...kind,
      audience: 'level',
      dryRun: true,
    });
    expect(wrong.body.code).toBe('resource-level-missing');
    const listed = await neighbour('GET', '/resources/nearby?kind=equipment');
    expect(listed.body.items.map((item: { near: string }) => item.near)).toEqual([
      'city',
      'province',
    ]);
    const elsewhere = await outsider('GET', '/resources/nearby?kind=equipment&regionCode=370202');
    expect(elsewhere.body.items.map((item: { near: string }) => item.near)).toEqual(['province']);
  });
});

describe('What a dissolved union offered', () => {
  it('passes to its successor with its bookings, and stays one place for who booked', async () => {
    await world.establish({
      id: 'old',
      parentId: 'sn',
      type: UnionType.UNION_TYPE_ENTERPRISE,
    });
    await world.settle();
    const old = world.as('old');
    const hall = await offer(old, { calendar: weekdays, audience: 'all' });
    const { body } = await book(outsider, hall, ...tomorrow);
    await world.settle();
    expect((await county('POST', '/unions/old/dissolve', { successorId: 'works' })).status).toBe(
      200,
    );
    await world.settle();
    expect((await outsider('GET', `/resources/${hall}`)).body.ownerUnionId).toBe('works');
    const owners = await works('GET', `/bookings?side=owner&resourceId=${hall}`);
    expect(owners.body.items).toMatchObject([{ id: body.id, status: 'booked' }]);
    expect((await works('POST', `/resources/${hall}/correct`, { capacity: 3 })).status).toBe(200);
  });
});

describe('Use in a subtree', () => {
  it('adds up over the unions below, and moves with them', async () => {
    const before = (await city('GET', '/unions/qd/resource-use')).body;
    const other = (await world.as('wf')('GET', '/unions/wf/resource-use')).body;
    const course = await offer(county, { kind: 'course', name: '安全课', calendar: weekdays });
    await book(works, course, ...tomorrow);
    await book(county, course, '2026-12-02T11:00', '2026-12-02T13:00');
    await world.settle();
    const after = (await city('GET', '/unions/qd/resource-use')).body;
    expect(after.resources - before.resources).toBe(1);
    expect(after.bookings - before.bookings).toBe(2);
    expect(after.hours - before.hours).toBe(4);
    expect(after.borrowed - before.borrowed).toBe(1);
    expect(after.duplicationAvoided - before.duplicationAvoided).toBe(1);
    // A union that makes its own spares nothing any more.
    const own = await offer(works, { kind: 'course', name: '自办课' });
    const built = (await city('GET', '/unions/qd/resource-use')).body;
    expect(built.duplicationAvoided).toBe(before.duplicationAvoided);
    expect((await county('GET', `/resources/${course}/use`)).body.duplicationAvoided).toBe(0);
    await works('POST', `/resources/${own}/withdraw`, {});
    const province = world.as('sd');
    await province('POST', '/unions/sn/move', { toParentId: 'wf' });
    await world.settle();
    const moved = (await province('GET', '/unions/wf/resource-use')).body;
    const left = (await city('GET', '/unions/qd/resource-use')).body;
    expect(moved.borrowed + left.borrowed).toBe(after.borrowed + other.borrowed);
    expect(moved.bookings + left.bookings).toBe(after.bookings + other.bookings);
    const lists = await world.as('wf')('GET', `/bookings?resourceId=${course}`);
    expect(lists.body.items).toHaveLength(2);
    expect((await city('GET', `/bookings?resourceId=${course}`)).body.items).toEqual([]);
    expect((await outsider('GET', '/unions/qd/resource-use')).body.code).toBe('union-unknown');
    await province('POST', '/unions/sn/move', { toParentId: 'qd' });
    await world.settle();
  });
});
