import { type ProblemCode, problems } from '@unionfold/contracts/problems';
import type { FastifyContextConfig } from 'fastify';
import Type, { type Static, type TObject, type TProperties, type TSchema } from 'typebox';
import type { Role } from '../identity/caller.ts';
import { Problem, problemMediaType } from './problem-document.ts';

/** What makes a route and its place in the API document; everything that is checked is described by the same schemas. */
export interface OperationParts {
  readonly id: string;
  readonly tag: string;
  readonly summary: { readonly zh: string; readonly en: string };
  readonly description?: string;
  /** Who may call; everybody who is signed in when it is absent. */
  readonly roles?: readonly Role[];
  /** Needs no sign-in. */
  readonly isPublic?: boolean;
  /** A command: takes `Idempotency-Key`, and with `guarded` also `If-Match`. */
  readonly command?: 'plain' | 'guarded';
  readonly params?: TSchema;
  readonly querystring?: TObject<TProperties>;
  readonly body?: TSchema;
  /** Media types of a body that is no JSON. */
  readonly consumes?: readonly string[];
  readonly answer: TSchema;
  readonly answerDescription?: string;
  /** 201 for commands that make something, 202 for work that has only begun. Default 200. */
  readonly status?: 200 | 201 | 202;
  /** Other statuses that the same answer comes with, and what they mean. */
  readonly alsoAs?: Readonly<Record<number, string>>;
  /** What it may refuse with, beside what every route may. */
  readonly problems?: readonly ProblemCode[];
}

type Validated<Parts extends OperationParts> = Pick<
  Parts,
  Extract<keyof Parts, 'params' | 'querystring' | 'body'>
> & {
  readonly response: {
    readonly 200: Parts['answer'];
    readonly 201: Parts['answer'];
    readonly 202: Parts['answer'];
  };
};

/** Query fields that every route behind the sign-in takes. */
const positionField = {
  position: Type.Optional(
    Type.String({
      maxLength: 2_048,
      description: '同 Unionfold-Position 请求头 | The same as the header Unionfold-Position.',
    }),
  ),
};

const everywhere: readonly ProblemCode[] = [
  'unknown-field',
  'validation-failed',
  'too-many-requests',
  'internal-error',
];
const signedIn: readonly ProblemCode[] = [
  'unauthenticated',
  'token-malformed',
  'token-expired',
  'position-token-invalid',
  'read-model-behind',
];
const withBody: readonly ProblemCode[] = [
  'malformed-json',
  'body-too-large',
  'unsupported-media-type',
  'field-missing',
  'field-type-wrong',
];
const commands: readonly ProblemCode[] = [
  'idempotency-key-invalid',
  'idempotency-key-reused',
  'service-unavailable',
];

/** Fastify's options of a route from what describes it. */
export function operation<const Parts extends OperationParts>(
  parts: Parts,
): { readonly schema: Validated<Parts>; readonly config: FastifyContextConfig } {
  const { id, tag, summary, description, answer, status = 200, isPublic = false } = parts;
  const fields = { ...parts.querystring?.properties, ...(isPublic ? {} : positionField) };
  const required = parts.querystring?.required;
  const schema = {
    operationId: id,
    tags: [tag],
    summary: `${summary.zh} · ${summary.en}`,
    ...(description === undefined ? {} : { description }),
    ...(isPublic ? { security: [] } : {}),
    ...(parts.params === undefined ? {} : { params: parts.params }),
    ...(parts.body === undefined ? {} : { body: parts.body }),
    ...(parts.consumes === undefined ? {} : { consumes: parts.consumes }),
    querystring: Type.Unsafe({
      type: 'object',
      properties: fields,
      ...(required === undefined ? {} : { required }),
      additionalProperties: false,
    }),
    headers: headersOf(parts),
    response: {
      [status]: { description: parts.answerDescription ?? summary.en, ...referenced(answer) },
      ...Object.fromEntries(
        Object.entries(parts.alsoAs ?? {}).map(([other, meaning]) => [
          other,
          { description: meaning, ...referenced(answer) },
        ]),
      ),
      ...problemResponses(problemsOf(parts)),
    },
  };
  const config: FastifyContextConfig = {
    ...(parts.roles === undefined ? {} : { roles: parts.roles }),
    ...(parts.consumes === undefined ? {} : { accepts: parts.consumes }),
  };
  // What TypeScript is told of the schema are the parts that type a handler; the rest only documents.
  return { schema: schema as unknown as Validated<Parts>, config };
}

/** A schema that the API document holds once, by its `$id`, wherever it is used. */
export function reference<Schema extends TSchema>(schema: Schema) {
  const { $id } = schema as { readonly $id?: string };
  if ($id === undefined) throw new Error('only a schema with an $id can be referred to');
  return Type.Unsafe<Static<Schema>>({ $ref: `${$id}#` });
}

/** A text that is one of several. */
export function textEnum<const Values extends readonly string[]>(
  values: Values,
  description?: string,
) {
  return Type.Unsafe<Values[number]>({
    type: 'string',
    enum: [...values],
    ...(description === undefined ? {} : { description }),
  });
}

/** A body that takes exactly these fields. */
export function body<Fields extends TProperties>(
  fields: Fields,
  options: { readonly examples?: readonly unknown[] } = {},
) {
  return Type.Object(fields, { additionalProperties: false, ...options });
}

/** Of a command that says all it has to say by its address: no body, or an empty object. */
export const noBody = Type.Unsafe<Record<string, never> | null>({
  type: ['object', 'null'],
  properties: {},
  additionalProperties: false,
});

function referenced(schema: TSchema): object {
  return '$id' in schema && typeof schema['$id'] === 'string'
    ? { $ref: `${schema['$id']}#` }
    : { ...schema };
}

function headersOf({ command, isPublic }: OperationParts): TSchema {
  return Type.Object({
    'Accept-Language': Type.Optional(
      Type.String({ description: 'zh(默认)或 en | zh (default) or en', examples: ['zh-CN'] }),
    ),
    ...(isPublic === true
      ? {}
      : {
          'Unionfold-Position': Type.Optional(
            Type.String({
              description:
                '等到查询数据包含这些位置 | Wait until the read model holds these positions.',
            }),
          ),
        }),
    ...(command === undefined
      ? {}
      : {
          'Idempotency-Key': Type.Optional(
            Type.String({
              description:
                '同一键重试只办理一次 | With the same key again, the first result comes back.',
            }),
          ),
        }),
    ...(command === 'guarded'
      ? {
          'If-Match': Type.Optional(
            Type.String({
              description: '读到的版本,如 "3" | The version that was read, such as "3".',
            }),
          ),
        }
      : {}),
  });
}

function problemsOf(parts: OperationParts): ProblemCode[] {
  return [
    ...new Set([
      ...(parts.problems ?? []),
      ...everywhere,
      ...(parts.isPublic === true ? [] : signedIn),
      ...(parts.roles === undefined ? [] : (['forbidden'] as const)),
      ...(parts.body === undefined ? [] : withBody),
      ...(parts.command === undefined ? [] : commands),
      ...(parts.command === 'guarded' ? (['version-conflict'] as const) : []),
    ]),
  ];
}

/** One response a status, which names the codes that come with it. */
function problemResponses(codes: readonly ProblemCode[]): Record<string, object> {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of codes) {
    const { http } = problems[code];
    byStatus.set(http, [...(byStatus.get(http) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus]
      .toSorted(([a], [b]) => a - b)
      .map(([status, names]) => [
        String(status),
        {
          description: names.map((name) => `\`${name}\` ${problems[name].title.en}`).join('; '),
          content: { [problemMediaType]: { schema: reference(Problem) } },
        },
      ]),
  );
}
