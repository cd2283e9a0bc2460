import {
  createFileRegistry,
  type DescEnum,
  type DescExtension,
  type DescField,
  type DescFile,
  type DescMessage,
  type FileRegistry,
  getOption,
  hasOption,
  isMessage,
  ScalarType,
  toJson,
} from '@bufbuild/protobuf';
import type { FileDescriptorSet } from '@bufbuild/protobuf/wkt';

/** What a field holds in proto3 JSON; for an enum, the names it may hold. */
export type JsonKind =
  | 'string'
  | 'boolean'
  | 'int32'
  | 'int64'
  | 'number'
  | 'list'
  | 'object'
  | readonly string[];

/** A personal field and the field that tells whose it is, both by JSON name. */
export interface PersonalField {
  readonly field: string;
  readonly subjectField: string;
  /** How it can be searched for, where it can. */
  readonly search?: SearchMode;
}

/** Keyed hashes of the whole value, or also of its beginnings. */
export type SearchMode = (typeof searchModes)[number];

const searchModes = ['exact', 'beginning'] as const;

/** One domain event, as the proto files tell it. */
export interface CatalogueEvent {
  readonly name: string;
  readonly fullName: string;
  readonly version: number;
  readonly owner: string;
  readonly aggregate: string;
  readonly titleZh: string;
  readonly internal: boolean;
  readonly personal: readonly PersonalField[];
  readonly fields: readonly { readonly name: string; readonly kind: JsonKind }[];
  /** Path of the proto file without its suffix. */
  readonly file: string;
}

/** A message or enum that payloads are made of. */
export interface PayloadType {
  readonly name: string;
  readonly fullName: string;
  readonly file: string;
}

/** One version of a service's contracts: a package of proto files. */
export interface ContractPackage {
  readonly owner: string;
  readonly version: number;
  readonly files: readonly string[];
}

/** All that is derived from the descriptor set. */
export interface Catalogue {
  /** In order of full name. */
  readonly events: readonly CatalogueEvent[];
  /** Payloads, the messages in them and their enums, in order of name. */
  readonly types: readonly PayloadType[];
  readonly packages: readonly ContractPackage[];
}

/** The proto files break a rule of the catalogue. Says every breach at once, one a line. */
export class CatalogueError extends Error {
  override readonly name = 'CatalogueError';
  readonly breaches: readonly string[];

  constructor(breaches: readonly string[]) {
    super(`the proto files do not make an event catalogue:\n${breaches.join('\n')}`);
    this.breaches = breaches;
  }
}

const OPTIONS_PACKAGE = 'unionfold.options.v1';
const PACKAGE_NAME = /^unionfold\.([a-z][a-z0-9_]*)\.v([1-9][0-9]*)$/;

/**
 * Derives the event catalogue from a descriptor set that holds `unionfold/options/v1/options.proto`.
 *
 * @throws CatalogueError when an event has no aggregate or title, stands in a file with a service (its readers would
 * load gRPC) or in another message; when short names are not unique; when a personal field has no subject, a subject
 * is not a plain string field of the same message, or a personal field hides in a message inside an event
 */
export function deriveCatalogue(set: FileDescriptorSet): Catalogue {
  const registry = createFileRegistry(set);
  const options = eventOptions(registry);
  const breaches: string[] = [];

  const packages = contractPackages(registry);
  const events: CatalogueEvent[] = [];
  const types = new Map<string, PayloadType>();
  for (const message of messagesOf(registry)) {
    if (!hasOption(message, options.event)) continue;
    events.push(catalogueEvent(message, options, breaches));
    for (const type of payloadTypes(message, options, breaches)) types.set(type.fullName, type);
  }
  events.sort((a, b) => compare(a.fullName, b.fullName));
  const sortedTypes = [...types.values()].sort((a, b) => compare(a.fullName, b.fullName));
  breaches.push(...sharedNames(sortedTypes));

  if (breaches.length > 0) throw new CatalogueError(breaches);
  return { events, types: sortedTypes, packages };
}

interface EventOptions {
  readonly event: DescExtension;
  readonly personal: DescExtension;
  readonly subject: DescExtension;
  /** Absent where a set of files defines no such option. */
  readonly search: DescExtension | undefined;
}

function eventOptions(registry: FileRegistry): EventOptions {
  const find = (name: string): DescExtension => {
    const extension = registry.getExtension(`${OPTIONS_PACKAGE}.${name}`);
    if (extension === undefined) {
      throw new CatalogueError([`${OPTIONS_PACKAGE}.${name}: the option is not defined`]);
    }
    return extension;
  };
  return {
    event: find('event'),
    personal: find('personal'),
    subject: find('subject'),
    search: registry.getExtension(`${OPTIONS_PACKAGE}.search`),
  };
}

function contractPackages(registry: FileRegistry): ContractPackage[] {
  const packages = new Map<string, ContractPackage>();
  for (const file of registry.files) {
    const place = packagePlace(file);
    if (place === undefined || file.proto.package === OPTIONS_PACKAGE) continue;
    const files = [...(packages.get(file.proto.package)?.files ?? []), file.name].sort(compare);
    packages.set(file.proto.package, { ...place, files });
  }
  return [...packages.values()].sort((a, b) => compare(a.owner, b.owner) || a.version - b.version);
}

function packagePlace(file: DescFile): { owner: string; version: number } | undefined {
  const [, owner, version] = PACKAGE_NAME.exec(file.proto.package) ?? [];
  return owner === undefined ? undefined : { owner, version: Number(version) };
}

function* messagesOf(registry: FileRegistry): Generator<DescMessage> {
  for (const type of registry) {
    if (type.kind === 'message') yield type;
  }
}

function catalogueEvent(
  message: DescMessage,
  options: EventOptions,
  breaches: string[],
): CatalogueEvent {
  const place = packagePlace(message.file);
  if (place === undefined) {
    breaches.push(`${message.typeName}: the package must be named unionfold.<owner>.v<number>`);
  }
  if (message.parent !== undefined) {
    breaches.push(`${message.typeName}: an event must not stand inside another message`);
  }
  if (message.file.services.length > 0) {
    breaches.push(`${message.typeName}: an event must not stand in a file that has a service`);
  }
  const { aggregate, titleZh, internal } = eventOptionValues(message, options.event);
  if (aggregate === '') breaches.push(`${message.typeName}: the event option has no aggregate`);
  if (titleZh === '') breaches.push(`${message.typeName}: the event option has no title_zh`);
  return {
    name: message.name,
    fullName: message.typeName,
    version: place?.version ?? 0,
    owner: place?.owner ?? '',
    aggregate,
    titleZh,
    internal,
    personal: personalFields(message, options, breaches),
    fields: message.fields.map((field) => ({ name: field.jsonName, kind: jsonKind(field) })),
    file: message.file.name,
  };
}

function eventOptionValues(
  message: DescMessage,
  event: DescExtension,
): { aggregate: string; titleZh: string; internal: boolean } {
  const options: unknown = getOption(message, event);
  if (event.message === undefined || !isMessage(options, event.message)) {
    throw new CatalogueError([`${event.typeName}: the option must be a message`]);
  }
  const json = toJson(event.message, options);
  const values = typeof json === 'object' && json !== null && !Array.isArray(json) ? json : {};
  return {
    aggregate: String(values['aggregate'] ?? ''),
    titleZh: String(values['titleZh'] ?? ''),
    internal: values['internal'] === true,
  };
}

function personalFields(
  message: DescMessage,
  options: EventOptions,
  breaches: string[],
): PersonalField[] {
  const personal: PersonalField[] = [];
  for (const field of message.fields) {
    const place = `${message.typeName}.${field.name}`;
    const subjectName = hasOption(field, options.subject)
      ? String(getOption(field, options.subject))
      : '';
    const search = searchOf(field, options);
    if (search !== undefined && !isSearchMode(search)) {
      breaches.push(`${place}: ${search} is no way to search`);
      continue;
    }
    if (!isPersonal(field, options)) {
      if (search !== undefined) breaches.push(`${place}: is searched for, but is not personal`);
      if (subjectName !== '') breaches.push(`${place}: has a subject, but is not personal`);
      continue;
    }
    const subject = message.fields.find((other) => other.name === subjectName);
    if (subjectName === '') {
      breaches.push(`${place}: is personal, but has no subject`);
    } else if (subject === undefined) {
      breaches.push(`${place}: its subject ${subjectName} is no field of the message`);
    } else if (jsonKind(subject) !== 'string' || isPersonal(subject, options)) {
      breaches.push(`${place}: its subject ${subjectName} must be a plain string, not personal`);
    } else {
      personal.push({
        field: field.jsonName,
        subjectField: subject.jsonName,
        ...(search === undefined ? {} : { search }),
      });
    }
  }
  return personal;
}

function searchOf(field: DescField, { search }: EventOptions): string | undefined {
  return search !== undefined && hasOption(field, search)
    ? String(getOption(field, search))
    : undefined;
}

function isSearchMode(text: string): text is SearchMode {
  return (searchModes as readonly string[]).includes(text);
}

function isPersonal(field: DescField, options: EventOptions): boolean {
  return hasOption(field, options.personal) && getOption(field, options.personal) === true;
}

function payloadTypes(
  event: DescMessage,
  options: EventOptions,
  breaches: string[],
): PayloadType[] {
  const found = new Map<string, PayloadType>();
  const visit = (type: DescMessage | DescEnum): void => {
    if (found.has(type.typeName) || type.file.name.startsWith('google/')) return;
    found.set(type.typeName, {
      name: localName(type),
      fullName: type.typeName,
      file: type.file.name,
    });
    if (type.kind === 'enum') return;
    for (const field of type.fields) {
      // Only the event's own fields are encrypted, so a mark further inside would promise what nobody keeps.
      if (type !== event && isPersonal(field, options)) {
        breaches.push(
          `${type.typeName}.${field.name}: a personal field must stand in the event itself, not inside ${event.name}`,
        );
      }
      const inside = field.message ?? field.enum;
      if (inside !== undefined) visit(inside);
    }
  };
  visit(event);
  return [...found.values()];
}

/** The name ts-proto gives a type: nested names are joined by an underscore. */
function localName(type: DescMessage | DescEnum): string {
  return type.parent === undefined ? type.name : `${localName(type.parent)}_${type.name}`;
}

function sharedNames(types: readonly PayloadType[]): string[] {
  const byName = Map.groupBy(types, (type) => type.name);
  return [...byName]
    .filter(([, same]) => same.length > 1)
    .map(
      ([name, same]) => `${name}: the name is taken by ${same.map((t) => t.fullName).join(', ')}`,
    );
}

function jsonKind(field: DescField): JsonKind {
  switch (field.fieldKind) {
    case 'list':
      return 'list';
    case 'map':
    case 'message':
      return 'object';
    case 'enum':
      return field.enum.values.map((value) => value.name);
    case 'scalar':
      return scalarKind(field.scalar);
  }
}

function scalarKind(scalar: ScalarType): JsonKind {
  switch (scalar) {
    case ScalarType.STRING:
    case ScalarType.BYTES:
      return 'string';
    case ScalarType.BOOL:
      return 'boolean';
    case ScalarType.INT64:
    case ScalarType.UINT64:
    case ScalarType.SINT64:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return 'int64';
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return 'number';
    default:
      return 'int32';
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
