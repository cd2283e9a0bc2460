import {
  create,
  createFileRegistry,
  type DescExtension,
  fromBinary,
  type MessageInitShape,
  setExtension,
} from '@bufbuild/protobuf';
import {
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  type FieldOptions,
  FieldOptionsSchema,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  type MessageOptions,
  MessageOptionsSchema,
} from '@bufbuild/protobuf/wkt';
import { describe, expect, it } from 'vitest';
import { breakingEventChanges } from '../../generate/compare-catalogues.ts';
import {
  type Catalogue,
  CatalogueError,
  deriveCatalogue,
} from '../../generate/derive-catalogue.ts';
import { descriptorSet } from '../descriptors.ts';

const released = fromBinary(FileDescriptorSetSchema, descriptorSet());
const releasedRegistry = createFileRegistry(released);
const optionFiles = released.file.filter((file) =>
  ['google/protobuf/descriptor.proto', 'unionfold/options/v1/options.proto'].includes(file.name),
);

interface FieldSpec {
  readonly name: string;
  readonly personal?: boolean;
  readonly subject?: string;
  /** Full name of a message, for a field that holds one. */
  readonly message?: string;
  readonly type?: FieldDescriptorProto_Type;
}

interface MessageSpec {
  readonly name: string;
  readonly event?: {
    readonly aggregate?: string;
    readonly titleZh?: string;
    readonly internal?: boolean;
  };
  readonly fields: readonly FieldSpec[];
  readonly nested?: readonly MessageSpec[];
}

interface FileSpec {
  readonly package: string;
  readonly messages: readonly MessageSpec[];
  readonly service?: string;
}

const ofPerson = { personal: true, subject: 'person_id' };
const greeted: MessageSpec = {
  name: 'PersonGreeted',
  event: { aggregate: 'person', titleZh: '问候' },
  fields: [{ name: 'person_id' }, { name: 'full_name', ...ofPerson }],
};
const greetings: FileSpec = { package: 'unionfold.greetings.v2', messages: [greeted] };

describe('Deriving the catalogue', () => {
  it('takes name, version, owner and personal fields from a message with the event option', () => {
    const plain: MessageSpec = { name: 'NoEvent', fields: [{ name: 'full_name' }] };
    const { events, packages } = derive({ ...greetings, messages: [greeted, plain] });
    expect(events).toEqual([
      {
        name: 'PersonGreeted',
        fullName: 'unionfold.greetings.v2.PersonGreeted',
        version: 2,
        owner: 'greetings',
        aggregate: 'person',
        titleZh: '问候',
        internal: false,
        personal: [{ field: 'fullName', subjectField: 'personId' }],
        fields: [
          { name: 'personId', kind: 'string' },
          { name: 'fullName', kind: 'string' },
        ],
        file: 'unionfold/greetings/v2/events',
      },
    ]);
    expect(packages).toEqual([
      { owner: 'greetings', version: 2, files: ['unionfold/greetings/v2/events'] },
    ]);
  });

  it('refuses two events of one short name, whichever services they belong to', () => {
    const elsewhere: FileSpec = { package: 'unionfold.visits.v1', messages: [greeted] };
    expect(breaches(greetings, elsewhere)).toEqual([
      'PersonGreeted: the name is taken by unionfold.greetings.v2.PersonGreeted, unionfold.visits.v1.PersonGreeted',
    ]);
  });

  it.each<[string, FieldSpec[], string]>([
    [
      'a personal field without a subject',
      [{ name: 'full_name', personal: true }],
      'full_name: is personal, but has no subject',
    ],
    [
      'a subject that does not exist',
      [{ name: 'full_name', personal: true, subject: 'nobody_id' }],
      'full_name: its subject nobody_id is no field of the message',
    ],
    [
      'a subject that is personal itself',
      [{ name: 'person_id', personal: true, subject: 'person_id' }],
      'person_id: its subject person_id must be a plain string, not personal',
    ],
    [
      'a subject that is a number',
      [
        { name: 'person_id', type: FieldDescriptorProto_Type.INT64 },
        { name: 'full_name', ...ofPerson },
      ],
      'full_name: its subject person_id must be a plain string, not personal',
    ],
    [
      'a subject on a field that is not personal',
      [{ name: 'person_id' }, { name: 'full_name', subject: 'person_id' }],
      'full_name: has a subject, but is not personal',
    ],
  ])('refuses %s', (_, fields, breach) => {
    expect(breaches({ ...greetings, messages: [{ ...greeted, fields }] })).toEqual([
      `unionfold.greetings.v2.PersonGreeted.${breach}`,
    ]);
  });

  it('refuses a personal field that hides in a message inside an event', () => {
    const inside: MessageSpec = {
      name: 'Address',
      fields: [{ name: 'person_id' }, { name: 'street', ...ofPerson }],
    };
    const outside: MessageSpec = {
      ...greeted,
      fields: [...greeted.fields, { name: 'address', message: '.unionfold.greetings.v2.Address' }],
    };
    expect(breaches({ ...greetings, messages: [outside, inside] })).toEqual([
      'unionfold.greetings.v2.Address.street: a personal field must stand in the event itself, not inside PersonGreeted',
    ]);
  });

  it('refuses an event without an aggregate or a title', () => {
    expect(breaches({ ...greetings, messages: [{ ...greeted, event: {} }] })).toEqual([
      'unionfold.greetings.v2.PersonGreeted: the event option has no aggregate',
      'unionfold.greetings.v2.PersonGreeted: the event option has no title_zh',
    ]);
  });

  it('refuses an event in a package without a version', () => {
    expect(breaches({ ...greetings, package: 'unionfold.greetings' })).toEqual([
      'unionfold.greetings.PersonGreeted: the package must be named unionfold.<owner>.v<number>',
    ]);
  });

  it('refuses an event in a file with a service, or inside another message', () => {
    expect(breaches({ ...greetings, service: 'GreetingsService' })).toEqual([
      'unionfold.greetings.v2.PersonGreeted: an event must not stand in a file that has a service',
    ]);
    const outer: MessageSpec = { name: 'Outer', fields: [], nested: [greeted] };
    expect(breaches({ ...greetings, messages: [outer] })).toEqual([
      'unionfold.greetings.v2.Outer.PersonGreeted: an event must not stand inside another message',
    ]);
  });
});

describe('Comparing catalogues', () => {
  const before = derive(greetings);

  it('accepts new fields and new events', () => {
    const more: MessageSpec = {
      ...greeted,
      fields: [...greeted.fields, { name: 'nickname', ...ofPerson }],
    };
    const another: MessageSpec = { ...greeted, name: 'PersonThanked' };
    expect(
      breakingEventChanges(before, derive({ ...greetings, messages: [more, another] })),
    ).toEqual([]);
  });

  it.each<[string, MessageSpec[], string]>([
    ['an event that is gone', [], 'is no event any more'],
    [
      'another aggregate',
      [{ ...greeted, event: { ...greeted.event, aggregate: 'guest' } }],
      'the aggregate was person and is guest',
    ],
    [
      'an event that turns internal',
      [{ ...greeted, event: { ...greeted.event, internal: true } }],
      'was public and is internal',
    ],
    [
      'a field that is no longer personal',
      [{ ...greeted, fields: [{ name: 'person_id' }, { name: 'full_name' }] }],
      'fullName was personal and is not',
    ],
    [
      'another subject',
      [
        {
          ...greeted,
          fields: [
            { name: 'person_id' },
            { name: 'full_name', personal: true, subject: 'guest_id' },
            { name: 'guest_id' },
          ],
        },
      ],
      'the subject of fullName was personId and is guestId',
    ],
  ])('refuses %s', (_, messages, change) => {
    expect(breakingEventChanges(before, derive({ ...greetings, messages }))).toEqual([
      `unionfold.greetings.v2.PersonGreeted: ${change}`,
    ]);
  });

  it('refuses a field that becomes personal: it lies in the log in plaintext', () => {
    const open = { ...greeted, fields: [{ name: 'person_id' }, { name: 'full_name' }] };
    expect(breakingEventChanges(derive({ ...greetings, messages: [open] }), before)).toEqual([
      'unionfold.greetings.v2.PersonGreeted: fullName was not personal and is',
    ]);
  });
});

function derive(...files: FileSpec[]): Catalogue {
  return deriveCatalogue(
    create(FileDescriptorSetSchema, { file: [...optionFiles, ...files.map(fileProto)] }),
  );
}

function breaches(...files: FileSpec[]): readonly string[] {
  try {
    derive(...files);
  } catch (error) {
    if (error instanceof CatalogueError) return error.breaches;
    throw error;
  }
  throw new Error('the catalogue was derived without a complaint');
}

function fileProto(spec: FileSpec) {
  return create(FileDescriptorProtoSchema, {
    name: `${spec.package.replaceAll('.', '/')}/events.proto`,
    package: spec.package,
    syntax: 'proto3',
    dependency: ['unionfold/options/v1/options.proto'],
    messageType: spec.messages.map(messageProto),
    service: spec.service === undefined ? [] : [{ name: spec.service }],
  });
}

type FileInit = MessageInitShape<typeof FileDescriptorProtoSchema>;
type MessageInit = NonNullable<FileInit['messageType']>[number];

function messageProto(spec: MessageSpec): MessageInit {
  const options: MessageOptions = create(MessageOptionsSchema);
  if (spec.event !== undefined) {
    const event = option('event');
    if (event.message === undefined) throw new Error('the event option is a message');
    setExtension(options, event, create(event.message, spec.event));
  }
  return {
    name: spec.name,
    options,
    field: spec.fields.map(fieldProto),
    nestedType: (spec.nested ?? []).map(messageProto),
  };
}

function fieldProto(spec: FieldSpec, index: number) {
  const options: FieldOptions = create(FieldOptionsSchema);
  if (spec.personal !== undefined) setExtension(options, option('personal'), spec.personal);
  if (spec.subject !== undefined) setExtension(options, option('subject'), spec.subject);
  return {
    name: spec.name,
    jsonName: spec.name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    number: index + 1,
    label: FieldDescriptorProto_Label.OPTIONAL,
    type:
      spec.message === undefined
        ? (spec.type ?? FieldDescriptorProto_Type.STRING)
        : FieldDescriptorProto_Type.MESSAGE,
    typeName: spec.message ?? '',
    options,
  };
}

function option(name: string): DescExtension {
  const extension = releasedRegistry.getExtension(`unionfold.options.v1.${name}`);
  if (extension === undefined) throw new Error(`no option ${name}`);
  return extension;
}
