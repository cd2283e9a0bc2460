import {
  describeProblem,
  isProblemCode,
  type Locale,
  type ProblemCode,
  problems,
} from '@unionfold/contracts/problems';
import type { Refusal } from '@unionfold/eventsourcing';
import Type, { type Static } from 'typebox';

/** The media type of problem documents (RFC 9457). */
export const problemMediaType = 'application/problem+json';

/** A problem document (RFC 9457). */
export const Problem = Type.Object(
  {
    type: Type.String({
      description: '稳定的问题类型 | Stable: `/problems/<code>`, which explains it.',
    }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    code: Type.String({ description: '稳定的代码 | Stable, for programs.' }),
    remedy: Type.String({ description: '处理办法 | What the caller can do.' }),
    instance: Type.String({ description: '请求路径 | The path asked for.' }),
    correlationId: Type.String(),
    errors: Type.Optional(
      Type.Array(
        Type.Object({
          field: Type.String(),
          reason: Type.String(),
          code: Type.String(),
        }),
      ),
    ),
  },
  {
    $id: 'Problem',
    examples: [
      {
        type: '/problems/field-missing',
        title: '缺少必填项',
        status: 422,
        detail: '字段 name 为必填项。',
        code: 'field-missing',
        remedy: '请填写该字段后重新提交。',
        instance: '/api/v1/unions',
        correlationId: '4bf92f3577b34da6a3ce929d0e0e4736',
        errors: [{ field: 'name', reason: '字段 name 为必填项。', code: 'field-missing' }],
      },
    ],
  },
);

/** See {@link Problem}. */
export type ProblemDocument = Static<typeof Problem>;

/** One field at fault, with the code that says why. */
export interface Fault {
  readonly field: string;
  readonly code: ProblemCode;
  readonly params?: Readonly<Record<string, string | number>>;
}

/** Where and to whom a problem is told. */
export interface Telling {
  readonly locale: Locale;
  /** The path asked for, without its query. */
  readonly instance: string;
  readonly correlationId: string;
}

/** Where a problem is explained; the `type` of its documents. */
export function problemType(code: string): string {
  return `/problems/${code}`;
}

/** Tells a refusal; a code that the registry does not have is an internal error. */
export function problemOf(refusal: Refusal, telling: Telling): ProblemDocument {
  const { refused: code, field } = refusal;
  if (!isProblemCode(code)) return internalError(telling);
  const params = { ...(field === undefined ? {} : { field }), ...refusal.params };
  const document = tell(code, params, telling);
  if (field === undefined) return document;
  return { ...document, errors: [{ field, reason: document.detail, code }] };
}

/** Tells what is wrong with a request: a single fault by its own code, several as `validation-failed`. */
export function problemOfFaults(faults: readonly Fault[], telling: Telling): ProblemDocument {
  const errors = faults.map(({ field, code, params }) => ({
    field,
    reason: describeProblem(code, telling.locale, { field, ...params }).detail,
    code,
  }));
  const [only] = faults;
  const document =
    only !== undefined && faults.length === 1
      ? tell(only.code, { field: only.field, ...only.params }, telling)
      : tell('validation-failed', { count: faults.length }, telling);
  return { ...document, errors };
}

/** Something unforeseen: nothing of it is told but the number under which the log has it. */
export function internalError(telling: Telling): ProblemDocument {
  return tell('internal-error', { traceId: telling.correlationId }, telling);
}

function tell(
  code: ProblemCode,
  params: Readonly<Record<string, string | number>>,
  { locale, instance, correlationId }: Telling,
): ProblemDocument {
  const { title, detail, remedy } = describeProblem(code, locale, params);
  const status = problems[code].http;
  return { type: problemType(code), title, status, detail, code, remedy, instance, correlationId };
}
