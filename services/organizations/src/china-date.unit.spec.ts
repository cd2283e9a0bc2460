import { expect, it } from 'vitest';
import { chinaDate } from './china-date.ts';

it('begins the day eight hours before UTC does', () => {
  expect(chinaDate(new Date('2025-05-31T15:59:59.999Z'))).toBe('2025-05-31');
  expect(chinaDate(new Date('2025-05-31T16:00:00Z'))).toBe('2025-06-01');
});
