import { describe, expect, it } from 'vitest';
import {
  approved,
  dissolved,
  enrolledIn,
  established,
  leftFrom,
  recordedAs,
  transferredTo,
} from './events.fixture.ts';
import { MemoryRosters } from './memory-rosters.fixture.ts';

async function rostersAfter(...events: Parameters<typeof recordedAs>[0][]): Promise<MemoryRosters> {
  const rosters = new MemoryRosters();
  for (const [i, event] of events.entries()) {
    await rosters.hear(recordedAs(event, { id: `e${i}`, version: i + 1 }));
  }
  return rosters;
}

describe('the rosters (名册)', () => {
  it('follow a union through its life', async () => {
    const life = [established('u1'), approved('u1'), dissolved('u1', 'u2')] as const;
    const after = async (events: number) =>
      await (await rostersAfter(...life.slice(0, events))).get('unions', 'u1');
    expect(await after(1)).toEqual({ id: 'u1', standing: 'pending', successorId: '', version: 1 });
    expect(await after(2)).toEqual({ id: 'u1', standing: 'active', successorId: '', version: 2 });
    expect(await after(3)).toEqual({
      id: 'u1',
      standing: 'dissolved',
      successorId: 'u2',
      version: 3,
    });
  });

  it('follow a member from union to union and out', async () => {
    const life = [
      enrolledIn('u1', 'm1'),
      transferredTo('u2', 'm1', 'u1'),
      leftFrom('u2', 'm1'),
    ] as const;
    const after = async (events: number) =>
      await (await rostersAfter(...life.slice(0, events))).get('members', 'm1');
    expect(await after(1)).toEqual({ id: 'm1', unionId: 'u1', live: true, version: 1 });
    expect(await after(2)).toEqual({ id: 'm1', unionId: 'u2', live: true, version: 2 });
    expect(await after(3)).toEqual({ id: 'm1', unionId: 'u2', live: false, version: 3 });
  });

  it('hold nothing personal', async () => {
    const rosters = await rostersAfter(enrolledIn('u1', 'm1'));
    expect(JSON.stringify(await rosters.get('members', 'm1'))).not.toMatch(/张三|1990/);
  });
});
