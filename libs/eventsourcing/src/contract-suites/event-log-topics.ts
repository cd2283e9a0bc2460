import { expect, it } from 'vitest';
import { UnknownTopicError } from '../event-log.ts';
import type { LogBench } from './event-log-fixture.ts';

/** Topics: several, missing, and late. */
export function eventLogTopics(bench: LogBench): void {
  it('gives one consumer several topics', async () => {
    const other = `${bench.topic}-other`;
    const topics = [await bench.newTopic(2), await bench.newTopic(1, other)];
    const model = bench.newModel();
    bench.join(model, { topics: [bench.topic, other] });
    for (const events of topics) await events.note(0, 3);
    for (const events of topics) {
      await model.caughtUpWith(events);
      expect(model.applied(events)).toEqual(await events.published());
    }
  });

  it('knows no topic that was never made', async () => {
    await expect(bench.log.heads(`${bench.topic}-nowhere`)).rejects.toThrow(UnknownTopicError);
  });

  it('waits for a topic that does not exist yet', async () => {
    const later = `${bench.topic}-later`;
    const early = await bench.newTopic(1);
    const model = bench.newModel();
    bench.join(model, { topics: [later, bench.topic] });
    await early.note(0, 2);
    await model.caughtUpWith(early);

    const late = await bench.newTopic(2, later);
    await late.note(1, 3);
    await model.caughtUpWith(late);
    expect(model.applied(late)).toEqual(await late.published());
  });
}
