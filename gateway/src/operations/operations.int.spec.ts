import { streamOf } from '@unionfold/eventsourcing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, GatewayWorld } from '../gateway-world.fixture.ts';

let world: GatewayWorld;
let operator: Client;

beforeAll(async () => {
  world = await GatewayWorld.open();
  await world.union('works', '');
  await world.settle();
  operator = await world.as({ unionId: 'works', role: 'operator' });
});

afterAll(async () => {
  await world.close();
});

/** An event that this release cannot read, as from a later one. */
async function appendUnreadable(unionId: string): Promise<void> {
  const { events } = await world.platform.storage('organizations');
  await events.append([
    {
      stream: streamOf('union', unionId),
      expectedVersion: 'any',
      events: [
        {
          id: `unreadable-${unionId}`,
          type: 'unionfold.organizations.v9.UnionTeleported',
          data: { unionId },
          metadata: { actor: 'test', correlationId: 'test', occurredAt: new Date().toISOString() },
        },
      ],
    },
  ]);
}

async function until<T>(ask: () => Promise<T>, holds: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (holds(answer)) return answer;
    // The read model moves on in its own time; the test's limit ends it when it never does.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('An event that cannot be read', () => {
  it('becomes a dead letter that the operator sees and can try again, and holds up nobody else', async () => {
    await appendUnreadable('works');
    const letters = await until(
      async () => (await operator('GET', '/operations/dead-letters')).body.items,
      (items) => items.length > 0,
    );
    expect(letters).toMatchObject([
      {
        service: 'gateway',
        consumer: 'federation_g1',
        stream: 'union-works',
        eventType: 'unionfold.organizations.v9.UnionTeleported',
        parked: false,
      },
    ]);
    await world.union('mill', '');
    const cadre = await world.as({ unionId: 'mill', role: 'cadre' });
    await until(
      () => cadre('GET', '/unions/mill'),
      ({ status }) => status === 200,
    );
    const replay = await operator('POST', '/operations/dead-letters/replay', {
      body: { service: 'gateway', consumer: 'federation_g1', stream: 'union-works' },
    });
    expect(replay.body).toEqual({ handled: 0, remaining: 1 });
    const none = await operator('GET', '/operations/dead-letters?consumer=inbox_g1');
    expect(none.body.items).toEqual([]);
  });

  it('is replayed for known consumers alone', async () => {
    for (const service of ['gateway', 'members']) {
      const answer = await operator('POST', '/operations/dead-letters/replay', {
        body: { service, consumer: 'nobody', stream: 'union-works' },
      });
      expect(answer).toMatchObject({ status: 404, body: { code: 'consumer-unknown' } });
      expect(answer.body.detail).toContain('nobody');
      expect(answer.body.errors).toMatchObject([{ field: 'consumer' }]);
    }
  });

  it('is not looked for in streams without dead letters', async () => {
    const answer = await operator('POST', '/operations/dead-letters/replay', {
      body: { service: 'gateway', consumer: 'inbox_g1', stream: 'union-works' },
    });
    expect(answer).toMatchObject({ status: 404, body: { code: 'dead-letter-unknown' } });
    expect(answer.body.detail).toContain('inbox_g1');
  });
});

describe('A rebuild', () => {
  it('goes on beside the read model that serves, and takes over with the same', async () => {
    const cadre = await world.as({ unionId: 'works', role: 'cadre' });
    const before = await cadre('GET', '/unions/works');
    const begun = await operator('POST', '/operations/projections/inbox/rebuild');
    expect(begun.body).toEqual({ generation: 2 });
    const federation = await operator('POST', '/operations/projections/federation/rebuild');
    expect(federation.body).toEqual({ generation: 2 });
    const consumers = await until(
      async () => (await operator('GET', '/operations/consumers')).body.items,
      (items) =>
        items.some((one: { consumer: string }) => one.consumer === 'federation_g2') &&
        items.every((one: { rebuilding: boolean }) => !one.rebuilding),
    );
    expect(consumers.map(({ consumer }: { consumer: string }) => consumer)).not.toContain(
      'federation_g1',
    );
    expect((await cadre('GET', '/unions/works')).body).toEqual(before.body);
  });

  it('is of known read models alone', async () => {
    for (const query of ['', '?service=members']) {
      const answer = await operator('POST', `/operations/projections/nobody/rebuild${query}`);
      expect(answer).toMatchObject({ status: 404, body: { code: 'projection-unknown' } });
      expect(answer.body.detail).toContain('nobody');
    }
  });
});
