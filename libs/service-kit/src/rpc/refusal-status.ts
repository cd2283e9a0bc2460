import { Metadata, type ServiceError, type StatusObject, status } from '@grpc/grpc-js';
import { describeProblem, isProblemCode, problems } from '@unionfold/contracts/problems';
import type { Refusal } from '@unionfold/eventsourcing';

const trailer = 'unionfold-problem-bin';

/** A refusal as a gRPC status: the code's own status, and the refusal itself in a trailer. */
export function toStatus(refusal: Refusal): Partial<StatusObject> {
  const metadata = new Metadata();
  metadata.set(trailer, Buffer.from(JSON.stringify(refusal), 'utf8'));
  if (!isProblemCode(refusal.refused)) {
    return { code: status.INTERNAL, details: `unregistered problem ${refusal.refused}`, metadata };
  }
  const { detail } = describeProblem(refusal.refused, 'en', refusal.params ?? {});
  return { code: problems[refusal.refused].grpc, details: detail, metadata };
}

/** The refusal that a failed call carries, if the service refused. */
export function fromStatus(error: ServiceError): Refusal | undefined {
  const value = error.metadata?.get(trailer)[0];
  if (!(value instanceof Buffer)) return undefined;
  return JSON.parse(value.toString('utf8')) as Refusal;
}
