import { describe, expect, it } from 'vitest';
import { type CheckReport, exitCodeOf, Findings, linesOf, reportOf } from './report.ts';

const about = { prefix: 'unionfold', settled: true, seconds: 1 };
const whole: CheckReport = { check: 'topic', subject: 't', counts: { records: 3 }, findings: [] };

function withFinding(severity: 'violation' | 'warning'): CheckReport {
  const findings = new Findings();
  for (let n = 0; n < 9; n++) findings[severity]('gap', 'something is missing', `at ${n}`, 2);
  return { ...whole, findings: findings.list() };
}

describe('A report', () => {
  it('counts all and shows the first few', () => {
    const [finding] = withFinding('violation').findings;
    expect(finding).toMatchObject({
      count: 18,
      examples: ['at 0', 'at 1', 'at 2', 'at 3', 'at 4'],
    });
  });

  it('is whole, violated or unchecked', () => {
    const unchecked = { ...whole, unchecked: 'no time' };
    const cases = [
      [[whole, withFinding('warning')], 'whole', 0],
      [[whole, withFinding('violation'), unchecked], 'violated', 1],
      [[whole, unchecked], 'unchecked', 2],
      [[], 'unchecked', 2],
    ] as const;
    for (const [checks, verdict, code] of cases) {
      const report = reportOf(checks, about);
      expect([report.verdict, exitCodeOf(report)]).toEqual([verdict, code]);
    }
  });

  it('tells people the same', () => {
    const lines = linesOf(reportOf([withFinding('violation'), withFinding('warning')], about));
    const marks = lines
      .filter((line) => line.startsWith('topic'))
      .map((line) => line.slice(48, 57));
    expect(marks).toEqual(['VIOLATED ', 'ok       ']);
    expect(lines.at(-1)).toBe('violated: 18 violations, 18 warnings, 1.0 s');
    expect(lines).toContain('  violation gap × 18: something is missing');
    expect(lines).toContain('    at 4');
  });
});
