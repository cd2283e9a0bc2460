import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { RedisConnection } from './redis-connection.ts';
import { redisUrl } from './redis-server.fixture.ts';

/** Connections to the shared Redis under a prefix of a test's own. */
export class RedisKeys {
  readonly prefix = `unionfold_test_${randomUUID().slice(0, 8)}:`;
  readonly #connections: RedisConnection[] = [];

  /** Connects; patient with a busy test machine. */
  async connect(): Promise<RedisConnection> {
    const connection = await RedisConnection.open(redisUrl(), {
      keyPrefix: this.prefix,
      onNotice: () => undefined,
      commandTimeoutMs: 5_000,
      patienceMs: 10_000,
    });
    this.#connections.push(connection);
    return connection;
  }

  /** All keys that there are. */
  async all(): Promise<readonly string[]> {
    const [connection] = this.#connections;
    if (connection === undefined) return [];
    return await connection.run((redis) => redis.keys(`${this.prefix}*`));
  }

  async destroy(): Promise<void> {
    const keys = await this.all();
    if (keys.length > 0) await this.#connections[0]?.run((redis) => redis.del([...keys]));
    for (const connection of this.#connections) await connection.close();
  }
}

/** Resolves when Redis's own clock has moved on. */
export async function redisTimePasses(
  connection: RedisConnection,
  milliseconds: number,
): Promise<void> {
  const now = async (): Promise<number> => {
    const [seconds, microseconds] = await connection.run((redis) => redis.time());
    return Number(seconds) * 1_000 + Number(microseconds) / 1_000;
  };
  const until = (await now()) + milliseconds;
  while ((await now()) <= until) await delay(5);
}
