import {
  createFileRegistry,
  type DescField,
  type DescMessage,
  fromBinary,
  ScalarType,
  toJson,
} from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { descriptorSet } from '../descriptors.ts';
import * as members from '../generated/members.ts';
import * as notifications from '../generated/notifications.ts';
import * as organizations from '../generated/organizations.ts';
import * as welfare from '../generated/welfare.ts';
import {
  catalogue,
  type EventDescriptor,
  type EventOf,
  EventPayloadError,
  eventByName,
  Gender,
  HardshipDeclared,
  type JsonObject,
} from '../index.ts';

// Protobuf-ES reads the same descriptors on its own: the oracle for ts-proto's JSON and for the derivation.
const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, descriptorSet()));
const descriptors = [...catalogue.values()];
const services: Readonly<Record<string, object>> = {
  members,
  notifications,
  organizations,
  welfare,
};

describe('The event catalogue', () => {
  it('holds every message that carries the event option, under its full name', () => {
    // Field 50001 of MessageOptions, as unknown to a reader that does not know our options.
    const marked = [...registry]
      .filter((type) => type.kind === 'message')
      .filter((type) => type.proto.options?.$unknown?.some((field) => field.no === 50001))
      .map((type) => type.typeName);
    expect(marked.length).toBeGreaterThan(20);
    expect([...catalogue.keys()].toSorted()).toEqual(marked.toSorted());
    for (const [fullName, descriptor] of catalogue) expect(descriptor.fullName).toBe(fullName);
  });

  it('tells what the proto file tells', () => {
    const { toJson: _, fromJson: __, ...facts } = eventByName('MemberEnrolled');
    expect(facts).toEqual({
      name: 'MemberEnrolled',
      fullName: 'unionfold.members.v1.MemberEnrolled',
      version: 1,
      owner: 'members',
      aggregate: 'member',
      titleZh: '入会',
      internal: false,
      personal: [
        { field: 'name', subjectField: 'memberId', search: 'beginning' },
        { field: 'citizenNumber', subjectField: 'memberId' },
        { field: 'mobile', subjectField: 'memberId', search: 'exact' },
        { field: 'gender', subjectField: 'memberId' },
        { field: 'birthDate', subjectField: 'memberId' },
      ],
    });
    expect(eventByName('IdentityClaimed').internal).toBe(true);
    expect(eventByName('UnionMoved').personal).toEqual([]);
  });

  it('marks every field that carries the personal option', () => {
    const marked = [...registry]
      .filter((type) => type.kind === 'message')
      .flatMap((type) =>
        type.fields
          .filter((field) => field.proto.options?.$unknown?.some((option) => option.no === 50002))
          .map((field) => `${type.typeName}.${field.jsonName}`),
      );
    const listed = descriptors.flatMap((event) =>
      event.personal.map(({ field }) => `${event.fullName}.${field}`),
    );
    expect(marked.length).toBeGreaterThan(10);
    expect(listed.toSorted()).toEqual(marked.toSorted());
  });

  it('finds an event by its short name, and nothing by another', () => {
    for (const descriptor of descriptors) {
      expect(eventByName(descriptor.name)).toBe(descriptor);
    }
    expect(eventByName('UnionAbolished')).toBeUndefined();
    expect(eventByName('toString')).toBeUndefined();
  });

  it('types events by their names', () => {
    type Either = EventOf<'UnionRenamed' | 'MemberLeft'>;
    expectTypeOf<Extract<Either, { type: 'MemberLeft' }>['data']>().toHaveProperty('memberId');
    expectTypeOf<Extract<Either, { type: 'UnionRenamed' }>['data']>().not.toHaveProperty(
      'memberId',
    );
    expectTypeOf<EventDescriptor<'UnionRenamed'>>().toExtend<EventDescriptor>();
  });
});

describe('The JSON of an event', () => {
  it.each(descriptors)('is canonical and loses nothing: $fullName', (descriptor) => {
    const schema = messageSchema(descriptor.fullName);
    const codec = binaryCodec(descriptor);
    fc.assert(
      fc.property(payloadOf(schema), (payload) => {
        // The generated record has the descriptor's own fields; its type is known only at run time.
        const json = descriptor.toJson(payload as never);
        expect(json).toEqual(toJson(schema, fromBinary(schema, codec.encode(payload).finish())));
        expect(descriptor.fromJson(JSON.parse(JSON.stringify(json)) as JsonObject)).toEqual(
          payload,
        );
      }),
      { numRuns: 60 },
    );
  });

  it('writes int64 as text and enum values by name, and leaves defaults out', () => {
    const declared = HardshipDeclared.fromPartial({
      caseId: 'case-1',
      annualIncomeFen: 9_007_199_254_740_993n,
    });
    expect(eventByName('HardshipDeclared').toJson(declared)).toEqual({
      caseId: 'case-1',
      annualIncomeFen: '9007199254740993',
    });
    const enrolled = eventByName('MemberEnrolled').fromJson({ gender: 'GENDER_FEMALE' });
    expect(enrolled.gender).toBe(Gender.GENDER_FEMALE);
    expect(enrolled.citizenNumber).toBe('');
    expect(eventByName('MemberEnrolled').toJson(enrolled)).toEqual({ gender: 'GENDER_FEMALE' });
  });

  it('passes over fields of a later version, and takes null for a default', () => {
    const left = eventByName('MemberLeft').fromJson({
      memberId: 'm-1',
      laterField: 7,
      reason: null,
    });
    expect(left).toEqual({ memberId: 'm-1', unionId: '', reason: '' });
  });

  it.each([
    ['HardshipDeclared', { householdSize: 'ciphertext' }],
    ['HardshipDeclared', { householdSize: 1.5 }],
    ['HardshipDeclared', { annualIncomeFen: 'ciphertext' }],
    ['HardshipDeclared', { annualIncomeFen: 2 ** 53 }],
    ['HardshipDeclared', { consent: 'false' }],
    ['HardshipDeclared', { statement: 12 }],
    ['HardshipVerified', { checks: { name: 'income' } }],
    ['HardshipVerified', { category: true }],
    ['NoticePosted', { params: ['closed'] }],
    ['MemberEnrolled', { gender: 'GENDER_FROM_A_LATER_VERSION' }],
  ] as const)('refuses a field of another type instead of guessing: %s %j', (name, json) => {
    const descriptor: EventDescriptor = eventByName(name);
    expect(() => descriptor.fromJson(json)).toThrow(EventPayloadError);
    const [[field, value] = []] = Object.entries(json);
    expect(() => descriptor.fromJson(json)).toThrow(`${descriptor.fullName}: the field ${field} `);
    expect(() => descriptor.fromJson(json)).not.toThrow(String(value));
  });

  it('tells no value of a message inside an event either', () => {
    const json = { checks: [{ outcome: 'CHECK_OUTCOME_LATER' }] };
    expect(() => eventByName('HardshipVerified').fromJson(json)).toThrow(
      'unionfold.welfare.v1.HardshipVerified: a message in the event does not hold what its type allows',
    );
  });
});

function messageSchema(fullName: string): DescMessage {
  const schema = registry.getMessage(fullName);
  if (schema === undefined) throw new Error(`no message ${fullName}`);
  return schema;
}

interface BinaryCodec {
  encode(payload: unknown): { finish(): Uint8Array };
}

function binaryCodec({ owner, name }: EventDescriptor): BinaryCodec {
  const codec: unknown = Reflect.get(services[owner] ?? {}, name);
  return codec as BinaryCodec;
}

/** Payloads of a message with every field drawn at random, defaults included. */
function payloadOf(message: DescMessage): fc.Arbitrary<Record<string, unknown>> {
  return fc
    .record(Object.fromEntries(message.fields.map((field) => [field.localName, valuesOf(field)])))
    .map((payload) => ({ ...payload }));
}

function valuesOf(field: DescField): fc.Arbitrary<unknown> {
  switch (field.fieldKind) {
    case 'enum':
      return fc.constantFrom(...field.enum.values.map((value) => value.name));
    case 'message':
      return payloadOf(field.message);
    case 'map':
      // A plain object cannot have this key as its own; the generated code uses plain objects.
      return fc.dictionary(
        text.filter((key) => key !== '__proto__'),
        text,
      );
    case 'list':
      return fc.array(listed(field), { maxLength: 4 });
    case 'scalar':
      return scalarOf(field.scalar);
  }
}

function listed(field: DescField & { readonly fieldKind: 'list' }): fc.Arbitrary<unknown> {
  switch (field.listKind) {
    case 'message':
      return payloadOf(field.message);
    case 'enum':
      return fc.constantFrom(...field.enum.values.map((value) => value.name));
    case 'scalar':
      return scalarOf(field.scalar);
  }
}

// Whole characters only: half a surrogate pair has no UTF-8.
const text = fc.string({ unit: 'grapheme' });

function scalarOf(scalar: ScalarType): fc.Arbitrary<unknown> {
  switch (scalar) {
    case ScalarType.STRING:
      return text;
    case ScalarType.BOOL:
      return fc.boolean();
    case ScalarType.INT32:
      return fc.oneof(fc.constant(0), fc.integer());
    case ScalarType.INT64:
      return fc.oneof(fc.constant(0n), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }));
    default:
      throw new Error(`no values for scalar type ${scalar}`);
  }
}
