import { describe } from 'vitest';
import { eventLogDelivery } from './event-log-delivery.ts';
import { eventLogFailures } from './event-log-failures.ts';
import { type EventLogHarness, LogBench } from './event-log-fixture.ts';
import { eventLogGroups } from './event-log-groups.ts';
import { eventLogTopics } from './event-log-topics.ts';

/** What every adapter of the EventLog port must do. Declares tests, so call it in a spec file. */
export function eventLogContract(name: string, factory: () => Promise<EventLogHarness>): void {
  describe(`${name} as an event log`, () => {
    const bench = new LogBench(factory);
    eventLogDelivery(bench);
    eventLogTopics(bench);
    eventLogGroups(bench);
    eventLogFailures(bench);
  });
}
