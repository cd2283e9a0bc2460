import { eventDescriptors } from '../generated/catalogue.ts';
import type { EventDescriptor, EventName } from './event-descriptor.ts';

/** Every domain event by its full name, as the proto files define them. */
export const catalogue: ReadonlyMap<string, EventDescriptor> = new Map(
  eventDescriptors.map((descriptor) => [descriptor.fullName, descriptor]),
);

const byName: ReadonlyMap<string, EventDescriptor> = new Map(
  eventDescriptors.map((descriptor) => [descriptor.name, descriptor]),
);

/** Finds an event by its short name; undefined for a name that no event has. */
export function eventByName<Name extends EventName>(name: Name): EventDescriptor<Name>;
export function eventByName(name: string): EventDescriptor | undefined;
export function eventByName(name: string): EventDescriptor | undefined {
  return byName.get(name);
}
