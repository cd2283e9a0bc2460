import { UnionType } from '@unionfold/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type KnownUnions, planRows } from './plan.ts';
import { fieldsOf } from './union-columns.ts';
import { readUnionRow } from './union-row.ts';

const header = ['工会编号', '工会名称', '工会类型', '上级工会编号', '产业上级工会编号', '批复文号'];
const fields = fieldsOf(header, []);

/** A county with one enterprise union, seen by the county. */
const known: KnownUnions = {
  topId: 'x',
  isWhole: false,
  inside: (id) =>
    ['x', 'x-old', 'x-old2'].includes(id)
      ? {
          status: 'active',
          type: UnionType.UNION_TYPE_ENTERPRISE,
          industryParentId: '',
          approvalDocument: '批',
        }
      : undefined,
  isIndustryUnion: (id) => id === 'industry',
};

async function plan(...rows: readonly (readonly string[])[]) {
  const entries = rows.map((cells, index) => readUnionRow(index + 2, cells, fields));
  return await planRows(entries, known, (row) => `made-${row}`);
}

async function planUnits(...rows: readonly (readonly string[])[]) {
  const columns = fieldsOf(
    ['工会编号', '工会名称', '工会类型', '上级工会编号', '覆盖单位信用代码'],
    [],
  );
  const entries = rows.map((cells, index) => readUnionRow(index + 2, cells, columns));
  return await planRows(entries, known, (row) => `made-${row}`);
}

function brief(planned: Awaited<ReturnType<typeof plan>>) {
  return {
    failed: planned.failed.map(({ row, refusal }) => [row, refusal.refused, refusal.field]),
    levels: planned.levels.map((level) => level.map(({ row }) => row)),
  };
}

describe('The plan of an import', () => {
  it('puts upper unions first, on both lines, whatever order they come in', async () => {
    const { failed, levels } = brief(
      await plan(
        ['x-c', '丙', '分工会', 'x-b', ''],
        ['x-b', '乙', '基层工会', 'x-a', 'x-i'],
        ['x-a', '甲', '联合工会', 'x', ''],
        ['x-i', '产', '产业工会', 'x', ''],
      ),
    );
    expect(failed).toEqual([]);
    expect(levels).toEqual([[4, 5], [3], [2]]);
  });

  it('moves an upper union before what is put under it', async () => {
    const { levels } = brief(
      await plan(['x-old', '', '', 'x-old2', ''], ['x-old2', '', '', 'x', '']),
    );
    expect(levels).toEqual([[3], [2]]);
  });

  it('makes an id where there is none, the same at every time', async () => {
    const [[row] = []] = (await plan(['', '甲', '基层工会', 'x', ''])).levels;
    expect(row).toMatchObject({ onlyNew: true, union: { id: 'made-2' } });
  });

  it('tells circles of the rows in them, and has those below go on', async () => {
    const { failed, levels } = brief(
      await plan(
        ['x-a', '甲', '基层工会', 'x-b', ''],
        ['x-b', '乙', '基层工会', 'x-a', ''],
        ['x-c', '丙', '分工会', 'x-b', ''],
        ['x-d', '丁', '工会小组', 'x-c', ''],
        ['x-s', '己', '基层工会', 'x-s', ''],
      ),
    );
    expect(failed).toEqual([
      [2, 'import-cycle', 'territorialParentId'],
      [3, 'import-cycle', 'territorialParentId'],
      [6, 'import-cycle', 'territorialParentId'],
    ]);
    expect(levels).toEqual([[4], [5]]);
  });

  it('has a row wait for the failed one above it, so that it can be told', async () => {
    const { failed, levels } = await plan(
      ['x-a', '甲', '没有的类型', 'x', ''],
      ['x-b', '乙', '分工会', 'x-a', ''],
    );
    expect(failed.map(({ row }) => row)).toEqual([2]);
    expect(levels.flat()).toMatchObject([{ row: 3, needs: [2] }]);
  });

  it('has further rows of a union come after the one that tells of it, wherever that stands', async () => {
    const { failed, levels } = await planUnits(
      ['x-a', '', '', '', 'u1'],
      ['x-b', '乙', '分工会', 'x-a', ''],
      ['x-a', '甲', '联合工会', 'x', 'u2'],
      ['x-a', '甲', '联合工会', 'x', 'u3'],
      ['x-old', '', '', '', 'u1'],
      ['x-old', '', '', '', 'u2'],
    );
    expect(failed).toEqual([]);
    expect(levels.map((level) => level.map(({ row, mainRow }) => [row, mainRow]))).toEqual([
      [
        [4, undefined],
        [6, undefined],
      ],
      [
        [2, 4],
        [3, undefined],
        [5, 4],
        [7, 6],
      ],
    ]);
    const alone = levels.flat().find(({ row }) => row === 5);
    expect(alone?.union).toMatchObject({ name: '', territorialParentId: '', recordFields: [] });
    expect(alone?.onlyNew).toBe(false);
  });

  it('takes a row for a repetition that tells otherwise of a union, or again of a unit', async () => {
    const { failed } = await planUnits(
      ['x-a', '甲', '联合工会', 'x', 'u1'],
      ['x-a', '乙', '联合工会', 'x', 'u2'],
      ['x-a', '甲', '联合工会', 'x', ''],
      ['x-a', '', '', '', 'u1'],
    );
    expect(failed.map(({ row, refusal }) => [row, refusal.refused, refusal.params])).toEqual([
      [3, 'import-id-repeated', { row: 2 }],
      [4, 'import-id-repeated', { row: 2 }],
      [5, 'import-unit-repeated', { row: 2 }],
    ]);
  });

  it.each([
    ['an id of nobody that is not one’s own to choose', ['other', '甲', '基层工会', 'x', '']],
    ['an id that only begins alike', ['x1', '甲', '基层工会', 'x', '']],
    ['an id that can be none', ['x-甲', '甲', '基层工会', 'x', '']],
  ])('does not give %s', async (_, cells) => {
    expect(brief(await plan(cells)).failed).toEqual([[2, 'import-id-unavailable', 'id']]);
  });

  it('knows industry unions wherever they stand, and no other union outside', async () => {
    expect(brief(await plan(['x-a', '甲', '基层工会', 'x', 'industry'])).failed).toEqual([]);
    expect(brief(await plan(['x-a', '甲', '基层工会', 'x', 'outside'])).failed).toEqual([
      [2, 'parent-unknown', 'industryParentId'],
    ]);
    expect(brief(await plan(['x-a', '甲', '基层工会', 'outside', ''])).failed).toEqual([
      [2, 'parent-unknown', 'territorialParentId'],
    ]);
  });

  it('does not let the approval of a live union be told anew', async () => {
    const other = brief(await plan(['x-old', '', '', '', '', '另一文号']));
    expect(other.failed).toEqual([[2, 'import-field-fixed', 'approvalDocument']]);
    expect(brief(await plan(['x-old', '', '', '', '', '批'])).failed).toEqual([]);
  });

  it('loses no row and has none twice, whatever the table says', async () => {
    const id = fc.constantFrom('', 'x', 'x-old', 'x-a', 'x-b', 'x-c', 'x-d', 'outside');
    const unit = fc.constantFrom('', 'u1', 'u2');
    const row = fc.tuple(
      id,
      fc.constantFrom('名', ''),
      fc.constantFrom('基层工会', '错', ''),
      id,
      unit,
    );
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 30 }), async (rows) => {
        const { failed, levels } = await planUnits(...rows);
        const seen = [...failed, ...levels.flat()].map(({ row: number }) => number);
        expect(seen.toSorted((a, b) => a - b)).toEqual(rows.map((_, index) => index + 2));
      }),
    );
  });

  it('never has a row before one that it needs, in a tree in any order', async () => {
    const tree = fc.array(fc.nat(), { minLength: 1, maxLength: 60 }).chain((above) =>
      fc.shuffledSubarray(
        above.map((number, index) => {
          const parent = index === 0 ? 'x' : `x-${number % index}`;
          return [`x-${index}`, '名', '基层工会', parent, ''];
        }),
        { minLength: above.length, maxLength: above.length },
      ),
    );
    await fc.assert(
      fc.asyncProperty(tree, async (rows) => {
        const { failed, levels } = await plan(...rows);
        expect(failed).toEqual([]);
        const done = new Set(['x']);
        for (const level of levels) {
          for (const { union } of level) expect(done).toContain(union.territorialParentId);
          for (const { union } of level) done.add(union.id);
        }
        expect(done.size).toBe(rows.length + 1);
      }),
    );
  });

  it('is made of a chain of many thousand rows below a circle without trying every pair', async () => {
    const chain = Array.from({ length: 20_000 }, (_, index) => [
      `x-${index}`,
      '名',
      '基层工会',
      index === 0 ? 'x-r' : `x-${index - 1}`,
      '',
    ]);
    const circle = [
      ['x-r', '环一', '基层工会', 'x-s', ''],
      ['x-s', '环二', '基层工会', 'x-r', ''],
    ];
    const { failed, levels } = await plan(...chain.toReversed(), ...circle);
    expect(failed.map(({ refusal }) => refusal.refused)).toEqual(['import-cycle', 'import-cycle']);
    expect(levels).toHaveLength(chain.length);
  }, 10_000);
});
