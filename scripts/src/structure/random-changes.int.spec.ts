import { OrganizationsServiceService, UnionStatus } from '@unionfold/contracts/organizations';
import { isRefusal } from '@unionfold/eventsourcing';
import { remoteService } from '@unionfold/service-kit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { World } from './world.fixture.ts';

const kinds = ['move', 'move', 'merge', 'split', 'dissolve', 'undo', 'establish', 'enrol'] as const;

interface Act {
  readonly kind: (typeof kinds)[number];
  readonly a: number;
  readonly b: number;
}

/** How the structure stands, by what the unions' own streams say. */
interface Recount {
  readonly parents: ReadonlyMap<string, string>;
  readonly live: ReadonlySet<string>;
  readonly members: ReadonlyMap<string, string>;
}

const acts = fc.array(
  fc.record({ kind: fc.constantFrom(...kinds), a: fc.nat(60), b: fc.nat(60) }),
  { minLength: 4, maxLength: 14 },
);

/** What has been made so far, and may be chosen. */
interface Cast {
  readonly unions: string[];
  readonly members: string[];
  readonly changes: string[];
}

async function act(world: World, cast: Cast, { kind, a, b }: Act): Promise<void> {
  const one = cast.unions[a % cast.unions.length] ?? 'x';
  const other = cast.unions[b % cast.unions.length] ?? 'y';
  const change = async (fields: object) => {
    const body = { unionId: one, approvalDocument: '批', ...fields };
    const answer = await world.send('POST', '/changes', body);
    // Refusals are part of the story; anything else is a fault.
    expect([201, 403, 404, 409, 422]).toContain(answer.status);
    if (answer.status === 201) {
      cast.changes.push(answer.body.id);
      const { body: made } = await world.send('GET', `/changes/${answer.body.id}`);
      for (const part of made.parts ?? []) cast.unions.push(part.unionId);
    }
  };
  switch (kind) {
    case 'move':
      return await change({ kind, toParentId: other });
    case 'merge':
    case 'dissolve':
      return await change({ kind, successorId: other });
    case 'split': {
      const { body } = await world.send('GET', `/unions/${one}/children`);
      const subordinateIds = (body.items ?? []).slice(0, 1).map(({ id }: { id: string }) => id);
      return await change({ kind, parts: [{ name: `分出${a}`, subordinateIds }] });
    }
    case 'undo': {
      const id = cast.changes[a % Math.max(cast.changes.length, 1)];
      if (id === undefined) return;
      const answer = await world.send('POST', `/changes/${id}/undo`, {});
      expect([200, 403, 409, 422]).toContain(answer.status);
      return;
    }
    case 'establish': {
      const answer = await world.send('POST', '/unions', {
        name: `工会${a}`,
        type: 'enterprise',
        territorialParentId: other,
        approvalDocument: '批',
      });
      if (answer.status === 201) cast.unions.push(answer.body.id);
      return;
    }
    case 'enrol': {
      const member = await world.tryMember(one);
      if (member !== undefined) cast.members.push(member);
    }
  }
}

async function recount(world: World, cast: Cast): Promise<Recount> {
  const { directory } = world.node;
  const organizations = remoteService(OrganizationsServiceService, 'organizations', directory);
  const parents = new Map<string, string>();
  const live = new Set<string>();
  const members = new Map<string, string>();
  for (const unionId of ['cn', 'p', 'c', 'x', 'y', ...cast.unions]) {
    const union = await organizations.getUnion({ unionId }, { actor: 'test', correlationId: 't' });
    if (isRefusal(union)) throw new Error(`${unionId}: ${union.refused}`);
    parents.set(unionId, union.territorialParentId);
    if (union.status === UnionStatus.UNION_STATUS_ACTIVE) live.add(unionId);
  }
  for (const id of cast.members) members.set(id, (await world.get(`/members/${id}`)).unionId);
  return { parents, live, members };
}

/** The union and those above it. @throws when they stand in a circle */
function line({ parents }: Recount, unionId: string): string[] {
  const ids: string[] = [];
  for (let id = unionId; id !== ''; id = parents.get(id) ?? '') {
    if (ids.includes(id)) throw new Error(`${id} stands above itself`);
    ids.push(id);
  }
  return ids;
}

function totals(then: Recount, unionId: string, structure = then) {
  const below = (id: string) => structure.parents.has(id) && line(structure, id).includes(unionId);
  return {
    unions: [...then.live].filter(below).length,
    members: [...then.members.values()].filter(below).length,
  };
}

describe('Random structural changes, many at once, undone at will', () => {
  it('leave one tree, counts equal to a recount, and every day told as it was', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(acts, { minLength: 2, maxLength: 4 }), async (days) => {
        const world = await World.open();
        try {
          const cast: Cast = { unions: [], members: [], changes: [] };
          for (const parent of ['x', 'x', 'y', 'y']) {
            cast.unions.push(await world.enterprise(parent));
          }
          for (const union of cast.unions) cast.members.push(await world.member(union));
          const past = new Map<string, Recount>();
          for (const day of days) {
            // All of a day at once: what meets is refused or put into an order, never mixed up.
            await Promise.all(day.map((each) => act(world, cast, each)));
            await world.settle();
            past.set(world.today, await recount(world, cast));
            await world.nextDay();
          }
          const now = [...past.values()].at(-1) as Recount;
          for (const id of now.parents.keys()) {
            const answer = await world.get(`/unions/${id}`);
            expect({ id, ...totals(now, id) }).toMatchObject({
              id,
              unions: answer.statistics.unions,
              members: answer.statistics.members,
            });
            const above = await world.get(`/unions/${id}/ancestors`);
            expect(above.items.map((upper: { id: string }) => upper.id)).toEqual(
              line(now, id).slice(1),
            );
          }
          for (const [day, then] of past) {
            for (const id of then.parents.keys()) {
              const asOf = await world.get(`/unions/${id}/statistics?asOf=${day}`);
              expect({ day, id, ...asOf }).toMatchObject({ day, id, ...totals(then, id) });
              const structure = `asOf=${day}&structure=now`;
              const again = await world.get(`/unions/${id}/statistics?${structure}`);
              expect({ day, id, ...again }).toMatchObject({ day, id, ...totals(then, id, now) });
            }
          }
        } finally {
          await world.close();
        }
      }),
      { numRuns: 6 },
    );
  }, 120_000);
});
