import {
  type handleUnaryCall,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  type sendUnaryData,
  status,
  type UntypedHandleCall,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { isProblemCode, refuse } from '@unionfold/contracts/problems';
import {
  type CommandContext,
  isRefusal,
  type Refusal,
  StoreUnavailableError,
  TransientError,
} from '@unionfold/eventsourcing';
import { KeyDestroyedError } from '@unionfold/privacy';
import { HealthImplementation } from 'grpc-health-check';
import type { Logger } from '../logger.ts';
import { type CallOrigin, fromMetadata } from './call-origin.ts';
import { fingerprint } from './fingerprint.ts';
import { messageLimits } from './message-limits.ts';
import { reflection } from './reflection.ts';
import { toStatus } from './refusal-status.ts';

/** What a handler knows of its call: the origin, and the command's fingerprint for its idempotency key. */
export interface CallContext extends CommandContext {}

/** The handlers of one gRPC service: a plain function a method, which answers or refuses. */
export type Handlers<Definition> = {
  readonly [Method in keyof Definition]: Definition[Method] extends {
    requestDeserialize: (bytes: Buffer) => infer Request;
    responseSerialize: (value: infer Response) => Buffer;
  }
    ? (request: Request, context: CallContext) => Promise<Response | Refusal>
    : never;
};

/** A gRPC service with its handlers. */
export interface RpcService {
  readonly definition: ServiceDefinition;
  readonly handlers: Readonly<
    Record<string, (request: never, context: CallContext) => Promise<unknown>>
  >;
}

/** Ties a generated definition to its handlers, checking that every method has one of the right type. */
export function rpcService<Definition extends ServiceDefinition>(
  definition: Definition,
  handlers: Handlers<Definition>,
): RpcService {
  return { definition, handlers };
}

/** A gRPC server with health checking and reflection. */
export class RpcServer {
  readonly #server = new Server(messageLimits);
  readonly #health: HealthImplementation;
  readonly #names: readonly string[];
  readonly #logger: Logger;
  readonly #newId: () => string;
  #stopping: Promise<void> | undefined;

  constructor(services: readonly RpcService[], options: { logger: Logger; newId: () => string }) {
    this.#logger = options.logger;
    this.#newId = options.newId;
    for (const { definition, handlers } of services) {
      const implementation: UntypedServiceImplementation = {};
      for (const [method, { path, requestSerialize }] of Object.entries(definition)) {
        const handler = handlers[method];
        if (handler === undefined) throw new Error(`no handler for ${path}`);
        implementation[method] = this.#unary(path, requestSerialize, handler);
      }
      this.#server.addService(definition, implementation);
    }
    this.#names = services.map(({ definition }) => serviceName(definition));
    this.#health = new HealthImplementation(
      Object.fromEntries(['', ...this.#names].map((name) => [name, 'NOT_SERVING'])),
    );
    this.#health.addToServer(this.#server);
    reflection(this.#names).addToServer(this.#server);
  }

  /**
   * @param address `host:port`; port 0 takes a free one
   * @returns the port
   */
  async listen(address: string): Promise<number> {
    return await new Promise((resolve, reject) => {
      this.#server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) => {
        if (error === null) resolve(port);
        else reject(error);
      });
    });
  }

  /** What health checks answer, for the server (the empty name) and for each of its services; at the end: no. */
  setServing(serving: boolean): void {
    if (this.#stopping === undefined) this.#tellHealth(serving);
  }

  #tellHealth(serving: boolean): void {
    for (const name of ['', ...this.#names]) {
      this.#health.setStatus(name, serving ? 'SERVING' : 'NOT_SERVING');
    }
  }

  /** Takes no new calls and waits for those under way; after the grace period they are cut off. */
  stop(graceMs = 5_000): Promise<void> {
    this.#stopping ??= this.#stop(graceMs);
    return this.#stopping;
  }

  async #stop(graceMs: number): Promise<void> {
    this.#tellHealth(false);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => this.#server.forceShutdown(), graceMs);
      // Called back after a forced shutdown as well.
      this.#server.tryShutdown(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #unary(
    path: string,
    serialize: (request: never) => Buffer,
    handler: (request: never, context: CallContext) => Promise<unknown>,
  ): UntypedHandleCall {
    const handle: handleUnaryCall<never, unknown> = (call, callback) => {
      const origin = fromMetadata(call.metadata, this.#newId);
      // Inside a promise from the first line: what a handler throws at once is a failed call, and not a dead process.
      const answering = async () => {
        const context: CallContext =
          origin.idempotencyKey === undefined
            ? origin
            : { ...origin, fingerprint: fingerprint(path, serialize, call.request) };
        return await handler(call.request, context);
      };
      answering().then(
        (answer) => this.#answer(path, origin, answer, callback),
        (error: unknown) => this.#fail(path, origin, error, callback),
      );
    };
    // The generated definition has tied each handler to its message types (Handlers); here they are all alike.
    return handle as UntypedHandleCall;
  }

  #answer(
    path: string,
    { correlationId }: CallOrigin,
    answer: unknown,
    callback: sendUnaryData<unknown>,
  ): void {
    if (!isRefusal(answer)) {
      callback(null, answer);
      return;
    }
    if (!isProblemCode(answer.refused)) {
      this.#logger.error({ path, correlationId, code: answer.refused }, 'unregistered problem');
    }
    callback(toStatus(answer));
  }

  #fail(
    path: string,
    { correlationId }: CallOrigin,
    error: unknown,
    callback: sendUnaryData<unknown>,
  ): void {
    // Found only where the events are sealed, far below the deciders; no failure, and the caller may know.
    if (error instanceof KeyDestroyedError) {
      callback(toStatus(refuse('person-forgotten')));
      return;
    }
    const transient = error instanceof StoreUnavailableError || error instanceof TransientError;
    this.#logger.error(
      { err: error, path, correlationId },
      transient ? 'call failed for now' : 'call failed',
    );
    // The caller gets no inner message: it could tell what the log may not even hold.
    callback({
      code: transient ? status.UNAVAILABLE : status.INTERNAL,
      details: transient ? 'try again' : 'internal error',
    });
  }
}

/** `unionfold.members.v1.MembersService`, of the path of any of its methods. */
function serviceName(definition: ServiceDefinition): string {
  const [method] = Object.values(definition);
  const [, name] = method?.path.split('/') ?? [];
  if (name === undefined) throw new Error('a gRPC service has no method');
  return name;
}
