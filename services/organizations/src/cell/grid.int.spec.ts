import { CellCadreRole } from '@unionfold/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GridWorld } from './grid-world.fixture.ts';

let world: GridWorld;

beforeEach(async () => {
  world = await GridWorld.open();
});

afterEach(async () => {
  await world.close();
});

describe('Employers in cells', () => {
  it('lie in one cell, when two take them at the same time', async () => {
    await world.draw('g1', 'county');
    await world.draw('g2', 'county');
    for (let round = 0; round < 10; round++) {
      const creditCode = await world.employer(round);
      const outcomes = await Promise.all([
        world.place(creditCode, 'g1'),
        world.place(creditCode, 'g2'),
      ]);
      expect(outcomes.toSorted()).toEqual(['done', 'employer-in-another-cell']);
    }
  });

  it('are placed in one cell by many at the same time', async () => {
    await world.draw('g1', 'county');
    const codes = await Promise.all(Array.from({ length: 40 }, (_, i) => world.employer(i)));
    const outcomes = await Promise.all(codes.map((code) => world.place(code, 'g1')));
    expect(new Set(outcomes)).toEqual(new Set(['done']));
    expect(await world.closeCell('g1')).toBe('cell-not-empty');
  });

  it('are never left in a cell that is closed at the same time', async () => {
    for (let round = 0; round < 10; round++) {
      const cellId = `g${round}`;
      await world.draw(cellId, 'county');
      const creditCode = await world.employer(round);
      const [placed, closed] = await Promise.all([
        world.place(creditCode, cellId),
        world.closeCell(cellId),
      ]);
      expect([
        ['done', 'cell-not-empty'],
        ['cell-closed', 'done'],
      ]).toContainEqual([placed, closed]);
    }
  });

  it('go to the cell that succeeds theirs, or to its successor when that was closed, too', async () => {
    // The closures come in either order, depending on the partitions of the cells.
    const rounds = Array.from({ length: 8 }, (_, round) => round);
    const codes = await Promise.all(rounds.map((round) => world.employer(round)));
    await world.unheard(async () => {
      for (const round of rounds) {
        for (const cell of ['first', 'next', 'last']) await world.draw(`${cell}${round}`, 'county');
        expect(await world.place(codes[round] ?? '', `first${round}`)).toBe('done');
        expect(await world.closeCell(`first${round}`, `next${round}`)).toBe('done');
        expect(await world.closeCell(`next${round}`, `last${round}`)).toBe('done');
      }
    });
    await world.settle();
    for (const round of rounds) expect(await world.cellOf(codes[round] ?? '')).toBe(`last${round}`);
    expect(await world.closeCell('last0')).toBe('cell-not-empty');
  });

  it('are in no cell any more when the successor was closed as empty before they came', async () => {
    const creditCode = await world.employer(1);
    await world.draw('first', 'county');
    await world.draw('next', 'county');
    await world.place(creditCode, 'first');
    await world.unheard(async () => {
      expect(await world.closeCell('first', 'next')).toBe('done');
      expect(await world.closeCell('next')).toBe('done');
    });
    await world.settle();
    expect(await world.cellOf(creditCode)).toBe('');
  });

  it('leave the cell when they are closed', async () => {
    await world.draw('g1', 'county');
    const creditCode = await world.employer(1);
    await world.place(creditCode, 'g1');
    const origin = { actor: 'cadre', correlationId: 'test' };
    await world.grid.closeEmployer({ creditCode, reason: '', expectedVersion: 0n }, origin);
    expect(await world.cellOf(creditCode)).toBe('');
    expect(await world.closeCell('g1')).toBe('done');
  });
});

describe('Micro-cells', () => {
  it('lie in a cell of the same union, and go to its successor', async () => {
    await world.establish('works', 'county');
    await world.draw('g1', 'county');
    await world.draw('g2', 'county');
    expect(await world.draw('m1', 'works', 'g1')).toBe('upper-cell-invalid');
    expect(await world.draw('m1', 'county', 'g1')).toBe('done');
    expect(await world.draw('m2', 'county', 'm1')).toBe('upper-cell-invalid');
    expect(await world.closeCell('g1')).toBe('cell-not-empty');
    expect(await world.closeCell('g1', 'm1')).toBe('successor-cell-invalid');
    expect(await world.closeCell('g1', 'g2')).toBe('done');
    expect((await world.cell('m1')).upperCellId).toBe('g2');
    expect(await world.closeCell('g2')).toBe('cell-not-empty');
    expect(await world.closeCell('m1')).toBe('done');
    expect(await world.closeCell('g2')).toBe('done');
  });

  it('are never left in a cell that is closed at the same time', async () => {
    for (let round = 0; round < 10; round++) {
      await world.draw(`g${round}`, 'county');
      const [drawn, closed] = await Promise.all([
        world.draw(`m${round}`, 'county', `g${round}`),
        world.closeCell(`g${round}`),
      ]);
      expect([
        ['done', 'cell-not-empty'],
        ['upper-cell-invalid', 'done'],
      ]).toContainEqual([drawn, closed]);
    }
  });
});

describe('The cells of a union', () => {
  it('pass to its successor, with those drawn while it was dissolved', async () => {
    for (let round = 0; round < 5; round++) {
      const unionId = `u${round}`;
      await world.establish(unionId, 'county');
      await world.draw(`g${round}`, unionId);
      const [drawn, dissolved] = await Promise.all([
        world.draw(`late${round}`, unionId),
        world.dissolve(unionId, 'county'),
      ]);
      expect(dissolved).toBe('done');
      await world.settle();
      expect((await world.cell(`g${round}`)).unionId).toBe('county');
      if (drawn === 'done') expect((await world.cell(`late${round}`)).unionId).toBe('county');
      else expect(drawn).toBe('union-dissolved');
    }
  });

  it('pass on when the successor is dissolved in turn', async () => {
    await world.establish('a', 'county');
    await world.establish('b', 'county');
    await world.draw('g1', 'a');
    await Promise.all([world.dissolve('a', 'b'), world.dissolve('b', 'county')]);
    await world.settle();
    const { unionId } = await world.cell('g1');
    // The first dissolution is refused when the second one came before it.
    expect(['county', 'a']).toContain(unionId);
    if (unionId === 'a') expect(await world.dissolve('a', 'county')).toBe('done');
    await world.settle();
    expect((await world.cell('g1')).unionId).toBe('county');
  });
});

describe('Who looks after a cell', () => {
  beforeEach(async () => {
    await world.establish('works', 'county');
    await world.establish('elsewhere', 'cn');
    world.member('m1', 'works');
    world.member('m2', 'works');
    await world.draw('g1', 'county');
  });

  async function cadres(cellId = 'g1'): Promise<string[]> {
    return (await world.cell(cellId)).cadres.map(({ memberId }) => memberId);
  }

  it('is a member of the union or of one below it', async () => {
    world.member('outsider', 'elsewhere');
    expect(await world.assign('g1', 'nobody')).toBe('cell-cadre-not-a-member');
    expect(await world.assign('g1', 'outsider')).toBe('cell-cadre-not-a-member');
    expect(await world.assign('g1', 'm1')).toBe('done');
    await world.settle();
    expect(await cadres()).toEqual(['m1']);
  });

  it('looks after it no longer after leaving', async () => {
    await world.assign('g1', 'm1');
    await world.assign('g1', 'm2', CellCadreRole.CELL_CADRE_ROLE_ASSISTANT);
    await world.leave('m1');
    await world.settle();
    expect(await cadres()).toEqual(['m2']);
  });

  it('looks after it still after a transfer within the subtree, and no longer after one out of it', async () => {
    await world.assign('g1', 'm1');
    await world.transfer('m1', 'county');
    await world.settle();
    expect(await cadres()).toEqual(['m1']);
    await world.transfer('m1', 'elsewhere');
    await world.settle();
    expect(await cadres()).toEqual([]);
  });

  it('looks after it still when their union moves within the subtree, and no longer when it moves out of it', async () => {
    await world.establish('group', 'county');
    await world.draw('g2', 'works');
    await world.assign('g1', 'm1');
    await world.assign('g2', 'm1');
    world.member('m3', 'county');
    await world.assign('g1', 'm3', CellCadreRole.CELL_CADRE_ROLE_ASSISTANT);
    expect(await world.move('works', 'group')).toBe('done');
    await world.settle();
    expect(await cadres()).toEqual(['m1', 'm3']);
    expect(await world.move('group', 'elsewhere')).toBe('done');
    await world.settle();
    expect(await cadres()).toEqual(['m3']);
    expect(await cadres('g2')).toEqual(['m1']);
  });

  it('looks after it no longer when they leave while they are being assigned', async () => {
    world.meanwhile = async () => {
      await world.leave('m1');
      await world.settle();
    };
    expect(await world.assign('g1', 'm1')).toBe('done');
    await world.settle();
    expect(await cadres()).toEqual([]);
  });

  it('stays with the cell while it has passed to a successor and the member has not yet', async () => {
    await world.establish('heir', 'cn');
    await world.draw('g2', 'works');
    await world.unheard(async () => {
      expect(await world.assign('g2', 'm1')).toBe('done');
      expect(await world.dissolve('works', 'heir')).toBe('done');
    });
    await world.settle();
    expect((await world.cell('g2')).unionId).toBe('heir');
    expect(await cadres('g2')).toEqual(['m1']);
  });

  it('stays with it when cell and member pass to a successor', async () => {
    await world.establish('heir', 'cn');
    await world.draw('g2', 'works');
    await world.assign('g2', 'm1');
    await world.dissolve('works', 'heir');
    await world.transfer('m1', 'heir');
    await world.settle();
    expect((await world.cell('g2')).unionId).toBe('heir');
    expect(await cadres('g2')).toEqual(['m1']);
  });
});
