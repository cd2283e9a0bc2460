import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { MongoConnection, MongoEventStore } from '@unionfold/storage';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChaosWorld } from './chaos-world.fixture.ts';

/** Longest that one disturbance and its settling take, checks included. Milliseconds. */
const patience = 240_000;

/**
 * After each disturbance: what was acknowledged is in the store once and in Kafka in order, read models equal a rebuild
 * from nothing, and nothing is stuck.
 */
describe('the platform under disturbances', () => {
  let world: ChaosWorld;

  beforeAll(async () => {
    world = await ChaosWorld.start();
  }, patience);
  afterAll(async () => {
    await world.stop();
  }, patience);

  it(
    'loses nothing when services are killed between append and publish',
    async () => {
      const load = await world.underLoad(async () => {
        for (let round = 0; round < 4; round++) {
          // Every process of the service that appends, and so every relay of its topic.
          await Promise.all(world.processes.of('members').map((replica) => replica.crash()));
          await Promise.all(world.processes.of('members').map((replica) => replica.listening()));
          await sleep(300);
        }
      });
      expect(load.disturbed).toBeGreaterThan(0);
      await world.expectWhole(load);
    },
    patience,
  );

  it(
    'counts nothing twice when consumers are killed between handling and commit',
    async () => {
      const load = await world.underLoad(async () => {
        for (let round = 0; round < 4; round++) {
          for (const name of ['gateway', 'welfare', 'notifications'] as const) {
            const [first, second] = world.processes.of(name);
            await (round % 2 === 0 ? first : second)?.crash();
          }
          await sleep(700);
        }
      });
      await world.expectWhole(load);
    },
    patience,
  );

  it(
    'goes on without Kafka for 30 s, and catches up when it is back',
    async () => {
      const load = await world.underLoad(async () => {
        await world.servers.kafka.stop();
        await sleep(30_000);
        await world.servers.kafka.start();
      });
      await world.expectWhole(load);
    },
    patience,
  );

  it(
    'goes on when the primary of MongoDB steps down under load',
    async () => {
      const load = await world.underLoad(async () => {
        for (let round = 0; round < 3; round++) {
          await world.mongo
            .db('admin')
            .command({ replSetStepDown: 2, force: true })
            .catch(() => undefined);
          await sleep(2_500);
        }
      });
      await world.expectWhole(load);
    },
    patience,
  );

  it(
    'is slower but right without Redis',
    async () => {
      const load = await world.underLoad(async () => {
        await world.servers.redis.kill();
        await sleep(3_000);
        await world.servers.redis.start();
      });
      await world.expectWhole(load);
    },
    patience,
  );

  it(
    'takes what is delivered again, and out of order, for what it is',
    async () => {
      const kafka = new Kafka({
        brokers: [...world.servers.kafka.brokers],
        logLevel: logLevel.NOTHING,
      });
      const load = await world.underLoad(async () => {
        const topic = world.topic('members');
        const consumer = kafka.consumer({ groupId: `chaos-${randomUUID()}` });
        const producer = kafka.producer();
        await consumer.connect();
        await producer.connect();
        await consumer.subscribe({ topic, fromBeginning: true });
        let again = 0;
        await consumer.run({
          eachBatch: async ({ batch }) => {
            if (again >= 200) return;
            // The last first: older positions behind newer ones, as a relay that lost its lease might send them.
            const messages = batch.messages.slice(0, 50).toReversed();
            again += messages.length;
            await producer.send({
              topic,
              messages: messages.map(({ key, value, headers }) => ({
                key,
                value,
                ...(headers === undefined ? {} : { headers }),
                partition: batch.partition,
              })),
            });
          },
        });
        while (again < 100) await sleep(50);
        await consumer.disconnect();
        await producer.disconnect();
      });
      await world.expectWhole(load);
    },
    patience,
  );

  it(
    'sets a poison message aside, shows it, and goes on with everything else',
    async () => {
      const connection = await MongoConnection.open({ uri: world.servers.mongodb.uri });
      const store = await MongoEventStore.open({
        connection,
        database: 'chaos_welfare',
        partitions: 4,
      });
      const stream = `fund-line-${randomUUID()}`;
      const load = await world.underLoad(async () => {
        const event = (data: Record<string, string>) => ({
          id: randomUUID(),
          type: 'unionfold.welfare.v1.FundLineOpened',
          data,
          metadata: {
            actor: 'system:chaos',
            correlationId: 'chaos',
            occurredAt: new Date().toISOString(),
          },
        });
        // An amount that is no number, and a right one behind it in the same stream.
        const events = [event({ budgetFen: 'much' }), event({ budgetFen: '1' })];
        await store.append([{ stream, expectedVersion: 0, events }]);
      });
      await world.settled();
      const letters = await world.mongo
        .db('chaos_gateway')
        .collection<{ _id: string; doc: { stream: string; entry: { parked: boolean } } }>(
          'd_dead_letters',
        )
        .find({ 'doc.stream': stream })
        .sort({ _id: 1 })
        .toArray();
      expect(letters.map(({ doc }) => doc.entry.parked)).toEqual([false, true]);
      await world.expectWhole(load);
      await store.close();
      await connection.close();
    },
    patience,
  );
});
