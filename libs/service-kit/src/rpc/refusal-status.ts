import { Metadata, type ServiceError, type StatusObject, status } from '@grpc/grpc-js';
import { describeProblem, isProblemCode, problems } from '@unionfold/contracts/problems';
import { isRefusal, type Refusal } from '@unionfold/eventsourcing';

const trailer = 'unionfold-problem-bin';

/**
 * A refusal as a gRPC status: the code's own status, and the refusal itself in a trailer. One whose code nobody has
 * registered is a bug of the service, and a failure to the caller, who could not tell it to anybody.
 */
export function toStatus(refusal: Refusal): Partial<StatusObject> {
  const { refused, field, params } = refusal;
  if (!isProblemCode(refused)) {
    return { code: status.INTERNAL, details: `unregistered problem ${refused}` };
  }
  const metadata = new Metadata();
  metadata.set(trailer, Buffer.from(JSON.stringify({ refused, field, params }), 'utf8'));
  const { detail } = describeProblem(refused, 'en', params ?? {});
  return { code: problems[refused].grpc, details: detail, metadata };
}

/** The refusal that a failed call carries, if the service refused. */
export function fromStatus(error: ServiceError): Refusal | undefined {
  const value = error.metadata?.get(trailer)[0];
  if (!(value instanceof Buffer)) return undefined;
  try {
    const refusal: unknown = JSON.parse(value.toString('utf8'));
    return isRefusal(refusal) ? refusal : undefined;
  } catch {
    return undefined;
  }
}
