import { ResourceAudience, ResourceKind } from '@unionfold/contracts';
import type { DecodedEvent, Document, DomainEvent } from '@unionfold/eventsourcing';
import { describe, expect, it } from 'vitest';
import { resourceDecider } from './decider.ts';
import { formerOwnerOf, type ResourceCommand, type ResourceEvent } from './resource.ts';
import { type ResourceSuccessionEnvironment, resourceSuccession } from './succession.ts';

/** Unions as they stand, one resource with its events, and a list that shows only what it was waited for. */
class World {
  readonly unions = new Map<string, { status: string; successorId: string }>();
  readonly events: ResourceEvent[] = [];
  #shown = 0;
  readonly #reaction = resourceSuccession(this.#environment());

  get owner(): string {
    return this.#state(this.events.length).ownerUnionId;
  }

  /** Has the reaction handle an event. */
  async handle(event: DomainEvent): Promise<void> {
    const recorded = { id: 'e', partition: 0, position: 1, version: 1, metadata: {} };
    await this.#reaction.apply({ event, recorded } as unknown as DecodedEvent, undefined as never);
  }

  /** Has it handle the resource's events from one on, with those that come of it. */
  async handleResource(from = 0): Promise<void> {
    for (let index = from; index < this.events.length; index++) {
      await this.handle(this.events[index] as ResourceEvent);
    }
  }

  #state(count: number) {
    return this.events.slice(0, count).reduce(resourceDecider.evolve, resourceDecider.initialState);
  }

  #read(decider: unknown, id: string) {
    return decider === resourceDecider ? this.#state(this.events.length) : this.unions.get(id);
  }

  #environment(): ResourceSuccessionEnvironment {
    const load = async (decider: unknown, id: string) => ({
      state: this.#read(decider, id),
      decide: (command: ResourceCommand) => {
        const decision = resourceDecider.decide(command, this.#state(this.events.length));
        if ('refused' in decision) return decision;
        this.events.push(...decision);
        return undefined;
      },
    });
    const commands = {
      read: load,
      execute: async (_origin: unknown, work: (session: unknown) => Promise<unknown>) =>
        await work({ load }),
    };
    const offers = {
      rebuilding: () => undefined,
      rebuilt: async () => undefined,
      waitFor: async () => {
        this.#shown = this.events.length;
        return true;
      },
      get: async () => undefined,
      find: async (_collection: string, { where }: { where: Record<string, string> }) => {
        const last = this.events[this.#shown - 1];
        if (last === undefined) return [];
        const formerOwnerId = last.type === 'ResourceHandedOver' ? formerOwnerOf(last.data) : '';
        const { ownerUnionId } = this.#state(this.#shown);
        const document: Document = { id: 'hall', ownerUnionId, formerOwnerId };
        const isMeant = Object.entries(where).every(([field, value]) => document[field] === value);
        return isMeant ? [document] : [];
      },
    };
    return { commands, offers } as unknown as ResourceSuccessionEnvironment;
  }
}

const offered: ResourceEvent = {
  type: 'ResourceOffered',
  data: {
    resourceId: 'hall',
    ownerUnionId: 'old',
    kind: ResourceKind.RESOURCE_KIND_VENUE,
    name: '报告厅',
    description: '',
    audience: ResourceAudience.RESOURCE_AUDIENCE_ALL,
  },
};
const dissolved = {
  type: 'UnionDissolved',
  data: { unionId: 'old', parentId: 'city', successorId: 'heir', reason: '' },
};
const restored = {
  type: 'UnionRestored',
  data: { unionId: 'old', parentId: 'city', successorId: 'heir', reason: '' },
};

function world(status: 'active' | 'dissolved'): World {
  const made = new World();
  made.unions.set('old', { status, successorId: status === 'active' ? '' : 'heir' });
  made.unions.set('heir', { status: 'active', successorId: '' });
  made.events.push(offered);
  return made;
}

describe('What a union offered', () => {
  it('stays where its owner lives', async () => {
    const at = world('active');
    await at.handleResource();
    expect(at.owner).toBe('old');
  });

  it('passes to the successor, whichever of the two events comes first', async () => {
    const later = world('active');
    await later.handleResource();
    later.unions.set('old', { status: 'dissolved', successorId: 'heir' });
    await later.handle(dissolved);
    expect(later.owner).toBe('heir');
    const earlier = world('dissolved');
    // The list does not show the offer yet: the dissolution finds nothing.
    await earlier.handle(dissolved);
    expect(earlier.owner).toBe('old');
    await earlier.handleResource();
    expect(earlier.owner).toBe('heir');
  });

  it('passes to the successor’s successor where that was dissolved as well', async () => {
    const at = world('dissolved');
    at.unions.set('heir', { status: 'dissolved', successorId: 'city' });
    at.unions.set('city', { status: 'active', successorId: '' });
    await at.handleResource();
    expect(at.owner).toBe('city');
  });

  it('comes back to a union that is restored, whichever event comes first, and stays there', async () => {
    const later = world('dissolved');
    await later.handleResource();
    later.unions.set('old', { status: 'active', successorId: '' });
    await later.handle(restored);
    expect(later.owner).toBe('old');
    await later.handleResource();
    expect(later.owner).toBe('old');

    const earlier = world('dissolved');
    await earlier.handle(offered);
    expect(earlier.owner).toBe('heir');
    earlier.unions.set('old', { status: 'active', successorId: '' });
    await earlier.handle(restored);
    expect(earlier.owner).toBe('heir');
    await earlier.handleResource(1);
    expect(earlier.owner).toBe('old');
  });

  it('is handed over once, however often the events come', async () => {
    const at = world('dissolved');
    await at.handleResource();
    await at.handle(dissolved);
    await at.handleResource();
    expect(at.events.map(({ type }) => type)).toEqual(['ResourceOffered', 'ResourceHandedOver']);
  });
});
