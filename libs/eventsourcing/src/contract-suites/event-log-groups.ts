import { setImmediate as macrotask } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import type { LogConsumer } from '../event-log.ts';
import { ContractTopic, type LogBench } from './event-log-fixture.ts';
import { patience } from './event-log-read-model.ts';

/** How members of a group share partitions, and hand them over. */
export function eventLogGroups(bench: LogBench): void {
  it('shares the partitions evenly between the members of a group', async () => {
    const events = await bench.newTopic(4);
    const model = bench.newModel();
    const seen = [new Set<number>(), new Set<number>()];
    const members = seen.map((partitions) =>
      bench.join(model, {}, async (batch) => {
        partitions.add(batch.partition);
      }),
    );
    await vi.waitFor(
      () => expect(members.map((member) => member.assignments().length)).toEqual([2, 2]),
      patience,
    );
    const assigned = members.flatMap((member) => member.assignments());
    expect(assigned.map(({ partition }) => partition).sort()).toEqual([0, 1, 2, 3]);
    expect(assigned.every((assignment) => assignment.topic === bench.topic)).toBe(true);

    for (let partition = 0; partition < 4; partition++) await events.note(partition, 5);
    await model.caughtUpWith(events);
    expect(seen.map((partitions) => partitions.size)).toEqual([2, 2]);
    expect(model.applied(events)).toEqual(await events.published());
  });

  it('gives every group everything', async () => {
    const events = await bench.newTopic(2);
    const groups = [bench.newModel(), bench.newModel()];
    for (const [index, model] of groups.entries())
      bench.join(model, { group: `${bench.group}-${index}` });
    for (let note = 0; note < 10; note++) await events.note(note % 2, 3);
    for (const model of groups) {
      await model.caughtUpWith(events);
      expect(model.applied(events)).toEqual(await events.published());
    }
  });

  it('ends the batch under way before a member has left and another one takes over', async () => {
    const events = await bench.newTopic(1);
    const model = bench.newModel();
    const story: string[] = [];
    const began = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const leaving = bench.join(model, {}, async () => {
      began.resolve();
      await goOn.promise;
      story.push('batch ended');
    });
    await events.note(0, 1);
    await began.promise;
    bench.join(model, {
      startAfter: async (...partition) => {
        story.push('other member asked');
        return await model.startAfter(...partition);
      },
    });
    const left = leaving.stop().then(() => story.push('member had left'));
    await macrotask();
    await macrotask();
    goOn.resolve();
    await left;
    await events.note(0, 3);
    await model.caughtUpWith(events);

    expect(story[0]).toBe('batch ended');
    expect(story.slice(1).sort()).toEqual(['member had left', 'other member asked']);
    expect(leaving.assignments()).toEqual([]);
    expect(model.applied(events)).toEqual(await events.published());
  });

  it('loses nothing and handles nothing twice at once while members come and go', async () => {
    const events = await bench.newTopic(4);
    const model = bench.newModel();
    const joinSlowly = () =>
      bench.join(model, { maxBatch: 5 }, async () => {
        for (let turn = 0; turn < 3; turn++) await macrotask();
      });
    const members = [joinSlowly()];
    for (let round = 0; round < 12; round++) {
      for (let partition = 0; partition < 4; partition++) await events.note(partition, 10);
      // Two come for each one that goes, so that partitions move while batches are under way.
      members.push(joinSlowly());
      if (round % 2 === 1) await members.shift()?.stop();
    }
    while (members.length > 1) await members.pop()?.stop();
    await events.note(0, 1);
    await model.caughtUpWith(events);
    expect(model.applied(events)).toEqual(await events.published());
  });

  it('gives an exclusive group to one member, and to the next one when it leaves', async () => {
    const other = `${bench.topic}-other`;
    const topics = [await bench.newTopic(3), await bench.newTopic(2, other)];
    const model = bench.newModel();
    const exclusive = { topics: [bench.topic, other], exclusive: true };
    const members = [
      bench.join(model, exclusive),
      bench.join(model, exclusive),
      bench.join(model, exclusive),
    ];
    const shares = () => members.map((member) => member.assignments().length);
    const areSettled = (...wanted: number[]) =>
      vi.waitFor(() => expect(shares().toSorted()).toEqual(wanted), patience);
    await areSettled(0, 0, 5);
    for (const events of topics) {
      for (let partition = 0; partition < events.partitions; partition++) {
        await events.note(partition, 4);
      }
      await model.caughtUpWith(events);
    }
    const holder = members.find((member) => member.assignments().length > 0);
    members.splice(members.indexOf(holder as LogConsumer), 1);
    await holder?.stop();
    await areSettled(0, 5);
    for (const events of topics) {
      await events.note(0, 4);
      await model.caughtUpWith(events);
      expect(model.applied(events)).toEqual(await events.published());
    }
  });

  it('stops every consumer when it is closed, after the batch under way', async () => {
    const own = await bench.factory();
    const events = new ContractTopic(bench.topic, 1, await own.createTopic(bench.topic, 1));
    const model = bench.newModel();
    const began = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const consumer = own.log.consume(
      model.member({ group: bench.group, topics: [bench.topic] }, async () => {
        began.resolve();
        await goOn.promise;
      }),
    );
    await events.note(0, 1);
    await began.promise;
    const kept = own.log.close().then(() => model.positions(bench.topic, 0));
    await macrotask();
    goOn.resolve();
    expect(await kept).toEqual([1]);
    expect(consumer.assignments()).toEqual([]);
    await own.close();
  });
}
