import { isRefusal, type ReadModel } from '@unionfold/eventsourcing';
import { beforeEach, describe, expect, it } from 'vitest';
import { memberDecider } from '../member/decider.ts';
import { rosterMethods } from './roster-methods.ts';

type Reading = Parameters<typeof rosterMethods>[0]['commands'];

/** Members by id: the union that they belong to, or belonged to. */
const members = new Map([
  ['here', { status: 'active', unionId: 'u' }],
  ['elsewhere', { status: 'active', unionId: 'v' }],
  ['gone', { status: 'left', unionId: 'u' }],
]);
let counted: unknown[];

const commands = {
  read: async (decider: unknown, id: string) => {
    expect(decider).toBe(memberDecider);
    const state = members.get(id) ?? { status: 'absent', unionId: '' };
    return { state, version: 1 };
  },
} as unknown as Reading;

const rosters = {
  count: async (...question: unknown[]) => {
    counted.push(question);
    return 7;
  },
} as unknown as ReadModel;

const { checkRoster } = rosterMethods({ commands }, rosters);

async function check(memberIds: string[], countUpTo: number) {
  const call = { actor: 'system:test', correlationId: 'test' };
  const answer = await checkRoster({ unionId: 'u', memberIds, countUpTo }, call);
  if (isRefusal(answer)) throw new Error(answer.refused);
  return answer;
}

describe('the roster of a union (名册)', () => {
  beforeEach(() => {
    counted = [];
  });

  it('holds who is a live member of this union, and nobody else', async () => {
    const { absentMemberIds } = await check(['here', 'elsewhere', 'gone', 'nobody', 'here'], 0);
    expect(absentMemberIds).toEqual(['elsewhere', 'gone', 'nobody']);
  });

  it('is counted only as far as somebody wants to know', async () => {
    expect((await check([], 0)).members).toBe(0);
    expect(counted).toEqual([]);
    expect((await check([], 25)).members).toBe(7);
    expect(counted).toEqual([['members', { where: { unionId: 'u', live: true }, limit: 25 }]]);
  });
});
