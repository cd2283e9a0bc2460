import type { PackageDefinition } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import { descriptorSet } from '@unionfold/contracts/descriptors';

/** `repeated FileDescriptorProto file = 1`, length-delimited. */
const fileTag = 0x0a;

/**
 * gRPC reflection over the contracts as they were compiled. proto-loader, through which the package is usually fed,
 * merges the files of a package and drops what they import: with that no client could put the descriptors together.
 *
 * @param services full names of the services to list
 */
export function reflection(services: readonly string[]): ReflectionService {
  return new ReflectionService(asPackage(filesOf(descriptorSet())), { services: [...services] });
}

/** Of a package definition, the reflection reads the files of its entries only. */
function asPackage(fileDescriptorProtos: readonly Buffer[]): PackageDefinition {
  const contracts = { fileDescriptorProtos: [...fileDescriptorProtos] };
  return { contracts } as unknown as PackageDefinition;
}

/** The files of a `google.protobuf.FileDescriptorSet`, which has no other field. */
function filesOf(set: Buffer): Buffer[] {
  const files: Buffer[] = [];
  for (let at = 0; at < set.length; ) {
    if (set[at] !== fileTag) throw new Error('not a file descriptor set');
    at += 1;
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = set.readUInt8(at);
      at += 1;
      length += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    files.push(set.subarray(at, at + length));
    at += length;
  }
  return files;
}
