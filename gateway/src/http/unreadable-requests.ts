import {
  type IncomingMessage,
  maxHeaderSize,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { Socket } from 'node:net';
import { type ProblemCode, refuse } from '@unionfold/contracts/problems';
import type { Refusal } from '@unionfold/eventsourcing';
import type { Logger } from '@unionfold/service-kit';
import { contentLanguages, localeOf } from './locale.ts';
import { problemMediaType, problemOf } from './problem-document.ts';
import { traceOf } from './trace.ts';

/** The last request of a connection that could be read. */
interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** What Node.js tells of bytes that its parser does not take. */
interface ConnectionError extends Error {
  readonly code?: string;
  readonly rawPacket?: unknown;
}

/** So long may a client that is still sending take to read why, before the connection is cut. Milliseconds. */
const lingerMs = 1_000;

/**
 * Answers bytes that are no HTTP request, or one too many, with a problem document, and closes the connection: where
 * the next request would begin is not known any more (RFC 9112, 11.2).
 */
export class UnreadableRequests {
  readonly #logger: Logger;
  readonly #last = new WeakMap<Socket, Exchange>();
  readonly #answered = new WeakSet<Socket>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Looks at the requests that can be read, in order not to answer in their place. */
  watch(server: Server): void {
    server.on('request', (request, response) => {
      this.#last.set(request.socket, { request, response });
    });
  }

  answer(error: ConnectionError, socket: Socket): void {
    // Whatever else such a client sends is unreadable once more; it is let pass until the connection is closed.
    if (this.#answered.has(socket)) return;
    const refusal = refusalOf(error.code);
    if (refusal === undefined || !socket.writable || this.#isBeingAnswered(socket)) {
      socket.destroy();
      return;
    }
    this.#answered.add(socket);
    const { correlationId } = traceOf(undefined);
    this.#logger.debug({ code: error.code, correlationId }, 'unreadable request');
    socket.end(response(refusal, acceptedLanguages(error.rawPacket), correlationId));
    const cut = setTimeout(() => socket.destroy(), lingerMs);
    socket.once('close', () => clearTimeout(cut));
  }

  /**
   * Whether an answer is due to a request that was read whole, or under way: the client would take this one for it, and
   * believe that nothing was changed.
   */
  #isBeingAnswered(socket: Socket): boolean {
    const last = this.#last.get(socket);
    if (last === undefined || last.response.writableFinished) return false;
    return last.request.complete || last.response.headersSent;
  }
}

function refusalOf(code: string | undefined): Refusal<ProblemCode> | undefined {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return refuse('request-headers-too-large', { params: { limitBytes: maxHeaderSize } });
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return refuse('request-timed-out');
    default:
      // The connection itself has failed, and nobody is there to be told.
      return code?.startsWith('HPE_') === true ? refuse('request-malformed') : undefined;
  }
}

/** What the bytes say of languages, as far as they can be read. */
function acceptedLanguages(packet: unknown): string | undefined {
  if (!Buffer.isBuffer(packet)) return undefined;
  const [, languages] = /^accept-language:([^\r\n]*)/im.exec(packet.toString('latin1')) ?? [];
  return languages;
}

function response(
  refusal: Refusal,
  acceptLanguage: string | undefined,
  correlationId: string,
): string {
  const locale = localeOf(acceptLanguage);
  const problem = problemOf(refusal, { locale, correlationId, instance: '/' });
  const body = JSON.stringify(problem);
  return [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ''}`,
    `date: ${new Date().toUTCString()}`,
    `content-type: ${problemMediaType}; charset=utf-8`,
    `content-length: ${Buffer.byteLength(body)}`,
    `content-language: ${contentLanguages[locale]}`,
    `unionfold-correlation-id: ${correlationId}`,
    'cache-control: no-store',
    'x-content-type-options: nosniff',
    'connection: close',
    '',
    body,
  ].join('\r\n');
}
