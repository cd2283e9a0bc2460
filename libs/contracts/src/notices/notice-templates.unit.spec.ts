import { deepStrictEqual, ok } from 'node:assert/strict';
import { describe, it } from 'vitest';
import { describeNotice, noticeTemplates } from './notice-templates.ts';

const placeholders = (text: string) =>
  [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();

describe('The texts of notices', () => {
  it('say the same in both languages', () => {
    for (const [name, { title, text }] of Object.entries(noticeTemplates)) {
      deepStrictEqual(placeholders(text.zh), placeholders(text.en), name);
      for (const words of [title.zh, title.en, text.zh, text.en]) ok(words.trim() !== '', name);
      deepStrictEqual([...placeholders(title.zh), ...placeholders(title.en)], [], name);
    }
  });

  it('are told with what the notice says, and never fail', () => {
    const { text } = describeNotice('aid-paid', 'en', { amountYuan: '3000' });
    ok(text.includes('3000'), text);
    ok(describeNotice('aid-paid', 'zh', {}).text.includes('…'));
    deepStrictEqual(describeNotice('of-a-later-release', 'zh', {}), {
      title: 'of-a-later-release',
      text: '',
    });
  });
});
