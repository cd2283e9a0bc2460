import type { Catalogue, CatalogueEvent, ContractPackage } from './derive-catalogue.ts';

const HEADER = '// Derived from proto/ by generate/main.ts. DO NOT EDIT.\n';

/** Renders `catalogue.ts`: the payload of every event by its name, and the descriptors. */
export function renderCatalogue({ events }: Catalogue): string {
  const files = [...new Set(events.map((event) => event.file))];
  const moduleOf = (event: CatalogueEvent): string => `events${files.indexOf(event.file)}`;
  const imports = files.map((file, n) => `import * as events${n} from './${file}.ts';`);
  const payloads = events.map(
    (event) => `  readonly ${event.name}: ${moduleOf(event)}.${event.name};`,
  );
  const descriptors = events.map((event) => {
    const { name, file: _, fields, ...rest } = event;
    const kinds = Object.fromEntries(fields.map((field) => [field.name, field.kind]));
    return `  describeEvent('${name}', ${moduleOf(event)}.${name}, ${JSON.stringify({ ...rest, fields: kinds })}),`;
  });
  return [
    HEADER,
    "import { describeEvent } from '../catalogue/describe-event.ts';",
    "import type { EventDescriptor } from '../catalogue/event-descriptor.ts';",
    ...imports,
    '',
    "/** Every event's payload by the event's short name. */",
    'export interface EventPayloads {',
    ...payloads,
    '}',
    '',
    'export const eventDescriptors: readonly EventDescriptor[] = [',
    ...descriptors,
    '];',
    '',
  ].join('\n');
}

/** Renders `payloads.ts`: the payload types and all that is in them, by name. */
export function renderPayloads({ types }: Catalogue): string {
  const byFile = Map.groupBy(types, (type) => type.file);
  const exports = [...byFile].map(
    ([file, inFile]) =>
      `export { ${inFile.map((type) => type.name).join(', ')} } from './${file}.ts';`,
  );
  return [HEADER, ...exports, ''].join('\n');
}

/** Renders the entry of one package: all that its proto files define. */
export function renderPackage({ files }: ContractPackage): string {
  return [HEADER, ...files.map((file) => `export * from './${file}.ts';`), ''].join('\n');
}

/** The name of a package's entry: `members`, and `members-v2` for later versions. */
export function packageEntry({ owner, version }: ContractPackage): string {
  const name = owner.replaceAll('_', '-');
  return version === 1 ? name : `${name}-v${version}`;
}
