import { describe, expect, it } from 'vitest';
import { createLogger } from './logger.ts';

function setUp(level = 'info') {
  const lines: string[] = [];
  const logger = createLogger(level, { write: (line) => lines.push(line) });
  return { logger, written: () => lines.map((line) => JSON.parse(line) as object), lines };
}

describe('createLogger', () => {
  it('hides personal fields by their names, at any depth', () => {
    const { logger, written, lines } = setUp();
    logger.info({ member: { id: 'm1', name: '张三', gender: 'f' }, statement: '手术' }, 'enrolled');
    expect(written()).toMatchObject([
      {
        member: { id: 'm1', name: '[personal]', gender: '[personal]' },
        statement: '[personal]',
        msg: 'enrolled',
      },
    ]);
    expect(lines.join()).not.toMatch(/张三|手术/);
  });

  it('masks numbers in messages, in fields and in errors with their causes', () => {
    const { logger, lines, written } = setUp();
    const number = '11010119900307371X';
    logger.warn(`no ${number}`);
    logger.warn({ note: [`no ${number}`] }, 'text %s', number);
    logger.error({ err: new Error(`no ${number}`, { cause: new TypeError(number) }) }, 'failed');
    logger.error(new Error(`alone ${number}`));
    expect(lines.join()).not.toContain(number);
    expect(written()).toMatchObject([
      { msg: 'no 110***********371X' },
      { msg: 'text 110***********371X' },
      { err: { type: 'Error', cause: { type: 'TypeError' } }, msg: 'failed' },
      { err: { type: 'Error' }, msg: 'alone 110***********371X' },
    ]);
    expect(lines[2]).toContain('logger.unit.spec.ts');
  });

  it('keeps to its level, and its children do', () => {
    const { logger, written } = setUp('warn');
    const child = logger.child({ service: 'members' });
    child.info('quiet');
    child.warn('loud');
    expect(written()).toMatchObject([{ service: 'members', msg: 'loud' }]);
    expect(setUp('silent').logger.isLevelEnabled('fatal')).toBe(false);
  });
});
