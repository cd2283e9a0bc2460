import {
  Client,
  credentials,
  type ServiceDefinition,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { type Refusal, TransientError } from '@unionfold/eventsourcing';
import { type CallOrigin, toMetadata } from './call-origin.ts';
import { messageLimits } from './message-limits.ts';
import { fromStatus } from './refusal-status.ts';
import type { ServiceDirectory } from './service-directory.ts';

/** The methods of a remote service: each answers, or gives the refusal of the service. */
export type RemoteMethods<Definition> = {
  readonly [Method in keyof Definition]: Definition[Method] extends {
    requestDeserialize: (bytes: Buffer) => infer Request;
    responseDeserialize: (bytes: Buffer) => infer Response;
  }
    ? (request: Request, origin: CallOrigin) => Promise<Response | Refusal>
    : never;
};

/** The service is down or does not answer in time. Whether a command was carried out is not known: try the same again. */
export class RemoteUnavailableError extends TransientError {
  readonly service: string;

  constructor(service: string) {
    super(`${service} does not answer`);
    this.service = service;
  }
}

/** The service failed in a way that it did not foresee. */
export class RemoteFailureError extends Error {
  override readonly name = 'RemoteFailureError';
  readonly service: string;
  /** The gRPC status. */
  readonly code: number;

  constructor(service: string, code: number, details: string) {
    super(`${service}: ${details}`);
    this.service = service;
    this.code = code;
  }
}

/**
 * A client of another service.
 * @param deadlineMs time after which a call counts as unanswered, waiting for the service's address included
 */
export function remoteService<Definition extends ServiceDefinition>(
  definition: Definition,
  service: string,
  directory: ServiceDirectory,
  deadlineMs = 10_000,
): RemoteMethods<Definition> {
  const methods = Object.entries(definition).map(([name, method]) => [
    name,
    async (request: unknown, origin: CallOrigin): Promise<unknown> => {
      const deadline = Date.now() + deadlineMs;
      const metadata = toMetadata(origin);
      const client = await directory.client(service, deadlineMs);
      return await new Promise((resolve, reject) => {
        client.makeUnaryRequest(
          method.path,
          method.requestSerialize,
          method.responseDeserialize,
          request,
          metadata,
          { deadline },
          (error, answer) => {
            if (error === null) resolve(answer);
            else settle(error, service, resolve, reject);
          },
        );
      });
    },
  ]);
  return Object.fromEntries(methods);
}

/** The call did not get through, or nobody knows how it ended; trying the same again is safe. */
const unanswered: ReadonlySet<number> = new Set([
  status.UNAVAILABLE,
  status.DEADLINE_EXCEEDED,
  status.CANCELLED,
]);

function settle(
  error: ServiceError,
  service: string,
  resolve: (refusal: Refusal) => void,
  reject: (error: Error) => void,
): void {
  const refusal = fromStatus(error);
  if (refusal !== undefined) resolve(refusal);
  else if (unanswered.has(error.code)) reject(new RemoteUnavailableError(service));
  else reject(new RemoteFailureError(service, error.code, error.details));
}

/** Calls go to all replicas in turn; one that does not answer is left out. */
const inTurn = JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] });

/**
 * Opens a connection that reconnects by itself, quickly enough for a service that is being restarted.
 * @param address `host:port`, several of numeric hosts with commas, or `dns:///name:port`
 */
export function connect(address: string): Client {
  const target = address.includes(',') ? `ipv4:${address}` : address;
  return new Client(target, credentials.createInsecure(), {
    ...messageLimits,
    'grpc.service_config': inTurn,
    'grpc.initial_reconnect_backoff_ms': 200,
    'grpc.max_reconnect_backoff_ms': 2_000,
  });
}
