import { Client, credentials } from '@grpc/grpc-js';
import { service as healthService } from 'grpc-health-check';

/** Asks a server for its health, over one connection that is kept and made again, as Kubernetes and callers do. */
export class HealthProbe {
  readonly #client: Client;

  constructor(address: string) {
    this.#client = new Client(address, credentials.createInsecure(), {
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': 500,
    });
  }

  /** `SERVING`, `NOT_SERVING`, or `no answer`. */
  async ask(): Promise<string> {
    const method = healthService['Check'];
    if (method === undefined) throw new Error('no health check');
    const { path, requestSerialize, responseDeserialize } = method;
    return await new Promise((resolve) => {
      this.#client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        { service: '' },
        { deadline: Date.now() + 2_000 },
        (error, answer) => {
          const status = (answer as { status?: string } | undefined)?.status;
          resolve(error === null && status !== undefined ? status : 'no answer');
        },
      );
    });
  }

  close(): void {
    this.#client.close();
  }
}
