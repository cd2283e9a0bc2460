import { NoticePosted } from '@unionfold/contracts';
import { describe, expect, it } from 'vitest';
import { fingerprint } from './fingerprint.ts';

const serialize = (notice: NoticePosted) => Buffer.from(NoticePosted.encode(notice).finish());
const of = (notice: Partial<NoticePosted>, path = '/p') =>
  fingerprint(path, serialize, NoticePosted.fromPartial(notice));

describe('The fingerprint of a command', () => {
  it('is the same for the same command, in whatever order its maps came', () => {
    const one = of({ noticeId: 'n', params: { unionId: 'u', 张: '1', '10': 'x', '9': 'y' } });
    const two = of({ noticeId: 'n', params: { '9': 'y', '10': 'x', 张: '1', unionId: 'u' } });
    expect(one).toBe(two);
    // Stored for as long as receipts are: it must never change.
    expect(of({ noticeId: 'n' })).toBe('Mqac2uewV2UNHDx-ciPv4RZM3ivpvjAW3LPj5qTM0vs');
  });

  it('is another one for another command, or the same to another method', () => {
    const fingerprints = [
      of({ noticeId: 'n' }),
      of({ noticeId: 'm' }),
      of({ noticeId: 'n', params: { a: 'b' } }),
      of({ noticeId: 'n', params: { b: 'a' } }),
      of({ noticeId: 'n' }, '/q'),
    ];
    expect(new Set(fingerprints).size).toBe(fingerprints.length);
  });
});
