import { readFileSync } from 'node:fs';
import { fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { type Catalogue, deriveCatalogue } from './derive-catalogue.ts';

/**
 * Derives the catalogue from a file that holds a descriptor set, or an image of buf (which is one, with more).
 *
 * @throws CatalogueError as {@link deriveCatalogue} does
 */
export function readCatalogue(file: string): Catalogue {
  return deriveCatalogue(fromBinary(FileDescriptorSetSchema, readFileSync(file)));
}
