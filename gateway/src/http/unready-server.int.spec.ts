import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { unreadyHttpServer } from './unready-server.ts';

describe('A gateway that waits for its stores', () => {
  const server = unreadyHttpServer();
  let url: string;

  beforeEach(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    await new Promise((resolve) => server.close(resolve));
  });

  it('is alive, and not ready', async () => {
    const alive = await fetch(`${url}/healthz`);
    expect([alive.status, await alive.json()]).toEqual([200, { status: 'alive' }]);
    const ready = await fetch(`${url}/readyz`);
    expect(ready.status).toBe(503);
    expect(await ready.json()).toEqual({
      ready: false,
      parts: [{ part: 'stores', ready: false, detail: 'waiting for them' }],
    });
  });

  it('has everybody else come again, in their language, without keeping the connection', async () => {
    const answer = await fetch(`${url}/api/v1/unions?name=x`, {
      method: 'POST',
      body: '{}',
      headers: { 'accept-language': 'en' },
    });
    expect(answer.status).toBe(503);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'application/problem+json',
      'content-language': 'en',
      'retry-after': '1',
      connection: 'close',
    });
    expect(await answer.json()).toMatchObject({
      code: 'service-unavailable',
      title: 'The service is unavailable',
      instance: '/api/v1/unions',
    });
  });
});
