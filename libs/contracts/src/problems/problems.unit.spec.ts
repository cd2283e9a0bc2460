import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { describeProblem, grpcStatus, isProblemCode, problemParams, problems } from './index.ts';

const entries = Object.entries(problems);

describe('The registry of problems', () => {
  it.each(entries)('tells %s in both languages, with what to do', (code, problem) => {
    expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/);
    for (const text of [problem.title, problem.detail, problem.remedy]) {
      expect(text.zh).toMatch(/\p{Script=Han}/u);
      expect(text.en).toMatch(/^[A-Z{]/);
      expect(text.en).not.toMatch(/\p{Script=Han}/u);
      // Chinese takes full-width signs; ASCII ones beside a Han character are slips.
      expect(text.zh).not.toMatch(/\p{Script=Han}[,;:()?!]|[,;:()?!]\p{Script=Han}/u);
      expect(placeholders(text.en)).toEqual(placeholders(text.zh));
    }
    for (const sentence of [problem.detail, problem.remedy]) {
      expect(sentence.zh).toMatch(/。$/);
      expect(sentence.en).toMatch(/\.$/);
    }
    expect(placeholders(problem.title.en)).toEqual([]);
  });

  it.each(entries)('gives %s statuses that exist and agree', (_, { http, grpc }) => {
    expect(Object.values(grpcStatus)).toContain(grpc);
    expect(http).toBeGreaterThanOrEqual(400);
    expect(http).toBeLessThan(600);
    // What the caller may cure by waiting, and who the caller is, must not read differently over HTTP and gRPC.
    expect(http === 401).toBe(grpc === grpcStatus.UNAUTHENTICATED);
    expect(http === 403).toBe(grpc === grpcStatus.PERMISSION_DENIED);
    expect(http === 404).toBe(grpc === grpcStatus.NOT_FOUND);
    if (grpc === grpcStatus.UNAVAILABLE) expect(http).toBe(503);
  });

  it('numbers statuses as gRPC does', () => {
    for (const [name, number] of Object.entries(grpcStatus)) {
      expect(status[name as keyof typeof grpcStatus]).toBe(number);
    }
  });

  it.each(entries)('asks for nothing personal: %s', (_, problem) => {
    const personal = /name|mobile|citizen|birth|gender|income|statement/i;
    for (const text of [problem.detail, problem.remedy]) {
      for (const placeholder of placeholders(text.en)) expect(placeholder).not.toMatch(personal);
    }
  });
});

describe('Telling a problem', () => {
  it('fills the placeholders in the language asked for', () => {
    const params = { expected: 3, actual: 5 };
    expect(describeProblem('version-conflict', 'en', params).detail).toContain(
      'version 3, but the current one is 5',
    );
    expect(describeProblem('version-conflict', 'zh', params)).toMatchObject({
      title: problems['version-conflict'].title.zh,
      detail: expect.stringContaining('第 3 版，而当前已是第 5 版') as string,
    });
  });

  it('leaves an ellipsis where a parameter is missing, and takes none from the prototype', () => {
    expect(describeProblem('unknown-field', 'en').detail).toContain('the field ….');
    const inherited = Object.create({ field: 'inherited' }) as Record<string, string>;
    expect(describeProblem('unknown-field', 'en', inherited).detail).not.toContain('inherited');
  });

  it('inserts a parameter as it is, placeholders and patterns in it included', () => {
    const { detail } = describeProblem('unknown-field', 'en', { field: '{field}$&' });
    expect(detail).toContain('the field {field}$&.');
  });

  it('says which parameters it wants, and is then complete', () => {
    expect(problemParams('field-out-of-range')).toEqual(['field', 'minimum', 'maximum']);
    expect(problemParams('forbidden')).toEqual([]);
    for (const code of Object.keys(problems).filter(isProblemCode)) {
      const params = Object.fromEntries(problemParams(code).map((name) => [name, 1]));
      for (const locale of ['zh', 'en'] as const) {
        expect(Object.values(describeProblem(code, locale, params)).join('')).not.toContain('…');
      }
    }
  });

  it('tells codes from other texts', () => {
    expect(isProblemCode('union-unknown')).toBe(true);
    expect(isProblemCode('toString')).toBe(false);
  });
});

function placeholders(text: string): string[] {
  return [...text.matchAll(/\{([^}]*)\}/g)].map(([, name = '']) => name).toSorted();
}
