import type { Client } from '@grpc/grpc-js';
import { connect, RemoteUnavailableError } from './client.ts';

/** Where the services are. Start order does not matter: a caller waits, bounded, for a service not yet known. */
export class ServiceDirectory {
  readonly #addresses = new Map<string, string>();
  readonly #clients = new Map<string, Client>();
  readonly #waiters = new Map<string, Set<() => void>>();

  /** Says where a service is, as `host:port`; a service that moved gets new connections. */
  set(service: string, address: string): void {
    if (this.#addresses.get(service) === address) return;
    this.#addresses.set(service, address);
    this.#clients.get(service)?.close();
    this.#clients.delete(service);
    for (const waiter of this.#waiters.get(service) ?? []) waiter();
    this.#waiters.delete(service);
  }

  address(service: string): string | undefined {
    return this.#addresses.get(service);
  }

  /** @throws RemoteUnavailableError when the service is not known in time */
  async client(service: string, timeoutMs: number): Promise<Client> {
    const present = this.#clients.get(service);
    if (present !== undefined) return present;
    const address = this.#addresses.get(service) ?? (await this.#await(service, timeoutMs));
    const client = this.#clients.get(service) ?? connect(address);
    this.#clients.set(service, client);
    return client;
  }

  close(): void {
    for (const client of this.#clients.values()) client.close();
    this.#clients.clear();
  }

  async #await(service: string, timeoutMs: number): Promise<string> {
    await new Promise<void>((resolve) => {
      const waiters = this.#waiters.get(service) ?? new Set();
      this.#waiters.set(service, waiters);
      const finish = () => {
        clearTimeout(timer);
        waiters.delete(finish);
        resolve();
      };
      const timer = setTimeout(finish, timeoutMs);
      waiters.add(finish);
    });
    const address = this.#addresses.get(service);
    if (address === undefined) throw new RemoteUnavailableError(service);
    return address;
  }
}
