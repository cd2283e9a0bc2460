import type { Client } from '@grpc/grpc-js';
import { connect, RemoteUnavailableError } from './client.ts';

/** Where the services are. Start order does not matter: a caller waits, bounded, for a service not yet known. */
export class ServiceDirectory {
  readonly #addresses = new Map<string, string>();
  readonly #clients = new Map<string, Client>();
  readonly #waiters = new Map<string, Set<() => void>>();
  #closed = false;

  /** Says where a service is, as `host:port`; a service that moved gets new connections. */
  set(service: string, address: string): void {
    if (this.#addresses.get(service) === address) return;
    this.#addresses.set(service, address);
    this.#clients.get(service)?.close();
    this.#clients.delete(service);
    this.#wake(service);
  }

  address(service: string): string | undefined {
    return this.#addresses.get(service);
  }

  /** @throws RemoteUnavailableError when the service is not known in time, or the directory is closed */
  async client(service: string, timeoutMs: number): Promise<Client> {
    const present = this.#clients.get(service);
    if (present !== undefined) return present;
    if (!this.#addresses.has(service) && !this.#closed) await this.#known(service, timeoutMs);
    const address = this.#addresses.get(service);
    if (address === undefined || this.#closed) throw new RemoteUnavailableError(service);
    const client = this.#clients.get(service) ?? connect(address);
    this.#clients.set(service, client);
    return client;
  }

  /** Closes the connections; whoever waits for a service waits no longer. */
  close(): void {
    this.#closed = true;
    for (const client of this.#clients.values()) client.close();
    this.#clients.clear();
    for (const service of this.#waiters.keys()) this.#wake(service);
  }

  #wake(service: string): void {
    for (const waiter of this.#waiters.get(service) ?? []) waiter();
  }

  /** Resolves when the service is known, the directory is closed, or the time is up. */
  async #known(service: string, timeoutMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const waiters = this.#waiters.get(service) ?? new Set();
      this.#waiters.set(service, waiters);
      const finish = () => {
        clearTimeout(timer);
        waiters.delete(finish);
        if (waiters.size === 0) this.#waiters.delete(service);
        resolve();
      };
      const timer = setTimeout(finish, timeoutMs);
      waiters.add(finish);
    });
  }
}
