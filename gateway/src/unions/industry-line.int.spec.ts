import { UnionType } from '@unionfold/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, GatewayWorld } from '../gateway-world.fixture.ts';

let world: GatewayWorld;
let rail: Client;
let city: Client;

const industry = { type: UnionType.UNION_TYPE_INDUSTRY };

beforeAll(async () => {
  world = await GatewayWorld.open();
  await world.union('cn', '', { type: UnionType.UNION_TYPE_NATIONAL });
  await world.union('sd', 'cn', { type: UnionType.UNION_TYPE_PROVINCIAL });
  await world.union('qd', 'sd', { type: UnionType.UNION_TYPE_MUNICIPAL });
  await world.union('rail', 'cn', industry);
  // Led by the industry: it stands under it in the tree, and is in its jurisdiction.
  await world.union('bureau', 'rail', { regionCode: '110000' });
  // Led together with a territorial federation.
  await world.union('sd-rail', 'sd', {
    ...industry,
    industryParentId: 'rail',
    regionCode: '370000',
  });
  await world.union('depot', 'qd', { industryParentId: 'sd-rail', regionCode: '370200' });
  await world.union('mill', 'qd', {});
  await world.settle();
  rail = await world.as({ unionId: 'rail', role: 'cadre' });
  city = await world.as({ unionId: 'qd', role: 'cadre' });
});

afterAll(async () => {
  await world.close();
});

async function line(client: Client, unionId: string) {
  const { status, body } = await client('GET', `/unions/${unionId}/industry-line`);
  return status === 200
    ? body.items.map(({ id, parentId }: Record<string, string>) => [id, parentId])
    : body.code;
}

describe('The industry line', () => {
  it('is listed from level to level, wherever the unions stand, and not where that is', async () => {
    expect(await line(rail, 'rail')).toEqual([['sd-rail', undefined]]);
    expect(await line(rail, 'sd-rail')).toEqual([['depot', undefined]]);
    const { body } = await rail('GET', '/unions/sd-rail/industry-line');
    expect(body.items[0].statistics).toMatchObject({ unions: expect.any(Number) });
  });

  it('opens nothing else of those unions', async () => {
    for (const path of ['/unions/depot', '/unions/depot/record', '/unions/depot/members']) {
      const { status } = await rail('GET', path);
      expect([path, status]).toEqual([path, 404]);
    }
    expect((await rail('GET', '/unions/bureau')).status).toBe(200);
  });

  it('is for nobody outside of it', async () => {
    expect(await line(city, 'rail')).toBe('union-unknown');
    expect(await line(city, 'sd-rail')).toBe('union-unknown');
    expect(await line(rail, 'mill')).toBe('union-unknown');
    expect(await line(rail, 'nowhere')).toBe('union-unknown');
    const province = await world.as({ unionId: 'sd', role: 'cadre' });
    expect(await line(province, 'sd-rail')).toEqual([['depot', 'qd']]);
    const worker = await world.as({ unionId: 'rail', role: 'worker', memberId: 'm' });
    expect((await worker('GET', '/unions/rail/industry-line')).status).toBe(403);
  });
});
