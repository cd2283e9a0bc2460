import { expect, it, vi } from 'vitest';
import type { LogBench } from './event-log-fixture.ts';
import { patience } from './event-log-read-model.ts';

/** What happens when a consumer fails. */
export function eventLogFailures(bench: LogBench): void {
  it('counts nothing of a rejected batch and delivers again from the checkpoint', async () => {
    const events = await bench.newTopic(1);
    await events.note(0, 10);
    const model = bench.newModel();
    const rejection = new Error('the read model is locked');
    let tries = 0;
    bench.join(model, { maxBatch: 4 }, async (batch) => {
      if (batch.events.some((event) => event.position === 6) && ++tries <= 2) throw rejection;
    });
    await model.caughtUpWith(events);
    expect(model.errors).toEqual([rejection, rejection]);
    expect(model.asked).toBeGreaterThanOrEqual(3);
    expect(model.applied(events)).toEqual(await events.published());
  });

  it('goes on from the part of a batch that was kept before the rejection', async () => {
    const events = await bench.newTopic(1);
    await events.note(0, 10);
    const model = bench.newModel();
    const rejection = new Error('stopped before the last event');
    bench.join(model, {}, async (batch) => {
      if (model.errors.length > 0 || batch.position < 10) return;
      model.keepCheckpoint(bench.topic, 0, { position: 9, cursor: '' });
      throw rejection;
    });
    await model.caughtUpWith(events);
    expect(model.errors).toEqual([rejection]);
    expect(model.positions(bench.topic, 0)).toContain(10);
    expect(model.positions(bench.topic, 0)).not.toContain(9);
  });

  it('goes on with the other partitions while one is rejected again and again', async () => {
    const events = await bench.newTopic(2);
    const model = bench.newModel();
    bench.join(model, {}, async (batch) => {
      if (batch.partition === 0) throw new Error('poison');
    });
    await events.note(0, 1);
    await vi.waitFor(() => expect(model.errors.length).toBeGreaterThanOrEqual(2), patience);
    for (let note = 0; note < 5; note++) await events.note(1, 4);
    await model.reached(bench.topic, 1, 20);
    const errors = model.errors.length;
    await vi.waitFor(() => expect(model.errors.length).toBeGreaterThan(errors), patience);
    expect(model.checkpoint(bench.topic, 0)).toBeUndefined();
    expect(model.positions(bench.topic, 1).length).toBe(20);
  });

  it('asks again when the checkpoint cannot be read', async () => {
    const events = await bench.newTopic(1);
    await events.note(0, 3);
    const model = bench.newModel();
    const failure = new Error('no answer');
    bench.join(model, {
      startAfter: async (...partition) => {
        if (model.errors.length === 0) throw failure;
        return await model.startAfter(...partition);
      },
    });
    await model.caughtUpWith(events);
    expect(model.errors).toEqual([failure]);
  });
}
