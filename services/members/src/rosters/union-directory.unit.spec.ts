import { type GetUnionRequest, type Union, UnionStatus } from '@unionfold/contracts/organizations';
import { refuse } from '@unionfold/contracts/problems';
import type { Refusal } from '@unionfold/eventsourcing';
import type { CallOrigin } from '@unionfold/service-kit';
import { beforeEach, describe, expect, it } from 'vitest';
import { approved, dissolved, enrolledIn, established, recordedAs } from './events.fixture.ts';
import { MemoryRosters } from './memory-rosters.fixture.ts';
import { UnionDirectory } from './union-directory.ts';

const origin: CallOrigin = { actor: 'cadre-1', correlationId: 'why', idempotencyKey: 'key-1' };

describe('where a union stands', () => {
  let rosters: MemoryRosters;
  let asked: [string, CallOrigin][];
  let answer: Partial<Union> | Refusal;
  let unions: UnionDirectory;

  beforeEach(() => {
    rosters = new MemoryRosters();
    asked = [];
    answer = refuse('union-unknown');
    unions = new UnionDirectory(rosters as never, {
      getUnion: async ({ unionId }: GetUnionRequest, asking: CallOrigin) => {
        asked.push([unionId, asking]);
        return answer as Union | Refusal;
      },
    });
  });

  const hear = async (...events: Parameters<typeof recordedAs>[0][]) => {
    for (const [i, event] of events.entries()) {
      await rosters.hear(recordedAs(event, { id: `e${i}`, version: i + 1 }));
    }
  };

  it('is told by the rosters when they know it approved or dissolved', async () => {
    await hear(established('u1'), approved('u1'));
    expect(await unions.look('u1', origin)).toMatchObject({ standing: 'active', successorId: '' });
    await hear(dissolved('u1', 'u2'));
    expect(await unions.look('u1', origin)).toMatchObject({
      standing: 'dissolved',
      successorId: 'u2',
    });
    expect(asked).toEqual([]);
  });

  it('is asked for when they do not know the union, or only as pending', async () => {
    answer = { status: UnionStatus.UNION_STATUS_ACTIVE, successorId: '' };
    expect(await unions.standing('u1', origin)).toBe('active');
    await hear(established('u2'));
    expect(await unions.standing('u2', origin)).toBe('active');
    answer = { status: UnionStatus.UNION_STATUS_PENDING, successorId: '' };
    expect(await unions.standing('u2', origin)).toBe('pending');
    answer = { status: UnionStatus.UNION_STATUS_DISSOLVED, successorId: 'u3' };
    expect(await unions.look('u2', origin)).toEqual({ standing: 'dissolved', successorId: 'u3' });
    expect(asked.map(([unionId]) => unionId)).toEqual(['u1', 'u2', 'u2', 'u2']);
  });

  it('is remembered while the rosters hear of no union, and no longer', async () => {
    await hear(established('u1'), approved('u1'));
    const get = rosters.get.bind(rosters);
    let reads = 0;
    rosters.get = async (collection, id) => {
      reads += 1;
      return await get(collection, id);
    };
    expect(await unions.standing('u1', origin)).toBe('active');
    expect(await unions.standing('u1', origin)).toBe('active');
    await hear(enrolledIn('u1', 'm1'));
    expect(await unions.standing('u1', origin)).toBe('active');
    expect(reads).toBe(1);
    // What was asked before they changed is not kept for after.
    rosters.get = async (collection, id) => {
      const found = await get(collection, id);
      if (reads++ === 1) await hear(dissolved('u1', 'u2'));
      return found;
    };
    await hear(established('u3'));
    expect(await unions.standing('u1', origin)).toBe('active');
    expect(await unions.standing('u1', origin)).toBe('dissolved');
  });

  it('is asked for in the name of the caller, but not under the key of the command', async () => {
    await unions.standing('u1', { ...origin, traceparent: '00-1-1-01' });
    expect(asked[0]?.[1]).toEqual({
      actor: 'cadre-1',
      correlationId: 'why',
      traceparent: '00-1-1-01',
    });
  });

  it('is unknown for what organizations does not know, and for what cannot be an id', async () => {
    expect(await unions.standing('u1', origin)).toBe('unknown');
    expect(await unions.standing('', origin)).toBe('unknown');
    expect(await unions.standing('a/b', origin)).toBe('unknown');
    expect(asked).toHaveLength(1);
  });

  it('is an error, not an answer, when organizations refuses for any other reason', async () => {
    answer = refuse('outside-jurisdiction');
    await expect(unions.standing('u1', origin)).rejects.toThrow('outside-jurisdiction');
  });
});
