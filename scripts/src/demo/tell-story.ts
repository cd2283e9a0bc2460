import { badInput } from './chapters/bad-input.ts';
import { crash } from './chapters/crash.ts';
import { dissolution } from './chapters/dissolution.ts';
import { establishment } from './chapters/establishment.ts';
import { hardship } from './chapters/hardship.ts';
import { jurisdiction } from './chapters/jurisdiction.ts';
import { move } from './chapters/move.ts';
import { officersAndGrid } from './chapters/officers-and-grid.ts';
import { operations } from './chapters/operations.ts';
import { rosterImport } from './chapters/roster-import.ts';
import { sharing } from './chapters/sharing.ts';
import { structure } from './chapters/structure.ts';
import { totals } from './chapters/totals.ts';
import { transfer } from './chapters/transfer.ts';
import { tree } from './chapters/tree.ts';
import { unionTables } from './chapters/union-tables.ts';
import type { Scene } from './scene.ts';
import { needed } from './telling/story.ts';

/** The whole story, chapter by chapter. It knows the platform by its API, and the launcher only to kill and restart it. */
export async function tellStory(scene: Scene): Promise<void> {
  const { story } = scene;
  await story.chapter('组织树', 'The tree of unions', () => tree(scene));

  const founded = await story.chapter('建会与批复', 'A union is established and approved', () =>
    establishment(scene),
  );
  const union = () => needed(founded, 'an established union');

  const imported = await story.chapter(
    '批量入会',
    'Its workers are imported from a spreadsheet',
    () => rosterImport(scene, union()),
  );
  const roster = () => needed(imported, 'an imported roster');

  await story.chapter('会籍转接', 'A worker transfers between unions', () =>
    transfer(scene, union(), roster()),
  );
  await story.chapter('管辖范围', 'Jurisdiction', () => jurisdiction(scene, union(), roster()));

  const moved = await story.chapter('区划调整', 'A county union moves to another city', () =>
    move(scene, union(), roster()),
  );
  await story.chapter('资源共享', 'Resources shared across levels', () =>
    sharing(scene, union(), needed(moved, 'the totals before the move')),
  );

  const helped = await story.chapter('困难帮扶', 'A worker in hardship is helped', () =>
    hardship(scene, union(), roster()),
  );
  await story.chapter('全省汇总', 'The province sees the totals', () =>
    totals(scene, needed(helped, 'a paid case')),
  );
  await story.chapter('撤销与接续', 'A union is dissolved', () => dissolution(scene, union()));
  await story.chapter(
    '组织变更',
    'Unions merge, split, pause, and every day can be asked for',
    () => structure(scene),
  );
  await story.chapter(
    '选举与网格',
    'A committee is elected, and the grid shows whom nobody reaches',
    () => officersAndGrid(scene),
  );
  await story.chapter('名录导入导出', 'A table of unions comes in and goes out', () =>
    unionTables(scene),
  );
  await story.chapter('错误输入', 'Bad input', () => badInput(scene, union()));
  await story.chapter('断电与恢复', 'Crash and recovery', () => crash(scene, union()));
  await story.chapter('运维', 'Operations', () => operations(scene, roster()));
}
