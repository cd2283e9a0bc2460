import { parseDate } from '@unionfold/codes';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import type { FastifySchemaCompiler } from 'fastify';
import type { TSchema } from 'typebox';
import type { Fault } from './problem-document.ts';

/** The request does not have the form that its schema asks for. */
export class RequestInvalid extends Error {
  override readonly name = 'RequestInvalid';

  constructor(readonly faults: readonly Fault[]) {
    super('request invalid');
  }
}

/**
 * Validates requests by the schemas that make the API document. Bodies are taken as they are: nothing is converted and
 * nothing left out, so that no misspelt field passes unseen. Texts in addresses are converted to numbers and booleans.
 * All faults are found, not just the first.
 */
export function requestValidator(): FastifySchemaCompiler<TSchema> {
  const strict = validatorWith(false);
  const converting = validatorWith(true);
  return ({ schema, httpPart }) => {
    // Headers are read where they are used; their schemas only document them.
    if (httpPart === 'headers') return () => true;
    const body = httpPart === 'body';
    const validate: ValidateFunction = (body ? strict : converting).compile(schema);
    return (data: unknown) => {
      if (validate(data)) return { value: data };
      return { error: new RequestInvalid(faultsOf(validate.errors ?? [], body ? 'body' : '')) };
    };
  };
}

function validatorWith(coerceTypes: boolean): Ajv2020 {
  const ajv = new Ajv2020({ allErrors: true, verbose: true, coerceTypes, useDefaults: false });
  ajv.addFormat('date', { type: 'string', validate: (text: string) => parseDate(text).ok });
  return ajv;
}

/**
 * What the validator found, in the problem registry's words. Values are never repeated: they may be personal.
 * @param whole how the whole is called where no field can be named
 */
export function faultsOf(errors: readonly ErrorObject[], whole: string): Fault[] {
  const faults = new Map<string, Fault>();
  for (const error of errors) {
    const fault = faultOf(error, whole);
    const id = `${fault.field} ${fault.code}`;
    if (!faults.has(id)) faults.set(id, fault);
  }
  return [...faults.values()];
}

function faultOf(error: ErrorObject, whole: string): Fault {
  const place = error.instancePath.split('/').slice(1).map(unescapePointer);
  const at = (name?: string) => [...place, ...(name === undefined ? [] : [name])].join('.');
  const field = at() || whole;
  const { params } = error;
  switch (error.keyword) {
    case 'required':
      return { field: at(String(params['missingProperty'])), code: 'field-missing' };
    case 'additionalProperties':
      return { field: at(String(params['additionalProperty'])), code: 'unknown-field' };
    case 'type':
      // An absent body reaches the validator as null.
      return error.instancePath === '' && error.data === null
        ? { field, code: 'field-missing' }
        : { field, code: 'field-type-wrong', params: { expected: typeNames(params['type']) } };
    case 'enum':
      return valueNotAllowed(field, params['allowedValues']);
    case 'const':
      return valueNotAllowed(field, [params['allowedValue']]);
    case 'minLength':
      return { field, code: 'field-missing' };
    case 'maxLength':
      return { field, code: 'text-too-long', params: { maximum: Number(params['limit']) } };
    case 'minimum':
    case 'maximum':
      return { field, code: 'field-out-of-range', params: rangeOf(error.parentSchema) };
    case 'format':
      return params['format'] === 'date'
        ? { field, code: 'date-invalid' }
        : formatWrong(field, params['format']);
    default:
      return formatWrong(field, error.keyword);
  }
}

function valueNotAllowed(field: string, allowed: unknown): Fault {
  const values = Array.isArray(allowed) ? allowed.join(', ') : String(allowed);
  return { field, code: 'field-value-not-allowed', params: { allowed: values } };
}

function formatWrong(field: string, expected: unknown): Fault {
  return { field, code: 'field-format-wrong', params: { expected: String(expected) } };
}

function typeNames(type: unknown): string {
  return Array.isArray(type) ? type.join(' | ') : String(type);
}

function rangeOf(schema: unknown): { minimum: string; maximum: string } {
  const { minimum = '-∞', maximum = '∞' } = (schema ?? {}) as Record<string, number | string>;
  return { minimum: String(minimum), maximum: String(maximum) };
}

/** RFC 6901. */
function unescapePointer(segment: string): string {
  return segment.replaceAll('~1', '/').replaceAll('~0', '~');
}
