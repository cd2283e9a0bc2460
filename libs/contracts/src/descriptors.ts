import { readFileSync } from 'node:fs';

/**
 * The `google.protobuf.FileDescriptorSet` of all contracts, imports included, in binary form: for gRPC reflection and
 * for readers that have no generated code.
 */
export function descriptorSet(): Buffer {
  return readFileSync(new URL('./generated/descriptors.binpb', import.meta.url));
}
