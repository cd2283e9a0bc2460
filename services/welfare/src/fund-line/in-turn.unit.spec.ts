import { deepStrictEqual, equal, rejects } from 'node:assert/strict';
import { describe, it } from 'vitest';
import { InTurn } from './in-turn.ts';

describe('Work in turn', () => {
  it('waits for what came before under the same key, and for nothing else', async () => {
    const inTurn = new InTurn();
    const done: string[] = [];
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const first = inTurn.run('a', async () => {
      await held;
      done.push('first');
    });
    const second = inTurn.run('a', async () => done.push('second'));
    await inTurn.run('b', async () => done.push('other'));
    deepStrictEqual(done, ['other']);
    release();
    await Promise.all([first, second]);
    deepStrictEqual(done, ['other', 'first', 'second']);
  });

  it('goes on after a failure, which only its own caller sees', async () => {
    const inTurn = new InTurn();
    const failing = inTurn.run('a', async () => {
      throw new Error('broken');
    });
    const next = inTurn.run('a', async () => 'done');
    await rejects(failing, /broken/);
    equal(await next, 'done');
  });
});
