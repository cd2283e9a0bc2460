import { describe, expect, it } from 'vitest';
import { Findings } from '../report.ts';
import { checkRelays } from './check-topics.ts';

function kinds(relay: { readonly position: number } | undefined, settled: boolean): string[] {
  const findings = new Findings();
  const relays = new Map(relay === undefined ? [] : [[0, { ...relay, published: 0 }] as const]);
  checkRelays({ partitions: 1, heads: [7], relays }, settled, findings);
  return findings.list().map(({ severity, kind, count }) => `${severity} ${kind} ${count}`);
}

describe('The check of relays', () => {
  it('finds nothing where all is published', () => {
    expect(kinds({ position: 7 }, true)).toEqual([]);
  });

  it('finds events that stay unpublished', () => {
    expect(kinds({ position: 4 }, true)).toEqual(['violation unpublished 3']);
    expect(kinds(undefined, true)).toEqual(['violation unpublished 7']);
  });

  it('bears a relay under way, but not that there has never been one', () => {
    expect(kinds({ position: 4 }, false)).toEqual([]);
    expect(kinds(undefined, false)).toEqual(['warning no-relay 1']);
  });
});
