import { type FieldCipher, fieldContext, UnsealError } from './field-cipher.ts';
import type { JsonObject, JsonValue } from './json.ts';
import type { PersonKey } from './person-key.ts';

/** A field that tells something about a person, and the field of the same object that says whom. JSON names. */
export interface PersonalField {
  readonly field: string;
  readonly subjectField: string;
}

/** An event's payload with its full type name. */
export interface TypedJson {
  readonly type: string;
  readonly data: JsonObject;
}

/** A payload with its personal fields readable again. */
export interface OpenedFields {
  readonly data: JsonObject;
  /** Fields that are left out because their person was forgotten. */
  readonly erased: readonly string[];
}

/** A personal field cannot be sealed or opened: a bug of the caller, so that nothing goes into the log in plain. */
export class PersonalFieldError extends Error {
  override readonly name = 'PersonalFieldError';

  constructor(
    readonly reason: 'no-subject' | 'no-key',
    readonly type: string,
    readonly field: string,
  ) {
    super(
      reason === 'no-subject'
        ? `${type}.${field} is personal, but its subject is absent`
        : `${type}.${field} is personal, but there is no key for its subject`,
    );
  }
}

/** The persons whom the fields present in an object are about: whose keys are needed. */
export function subjectsOf(data: JsonObject, personal: readonly PersonalField[]): Set<string> {
  const subjects = new Set<string>();
  for (const { field, subjectField } of personal) {
    const subject = data[subjectField];
    if (data[field] !== undefined && typeof subject === 'string' && subject !== '') {
      subjects.add(subject);
    }
  }
  return subjects;
}

/**
 * A copy of the payload with its personal fields sealed; fields that are absent stay absent.
 *
 * @param keys the keys of {@link subjectsOf} the payload
 * @throws PersonalFieldError when a field's subject is absent or has no key
 */
export function sealFields(
  cipher: FieldCipher,
  { type, data }: TypedJson,
  personal: readonly PersonalField[],
  keys: ReadonlyMap<string, PersonKey>,
): JsonObject {
  const sealed: Record<string, JsonValue | undefined> = { ...data };
  for (const { field, subjectField } of personal) {
    const value = data[field];
    if (value === undefined) continue;
    const subject = requiredSubject(type, data, field, subjectField);
    const key = keys.get(subject);
    if (key === undefined) throw new PersonalFieldError('no-key', type, field);
    sealed[field] = cipher.seal(key, fieldContext(type, field, subject), value);
  }
  return sealed;
}

/**
 * A copy of the payload with its personal fields opened.
 *
 * @param keys the keys of {@link subjectsOf} the payload that exist; without its key a field counts as erased
 * @throws UnsealError when a field is not sealed, or does not open
 * @throws PersonalFieldError when a field's subject is absent
 */
export function openFields(
  cipher: FieldCipher,
  { type, data }: TypedJson,
  personal: readonly PersonalField[],
  keys: ReadonlyMap<string, PersonKey>,
): OpenedFields {
  const opened: Record<string, JsonValue | undefined> = { ...data };
  const erased: string[] = [];
  for (const { field, subjectField } of personal) {
    const text = data[field];
    if (text === undefined) continue;
    const subject = requiredSubject(type, data, field, subjectField);
    const context = fieldContext(type, field, subject);
    // Plain text in a sealed field's place was not written by sealFields: taking it would let anybody forge it.
    if (typeof text !== 'string') throw new UnsealError('malformed', context);
    const key = keys.get(subject);
    if (key === undefined) {
      delete opened[field];
      erased.push(field);
    } else {
      opened[field] = cipher.open(key, context, text);
    }
  }
  return { data: opened, erased };
}

function requiredSubject(
  type: string,
  data: JsonObject,
  field: string,
  subjectField: string,
): string {
  const subject = data[subjectField];
  if (typeof subject === 'string' && subject !== '') return subject;
  throw new PersonalFieldError('no-subject', type, field);
}
