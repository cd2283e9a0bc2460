import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ProblemCode, refuse } from '@unionfold/contracts/problems';
import { type Refusal, StoreUnavailableError } from '@unionfold/eventsourcing';
import { type Logger, RemoteUnavailableError } from '@unionfold/service-kit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { tellingOf } from './exchange.ts';
import { contentLanguages, localeOf } from './locale.ts';
import {
  internalError,
  type ProblemDocument,
  problemMediaType,
  problemOf,
  problemOfFaults,
} from './problem-document.ts';
import { Refused } from './refused.ts';
import { traceOf } from './trace.ts';
import { RequestInvalid } from './validation.ts';

/** Whole seconds after which it is worth trying again, by code. */
const retryAfter: Partial<Record<string, number>> = {
  'service-unavailable': 2,
  'verification-source-unavailable': 2,
  'read-model-behind': 1,
};

/** What a 401 says of how to sign in (RFC 6750). */
const challenges: Partial<Record<string, string>> = {
  unauthenticated: 'Bearer realm="unionfold"',
  'token-malformed': 'Bearer realm="unionfold", error="invalid_token"',
  'token-expired': 'Bearer realm="unionfold", error="invalid_token", error_description="expired"',
};

/** Answers whatever ended a request before its answer with a problem document. */
export async function answerFailure(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  logger: Logger,
): Promise<void> {
  const telling = tellingOf(request);
  if (error instanceof RequestInvalid) {
    sendProblem(reply, problemOfFaults(error.faults, telling), request);
    return;
  }
  const refusal = refusalOf(error, request);
  const problem = refusal === undefined ? internalError(telling) : problemOf(refusal, telling);
  if (problem.status === 500) {
    const { correlationId } = request;
    logger.error({ err: error, correlationId, route: request.routeOptions.url }, 'request failed');
  }
  if (problem.code === 'body-too-large') await discard(request.raw);
  const seconds = error instanceof Refused ? error.retryAfterSeconds : undefined;
  sendProblem(reply, problem, request, seconds);
}

/** Of a body that is too large, this much is still read, in bytes: then the connection is cut. */
const mostDiscarded = 64 * 1024 * 1024;

/** A client that is still sending would see its connection cut instead of the answer, so it may end first. */
async function discard(body: IncomingMessage): Promise<void> {
  if (body.complete) return;
  let left = mostDiscarded;
  await new Promise<void>((resolve) => {
    body.on('data', (chunk: Buffer) => {
      left -= chunk.length;
      if (left < 0) resolve();
    });
    for (const end of ['end', 'close', 'error']) body.once(end, () => resolve());
    body.resume();
  });
}

function sendProblem(
  reply: FastifyReply,
  problem: ProblemDocument,
  request: Pick<FastifyRequest, 'locale'>,
  retryAfterSeconds = retryAfter[problem.code],
): void {
  const challenge = challenges[problem.code];
  if (challenge !== undefined) reply.header('www-authenticate', challenge);
  if (retryAfterSeconds !== undefined) reply.header('retry-after', String(retryAfterSeconds));
  reply
    .status(problem.status)
    .type(problemMediaType)
    .header('content-language', contentLanguages[request.locale])
    .send(JSON.stringify(problem));
}

/** What is behind an error, if it is something that callers are told. */
function refusalOf(error: unknown, request: FastifyRequest): Refusal | undefined {
  if (error instanceof Refused) return error.refusal;
  if (error instanceof RemoteUnavailableError) return unavailable(error.service);
  if (error instanceof StoreUnavailableError) return unavailable('gateway');
  switch (codeOf(error)) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return refuse('body-too-large', {
        params: { limitBytes: request.routeOptions.bodyLimit ?? 0 },
      });
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return refuse('unsupported-media-type', {
        params: {
          supported: (request.routeOptions.config.accepts ?? ['application/json']).join(', '),
        },
      });
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return refuse('malformed-json');
    case 'FST_ERR_BAD_URL':
      return refuse('not-found');
    default:
      return undefined;
  }
}

function unavailable(service: string): Refusal<ProblemCode> {
  return refuse('service-unavailable', { params: { service } });
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Answers a request that failed before it reached a route, such as one whose address cannot be read. */
export function answerUnroutable(request: FastifyRequest, reply: FastifyReply): void {
  const { correlationId } = traceOf(undefined);
  const locale = localeOf(request.headers['accept-language']);
  const instance = '/';
  const raw: ServerResponse = reply.raw;
  const problem = problemOf(refuse('not-found'), { locale, correlationId, instance });
  raw.writeHead(problem.status, {
    'content-type': `${problemMediaType}; charset=utf-8`,
    'content-language': contentLanguages[locale],
    'unionfold-correlation-id': correlationId,
  });
  raw.end(JSON.stringify(problem));
}
