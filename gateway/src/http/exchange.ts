import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { Locale } from '@unionfold/contracts/problems';
import type { CommandAccepted } from '@unionfold/contracts/types';
import type { Refusal } from '@unionfold/eventsourcing';
import type { CallOrigin } from '@unionfold/service-kit';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  RawServerDefault,
} from 'fastify';
import Type, { type Static } from 'typebox';
import type { Caller, Role } from '../identity/caller.ts';
import { idempotencyKey } from './command-headers.ts';
import { positionHeader, positionToken } from './position-token.ts';
import type { Telling } from './problem-document.ts';
import { granted } from './refused.ts';

declare module 'fastify' {
  interface FastifyRequest {
    locale: Locale;
    correlationId: string;
    traceparent: string;
    /** Null until the bearer token was read, and on public routes. */
    caller: Caller | null;
  }
  interface FastifyContextConfig {
    /** Who may call; everybody who is signed in when it is absent. */
    readonly roles?: readonly Role[];
    /** Media types of the body. Default JSON. */
    readonly accepts?: readonly string[];
  }
}

/** The server as the routes see it. */
export type Api = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/** Who calls, on routes behind the sign-in. */
export function callerOf(request: Pick<FastifyRequest, 'caller'>): Caller {
  if (request.caller === null) throw new Error('a route behind the sign-in has no caller');
  return request.caller;
}

type Originator = Pick<FastifyRequest, 'caller' | 'correlationId' | 'traceparent'>;

/** What a query to a service carries. */
export function queryOrigin(request: Originator): CallOrigin {
  const { caller, correlationId, traceparent } = request;
  return { actor: caller?.subject ?? 'anonymous', correlationId, traceparent };
}

/**
 * What a command to a service carries.
 * @throws Refused when the `Idempotency-Key` cannot be one
 */
export function commandOrigin(request: Originator & Pick<FastifyRequest, 'headers'>): CallOrigin {
  const origin = queryOrigin(request);
  const key = idempotencyKey(origin.actor, request.headers['idempotency-key']);
  return { ...origin, ...(key === undefined ? {} : { idempotencyKey: key }) };
}

/** Where and to whom the problems of a request are told. */
export function tellingOf(
  request: Pick<FastifyRequest, 'locale' | 'correlationId' | 'url'>,
): Telling {
  const { locale, correlationId } = request;
  return { locale, correlationId, instance: request.url.split('?', 1)[0] ?? '/' };
}

/** The answer to a command. */
export const Accepted = Type.Object(
  {
    id: Type.String(),
    version: Type.Integer({ description: '变更后的版本 | The version after the change.' }),
    position: Type.String({
      description:
        '位置标记:查询时随 Unionfold-Position 请求头附上,即可读到此变更 | ' +
        'Send it with a query in the header Unionfold-Position, and the answer shows this change.',
    }),
  },
  {
    $id: 'Accepted',
    examples: [{ id: '01k2ab3cd4ef5gh6jk7m', version: 2, position: 'organizations/0/123' }],
  },
);

/**
 * Tells the caller that a command was accepted.
 * @param path of the thing that the command made; the answer is then 201 with `Location`
 * @throws Refused when the service refused
 */
export function accepted(
  reply: Pick<FastifyReply, 'header' | 'raw' | 'status'>,
  answer: CommandAccepted | Refusal,
  path?: (id: string) => string,
): Static<typeof Accepted> {
  const { id, version, positions } = granted(answer);
  const position = positionToken(positions);
  if (position !== '') reply.header(positionHeader, position);
  if (path !== undefined) reply.status(201).header('location', path(encodeURIComponent(id)));
  return { id, version: Number(version), position };
}
