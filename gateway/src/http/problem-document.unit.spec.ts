import { problems } from '@unionfold/contracts/problems';
import { describe, expect, it } from 'vitest';
import { internalError, problemOf, problemOfFaults } from './problem-document.ts';

const zh = { locale: 'zh', instance: '/api/v1/unions', correlationId: 'abc' } as const;
const en = { ...zh, locale: 'en' } as const;

describe('A problem document', () => {
  it('tells a refusal with its facts and its field, in the language asked for', () => {
    const refusal = { refused: 'name-too-long', field: 'name', params: { maximum: 120 } };
    const document = problemOf(refusal, zh);
    expect(document).toMatchObject({
      type: '/problems/name-too-long',
      code: 'name-too-long',
      status: problems['name-too-long'].http,
      title: problems['name-too-long'].title.zh,
      instance: '/api/v1/unions',
      correlationId: 'abc',
      errors: [{ field: 'name', code: 'name-too-long', reason: document.detail }],
    });
    expect(document.detail).toContain('120');
    expect(problemOf(refusal, en).title).toBe(problems['name-too-long'].title.en);
  });

  it('of a code that nobody registered is an internal error under its number', () => {
    for (const refused of ['made-up', '__proto__', 'toString']) {
      expect(problemOf({ refused, field: 'secret' }, en)).toEqual(internalError(en));
    }
    expect(internalError(en).detail).toContain('abc');
  });

  it('tells one fault by its own code and several together', () => {
    const missing = { field: 'name', code: 'field-missing' } as const;
    const unknown = { field: 'nmae', code: 'unknown-field' } as const;
    expect(problemOfFaults([missing], zh)).toMatchObject({
      code: 'field-missing',
      errors: [{ field: 'name' }],
    });
    const both = problemOfFaults([missing, unknown], zh);
    expect(both).toMatchObject({
      code: 'validation-failed',
      detail: expect.stringContaining('2'),
      errors: [
        { field: 'name', code: 'field-missing', reason: expect.stringContaining('name') },
        { field: 'nmae', code: 'unknown-field', reason: expect.stringContaining('nmae') },
      ],
    });
  });
});
