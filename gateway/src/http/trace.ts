import { randomBytes } from 'node:crypto';

/** The trace that a request belongs to (W3C Trace Context). */
export interface Trace {
  /** One id for all that follows from one outside request: the trace id. */
  readonly correlationId: string;
  /** What is passed on to the services: the same trace, this gateway's own span. */
  readonly traceparent: string;
}

const shape = /^00-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})$/;
const none = /^0+$/;

/** Takes up the caller's trace, or begins one when there is none that can be read. */
export function traceOf(traceparent: string | undefined): Trace {
  const [, trace = '', span = '', flags = '01'] = shape.exec(traceparent ?? '') ?? [];
  const isReal = trace !== '' && !none.test(trace) && !none.test(span);
  const correlationId = isReal ? trace : randomBytes(16).toString('hex');
  const ownSpan = randomBytes(8).toString('hex');
  return { correlationId, traceparent: `00-${correlationId}-${ownSpan}-${isReal ? flags : '01'}` };
}
