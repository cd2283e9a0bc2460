import { settledConsumers } from '../api/operations.ts';
import { findPlainText } from '../evidence/plain-text.ts';
import { storyPerson } from '../people.ts';
import type { Scene } from '../scene.ts';
import { declaredStatement } from './hardship.ts';
import type { Roster } from './roster-import.ts';

/** In the end the operator finds everything handled, and nobody's particulars in the log. */
export async function operations(
  { story, launcher, people }: Scene,
  roster: Roster,
): Promise<void> {
  const { operator } = people;

  await story.step(
    '运维看到:所有消费者没有积压',
    'The operator sees all consumers without lag',
    async (check) => {
      const consumers = await settledConsumers(operator);
      check.equal(
        '积压 lag',
        consumers.filter(({ position, head }) => position !== head),
        [],
      );
      const names = new Set(consumers.map(({ consumer }) => consumer));
      check.holds('消费者 consumers', names.size >= 4, '≥ 4', [...names]);
      check.remark([...names].join(', '));
    },
  );

  await story.step('没有死信', 'There are no dead letters', async (check) => {
    const { items } = await operator.get<{ items: readonly unknown[] }>(
      '/api/v1/operations/dead-letters',
    );
    check.equal('死信 dead letters', items, []);
  });

  await story.step(
    '平台日志里没有错误,也没有任何人的姓名和证件号',
    'The platform’s log holds no error, and nobody’s name or number',
    async (check) => {
      const lines = launcher.log();
      check.holds('有日志 there is a log', lines.length > 0, '> 0', lines.length);
      const told = [
        ...roster.members.flatMap(({ name, citizenNumber }) => [name, citizenNumber]),
        ...Array.from({ length: 600 }, (_, index) => storyPerson(1_000 + index).citizenNumber),
      ];
      check.equal(
        '个人信息 personal data',
        lines.filter((line) => told.some((text) => line.includes(text))).length,
        0,
      );
      const errors = lines.filter((line) => /"level":(50|60)\b/.test(line));
      check.equal('错误 errors', errors.slice(0, 3), []);
      check.remark(`日志 log: ${lines.length} 行 lines`);
    },
  );

  await story.step(
    '数据文件里没有一个明文的证件号,也没有明文的申报说明',
    'The data files hold no citizen number in plain text, nor what was declared',
    async (check) => {
      const files = await launcher.storedFiles();
      const { bytes, found } = await findPlainText(files, [declaredStatement]);
      check.holds('数据文件 data files', bytes > 1_000_000, '> 1 MB', bytes);
      check.equal('明文 plain text', found, []);
      check.remark(`${files.length} 个文件 files, ${(bytes / 1024 ** 2).toFixed(0)} MB`);
    },
  );
}
