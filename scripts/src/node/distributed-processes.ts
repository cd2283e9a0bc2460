import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { BackOff } from '@unionfold/messaging';
import { serviceNames, settingsExitCode } from '@unionfold/service-kit';
import { freePort } from '../infra/processes/ports.ts';

const repository = fileURLToPath(new URL('../../..', import.meta.url));

/** The program of each process, by name; the gateway is started like a service. */
const programs = {
  organizations: join(repository, 'services/organizations/dist/main.js'),
  members: join(repository, 'services/members/dist/main.js'),
  welfare: join(repository, 'services/welfare/dist/main.js'),
  notifications: join(repository, 'services/notifications/dist/main.js'),
  gateway: join(repository, 'gateway/dist/main.js'),
} as const;

/** What can run as a process of its own. */
export type ProcessName = keyof typeof programs;

export interface DistributedProcessesOptions {
  /** Of each service and of the gateway. */
  readonly replicas: number;
  /** Settings of all processes: servers, prefix, master key. */
  readonly environment: Readonly<Record<string, string>>;
  /** `host` and first port of the gateways; 0 takes free ones. */
  readonly host: string;
  readonly port: number;
  /** Hears what the processes log, and what becomes of them. */
  readonly onLine: (name: string, line: string) => void;
}

/** A process cannot run with its settings, and starting it again would not help. It has told what is wrong with them. */
export class UnusableSettingsError extends Error {
  override readonly name = 'UnusableSettingsError';

  constructor(name: ProcessName) {
    super(`${name} cannot run with its settings; see above`);
  }
}

/** Pauses between restarts of a process that ends by itself. */
const restarts = { firstMs: 500, capMs: 10_000 } as const;

/** All processes of the distributed profile on this machine, each restarted when it ends by itself. */
export class DistributedProcesses {
  readonly replicas: readonly Replica[];
  /** Where the services are, as their callers are told. */
  readonly addresses: ReadonlyMap<string, string>;

  static async start(options: DistributedProcessesOptions): Promise<DistributedProcesses> {
    const addresses = new Map<string, string>();
    const plans: { name: ProcessName; environment: Record<string, string> }[] = [];
    for (const name of serviceNames) {
      const ports: number[] = [];
      for (let replica = 0; replica < options.replicas; replica++) ports.push(await freePort());
      addresses.set(name, ports.map((port) => `127.0.0.1:${port}`).join(','));
      for (const port of ports) plans.push({ name, environment: { LISTEN: `127.0.0.1:${port}` } });
    }
    for (let replica = 0; replica < options.replicas; replica++) {
      const port = options.port === 0 ? await freePort() : options.port + replica;
      const environment = { HOST: options.host, PORT: String(port), DEVELOPMENT_ISSUER: 'on' };
      plans.push({ name: 'gateway', environment });
    }
    const shared: Record<string, string> = { ...options.environment };
    for (const [name, address] of addresses) shared[`${name.toUpperCase()}_ADDRESS`] = address;
    const replicas = plans.map(
      ({ name, environment }) =>
        new Replica(name, { ...shared, ...environment }, (line) => options.onLine(name, line)),
    );
    return new DistributedProcesses(replicas, addresses);
  }

  private constructor(replicas: readonly Replica[], addresses: ReadonlyMap<string, string>) {
    this.replicas = replicas;
    this.addresses = addresses;
  }

  of(name: ProcessName): readonly Replica[] {
    return this.replicas.filter((replica) => replica.name === name);
  }

  /** Resolves when all of them listen. */
  async listening(): Promise<void> {
    await Promise.all(this.replicas.map((replica) => replica.listening()));
  }

  /** Stops all in good order, the gateways first. */
  async stop(): Promise<void> {
    await Promise.all(this.of('gateway').map((replica) => replica.stop()));
    await Promise.all(this.replicas.map((replica) => replica.stop()));
  }

  /** Ends all with SIGKILL. */
  async kill(): Promise<void> {
    await Promise.all(this.replicas.map((replica) => replica.end('SIGKILL')));
  }
}

/** A process that lasted so long was well: the next failure is a new one. Milliseconds. */
const wellMs = 60_000;

/** One process, from its first start to its stop. */
export class Replica {
  readonly name: ProcessName;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #tell: (line: string) => void;
  readonly #stopping = new AbortController();
  readonly #ended: Promise<void>;
  #child: ChildProcess | undefined;
  #address = Promise.withResolvers<string>();
  #endedWith: string | undefined;

  constructor(
    name: ProcessName,
    environment: Readonly<Record<string, string>>,
    tell: (line: string) => void,
  ) {
    this.name = name;
    this.#environment = environment;
    this.#tell = tell;
    // Where nobody waits for it, a failure is told by its line alone.
    this.#address.promise.catch(() => undefined);
    this.#ended = this.#run();
  }

  /** Of the process that runs now; undefined between two. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** How the last process that ended did so: its signal, or its exit code. */
  get endedWith(): string | undefined {
    return this.#endedWith;
  }

  /**
   * The address at which it listens, as soon as it does.
   * @throws UnusableSettingsError when the process cannot run with what it is told
   */
  listening(): Promise<string> {
    return this.#address.promise;
  }

  /** Stops it in good order, for good. */
  async stop(): Promise<void> {
    await this.end('SIGTERM');
  }

  /** Ends it for good. */
  async end(signal: NodeJS.Signals): Promise<void> {
    this.#stopping.abort();
    this.#child?.kill(signal);
    await this.#ended;
  }

  /** Ends the process that runs now with SIGKILL; it is started again. */
  async crash(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    const backOff = new BackOff(restarts);
    while (!signal.aborted) {
      const began = performance.now();
      const how = await this.#runOnce();
      this.#child = undefined;
      this.#endedWith = how;
      if (signal.aborted) return;
      if (how === `exit code ${settingsExitCode}`) {
        this.#address.reject(new UnusableSettingsError(this.name));
        return;
      }
      this.#tell(`ended by itself (${how}); it is started again`);
      this.#address = pending(this.#address);
      if (performance.now() - began > wellMs) backOff.reset();
      await backOff.pause(signal);
    }
  }

  async #runOnce(): Promise<string> {
    const child = spawn(
      process.execPath,
      ['--disable-warning=TimeoutNegativeWarning', programs[this.name]],
      {
        env: { ...process.env, ...this.#environment },
        // The channel ends with this process, and so does the child.
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      },
    );
    this.#child = child;
    for (const output of [child.stdout, child.stderr]) {
      if (output === null) continue;
      createInterface({ input: output }).on('line', (line) => {
        const address = /^listening (\S+)$/.exec(line)?.[1];
        if (address === undefined) this.#tell(line);
        else this.#address.resolve(address);
      });
    }
    const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
    return signal ?? `exit code ${code}`;
  }
}

/** Those who wait for the address of a process that ended before it listened wait for that of the next one. */
function pending(before: PromiseWithResolvers<string>): PromiseWithResolvers<string> {
  const next = Promise.withResolvers<string>();
  next.promise.then(before.resolve, before.reject);
  return next;
}
