import { expect, it } from 'vitest';
import { dayAsWritten } from './day-as-written.ts';

it.each([
  '2026-05-01',
  '2026/5/1',
  '2026.5.1',
  '2026年5月1日',
  '20260501',
  '2026/5/1 0:00',
  '2026-05-01 14:30:00',
  '2026-05-01T00:00:00.000Z',
])('reads the day %s', (written) => {
  expect(dayAsWritten(written)).toBe('2026-05-01');
});

it.each(['2026-05-011', '2026-05-01 起', '2026-05', '5/1/2026', '明天', ''])(
  'leaves %j as it is',
  (written) => {
    expect(dayAsWritten(written)).toBe(written);
  },
);
