import { expect, it, vi } from 'vitest';
import type { LogBench } from './event-log-fixture.ts';
import { patience } from './event-log-read-model.ts';

/** What is delivered, in which order, and from where. */
export function eventLogDelivery(bench: LogBench): void {
  it('delivers what was appended before and after the start, in order in every partition', async () => {
    const events = await bench.newTopic(3);
    for (let note = 0; note < 30; note++) await events.note(note % 3, 3);
    const model = bench.newModel();
    bench.join(model, { maxBatch: 8 });
    await model.caughtUpWith(events);
    for (let note = 0; note < 30; note++) await events.note(note % 3, 1);
    await model.caughtUpWith(events);

    expect(model.applied(events)).toEqual(await events.published());
    expect(Math.max(...model.batches.map((batch) => batch.events.length))).toBeLessThanOrEqual(8);
  });

  it('delivers larger batches when behind', async () => {
    const events = await bench.newTopic(1);
    for (let note = 0; note < 10; note++) await events.note(0, 50);
    const model = bench.newModel();
    bench.join(model, { maxBatch: 100 });
    await model.caughtUpWith(events);

    expect(model.applied(events)).toEqual(await events.published());
    expect(model.batches.length).toBeLessThan(50);
  });

  it('starts after the checkpoint that the consumer names', async () => {
    const events = await bench.newTopic(2);
    await events.note(0, 5);
    await events.note(1, 5);
    const model = bench.newModel();
    const first = bench.join(model);
    await model.caughtUpWith(events);
    await first.stop();
    const before = model.batches.length;

    await events.note(0, 5);
    await events.note(1, 5);
    bench.join(model);
    await model.caughtUpWith(events);
    const delivered = model.batches.slice(before).flatMap((batch) => batch.events);
    expect(Math.min(...delivered.map((event) => event.position))).toBe(6);
    expect(model.applied(events)).toEqual(await events.published());
  });

  it('loses nothing when the checkpoint lies inside a batch and its cursor is an older one', async () => {
    const events = await bench.newTopic(1);
    await events.note(0, 4);
    const model = bench.newModel();
    const first = bench.join(model);
    await model.caughtUpWith(events);
    await first.stop();
    const cursor = model.checkpoint(bench.topic, 0)?.cursor ?? '';
    await events.note(0, 6);

    const resumed = bench.newModel();
    resumed.keepCheckpoint(bench.topic, 0, { position: 7, cursor });
    bench.join(resumed);
    await resumed.caughtUpWith(events);
    expect(resumed.positions(bench.topic, 0)).toEqual([8, 9, 10]);
  });

  it('leaves internal events out and moves the position past them', async () => {
    const events = await bench.newTopic(2);
    await events.note(0, 2);
    await events.noteInternally(0, 3);
    await events.note(0, 1);
    await events.noteInternally(0, 2);
    await events.noteInternally(1, 25);
    const model = bench.newModel();
    bench.join(model, { maxBatch: 10 });
    await model.caughtUpWith(events);
    expect(model.positions(bench.topic, 0)).toEqual([1, 2, 6]);
    expect(model.positions(bench.topic, 1)).toEqual([]);

    await events.noteInternally(1, 1);
    await events.note(1, 1);
    await model.reached(bench.topic, 1, 27);
    expect(model.positions(bench.topic, 1)).toEqual([27]);
  });

  it('tells how far every partition is published, and a consumer gets there', async () => {
    const events = await bench.newTopic(3);
    await vi.waitFor(
      async () => expect(await bench.log.heads(bench.topic)).toEqual([0, 0, 0]),
      patience,
    );
    await events.note(0, 2);
    await events.noteInternally(0, 3);
    await events.noteInternally(2, 5);
    await events.note(2, 1);
    await vi.waitFor(async () => {
      const [first = 0, second, third] = await bench.log.heads(bench.topic);
      expect(first).toBeGreaterThanOrEqual(2);
      expect([second, third]).toEqual([0, 6]);
    }, patience);
    const heads = await bench.log.heads(bench.topic);
    const model = bench.newModel();
    bench.join(model);
    for (const [partition, head] of heads.entries())
      await model.reached(bench.topic, partition, head);
  });
}
