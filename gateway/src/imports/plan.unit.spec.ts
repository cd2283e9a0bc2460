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

function plan(...rows: readonly (readonly string[])[]) {
  const entries = rows.map((cells, index) => readUnionRow(index + 2, cells, fields));
  return planRows(entries, known, (row) => `made-${row}`);
}

function brief(planned: ReturnType<typeof plan>) {
  return {
    failed: planned.failed.map(({ row, refusal }) => [row, refusal.refused, refusal.field]),
    levels: planned.levels.map((level) => level.map(({ row }) => row)),
  };
}

describe('The plan of an import', () => {
  it('puts upper unions first, on both lines, whatever order they come in', () => {
    const { failed, levels } = brief(
      plan(
        ['x-c', '丙', '分工会', 'x-b', ''],
        ['x-b', '乙', '基层工会', 'x-a', 'x-i'],
        ['x-a', '甲', '联合工会', 'x', ''],
        ['x-i', '产', '产业工会', 'x', ''],
      ),
    );
    expect(failed).toEqual([]);
    expect(levels).toEqual([[4, 5], [3], [2]]);
  });

  it('moves an upper union before what is put under it', () => {
    const { levels } = brief(plan(['x-old', '', '', 'x-old2', ''], ['x-old2', '', '', 'x', '']));
    expect(levels).toEqual([[3], [2]]);
  });

  it('makes an id where there is none, the same at every time', () => {
    const [[row] = []] = plan(['', '甲', '基层工会', 'x', '']).levels;
    expect(row).toMatchObject({ onlyNew: true, union: { id: 'made-2' } });
  });

  it('tells circles of the rows in them, and has those below go on', () => {
    const { failed, levels } = brief(
      plan(
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

  it('has a row wait for the failed one above it, so that it can be told', () => {
    const { failed, levels } = plan(
      ['x-a', '甲', '没有的类型', 'x', ''],
      ['x-b', '乙', '分工会', 'x-a', ''],
    );
    expect(failed.map(({ row }) => row)).toEqual([2]);
    expect(levels.flat()).toMatchObject([{ row: 3, needs: [2] }]);
  });

  it.each([
    ['an id of nobody that is not one’s own to choose', ['other', '甲', '基层工会', 'x', '']],
    ['an id that only begins alike', ['x1', '甲', '基层工会', 'x', '']],
    ['an id that can be none', ['x-甲', '甲', '基层工会', 'x', '']],
  ])('does not give %s', (_, cells) => {
    expect(brief(plan(cells)).failed).toEqual([[2, 'import-id-unavailable', 'id']]);
  });

  it('knows industry unions wherever they stand, and no other union outside', () => {
    expect(brief(plan(['x-a', '甲', '基层工会', 'x', 'industry'])).failed).toEqual([]);
    expect(brief(plan(['x-a', '甲', '基层工会', 'x', 'outside'])).failed).toEqual([
      [2, 'parent-unknown', 'industryParentId'],
    ]);
    expect(brief(plan(['x-a', '甲', '基层工会', 'outside', ''])).failed).toEqual([
      [2, 'parent-unknown', 'territorialParentId'],
    ]);
  });

  it('does not let the approval of a live union be told anew', () => {
    const other = brief(plan(['x-old', '', '', '', '', '另一文号']));
    expect(other.failed).toEqual([[2, 'import-field-fixed', 'approvalDocument']]);
    expect(brief(plan(['x-old', '', '', '', '', '批'])).failed).toEqual([]);
  });

  it('loses no row and has none twice, whatever the table says', () => {
    const id = fc.constantFrom('', 'x', 'x-old', 'x-a', 'x-b', 'x-c', 'x-d', 'outside');
    const row = fc.tuple(id, fc.constantFrom('名', ''), fc.constantFrom('基层工会', '错'), id, id);
    fc.assert(
      fc.property(fc.array(row, { maxLength: 30 }), (rows) => {
        const { failed, levels } = plan(...rows);
        const seen = [...failed, ...levels.flat()].map(({ row: number }) => number);
        expect(seen.toSorted((a, b) => a - b)).toEqual(rows.map((_, index) => index + 2));
      }),
    );
  });

  it('never has a row before one that it needs, in a tree in any order', () => {
    const tree = fc.array(fc.nat(), { minLength: 1, maxLength: 60 }).chain((above) =>
      fc.shuffledSubarray(
        above.map((number, index) => {
          const parent = index === 0 ? 'x' : `x-${number % index}`;
          return [`x-${index}`, '名', '基层工会', parent, ''];
        }),
        { minLength: above.length, maxLength: above.length },
      ),
    );
    fc.assert(
      fc.property(tree, (rows) => {
        const { failed, levels } = plan(...rows);
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
});
