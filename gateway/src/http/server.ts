import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { Logger } from '@unionfold/service-kit';
import Fastify, { type FastifyRequest, type FastifyServerOptions } from 'fastify';
import type { Api } from './exchange.ts';
import { answerFailure, answerUnroutable } from './failures.ts';
import { contentLanguages, localeOf } from './locale.ts';
import { refused } from './refused.ts';
import { traceOf } from './trace.ts';
import { UnreadableRequests } from './unreadable-requests.ts';
import { requestValidator } from './validation.ts';

/** Settings of the HTTP server. */
export interface ServerOptions {
  readonly logger: Logger;
  /** Largest JSON body, in bytes. */
  readonly bodyBytes: number;
}

/** Longest time that a client may take to send its request, in milliseconds. */
const requestTimeout = 120_000;

/** Ids are far shorter; what is longer is no id. */
const maxParamLength = 200;

/** The HTTP server without routes: languages, traces, bodies, validation, problem documents, the log of requests. */
export function httpServer({ logger, bodyBytes }: ServerOptions): Api {
  const compileSchema = requestValidator();
  // As the factory, not by setValidatorCompiler: a scope that adds schemas of its own would fall back to the default.
  // Fastify's type admits its own factories alone.
  const schemaController = {
    compilersFactory: { buildValidator: () => compileSchema },
  } as unknown as NonNullable<FastifyServerOptions['schemaController']>;
  const unreadable = new UnreadableRequests(logger);
  const api = Fastify({
    schemaController,
    // Node.js would refuse a request without a host by itself, and without a problem document.
    http: { requireHostHeader: false },
    clientErrorHandler: (error, socket) => unreadable.answer(error, socket),
    logger: false,
    bodyLimit: bodyBytes,
    requestTimeout,
    routerOptions: { maxParamLength, ignoreTrailingSlash: false },
    // A request that comes while the server closes is answered by the hook below, as a problem document.
    return503OnClosing: false,
    frameworkErrors: (_error, request, reply) => answerUnroutable(request, reply),
  }).withTypeProvider<TypeBoxTypeProvider>();

  unreadable.watch(api.server);

  let closing = false;
  api.addHook('preClose', async () => {
    closing = true;
  });
  api.decorateRequest('locale', 'zh');
  api.decorateRequest('correlationId', '');
  api.decorateRequest('traceparent', '');
  api.decorateRequest('caller', null);
  api.addHook('onRequest', async (request, reply) => {
    request.locale = localeOf(request.headers['accept-language']);
    const { correlationId, traceparent } = traceOf(headerText(request, 'traceparent'));
    request.correlationId = correlationId;
    request.traceparent = traceparent;
    reply.headers({
      'unionfold-correlation-id': correlationId,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      // What is answered is for this caller and this moment; pages say otherwise themselves.
      'cache-control': 'no-store',
      vary: 'Accept-Language',
      'content-language': contentLanguages[request.locale],
    });
    if (request.raw.httpVersion === '1.1' && request.headers.host === undefined) {
      reply.header('connection', 'close');
      throw refused('request-malformed');
    }
    if (closing) throw refused('service-unavailable', { params: { service: 'gateway' } });
  });
  api.addHook('onResponse', async (request, reply) => {
    // The route, not the address: what stands in an address is nobody's business.
    logger.debug(
      {
        method: request.method,
        route: request.routeOptions.url,
        status: reply.statusCode,
        milliseconds: Math.round(reply.elapsedTime * 10) / 10,
        actor: request.caller?.subject,
        correlationId: request.correlationId,
      },
      'request',
    );
  });

  api.removeAllContentTypeParsers();
  api.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    async (_request: unknown, body: unknown) => parseJson(body as Buffer),
  );
  api.setErrorHandler((error, request, reply) => answerFailure(error, request, reply, logger));
  api.setNotFoundHandler(() => {
    throw refused('not-found');
  });
  return api as unknown as Api;
}

/** Answers other methods of the addresses that there are with `method-not-allowed`. To be called before any route. */
export function refuseOtherMethods(api: Api): () => void {
  const methods = new Map<string, Set<string>>();
  api.addHook('onRoute', ({ url, method }) => {
    const known = methods.get(url) ?? new Set();
    for (const one of [method].flat()) known.add(one);
    methods.set(url, known);
  });
  return () => {
    for (const [url, known] of [...methods]) {
      const allowed = [...known].toSorted().join(', ');
      const others = everyMethod.filter((method) => !known.has(method));
      if (others.length === 0) continue;
      api.route({
        method: others,
        url,
        schema: { hide: true },
        onRequest: async (_request, reply) => {
          reply.header('allow', allowed);
          throw refused('method-not-allowed', { params: { allowed } });
        },
        handler: async () => undefined,
      });
    }
  };
}

const everyMethod = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

const utf8 = new TextDecoder('utf-8', { fatal: true });

function parseJson(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined;
  try {
    // Bytes that are no UTF-8 are no JSON (RFC 8259, 8.1): replaced characters would go into the log for ever.
    return JSON.parse(utf8.decode(bytes));
  } catch {
    throw refused('malformed-json');
  }
}

function headerText(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
}
