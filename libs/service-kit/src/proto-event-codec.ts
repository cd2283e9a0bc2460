import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  catalogue,
  EventPayloadError,
  eventByName,
  type PersonalField,
} from '@unionfold/contracts';
import {
  type DecodedEvent,
  type DecodeOptions,
  type DomainEvent,
  type EventCodec,
  type JsonObject,
  type RecordedEvent,
  type UndecodableEvent,
  type Upcaster,
  UpcasterChain,
} from '@unionfold/eventsourcing';
import {
  FieldCipher,
  fieldContext,
  type KeyRing,
  openFields,
  PersonalFieldError,
  type PersonKey,
  sealFields,
  subjectsOf,
  UnsealError,
  WrappedKeyError,
} from '@unionfold/privacy';

/** An event on its way out of the log, still sealed. */
interface SealedEvent {
  readonly recorded: RecordedEvent;
  /** The form that it has so far: as recorded, or upcast where only the newer form is known. */
  readonly type: string;
  readonly data: JsonObject;
  readonly personal: readonly PersonalField[];
}

/** Events opened before everybody else gets a turn; some 7 ms. */
const stretch = 500;

type Keys = ReadonlyMap<string, PersonKey>;

/** Between deciders' events and the log: canonical proto3 JSON, personal fields sealed with the person's own key. */
export class ProtoEventCodec implements EventCodec {
  readonly #keys: KeyRing;
  readonly #cipher = new FieldCipher();
  readonly #upcasters: UpcasterChain;

  /**
   * @param upcasters by full type names. What they get is open, so that they can change personal fields as well, but
   * these are absent for readers that do not open them, and for persons who were forgotten. Of a type that the catalogue
   * does not have any more they are sealed, and must keep their names and their subject's.
   */
  constructor(keys: KeyRing, upcasters: readonly Upcaster[] = []) {
    this.#keys = keys;
    this.#upcasters = new UpcasterChain(upcasters);
  }

  isPublic(type: string): boolean {
    return isPublicEvent(type);
  }

  /**
   * See {@link EventCodec.encode}.
   * @throws KeyDestroyedError when an event tells something of a person who was forgotten
   */
  async encode(
    events: readonly DomainEvent[],
  ): Promise<readonly { readonly type: string; readonly data: JsonObject }[]> {
    const subjects = new Set<string>();
    const plain = events.map((event) => {
      const descriptor = eventByName(event.type);
      if (descriptor === undefined) throw new Error(`no event ${event.type} in the catalogue`);
      const data = descriptor.toJson(event.data as never);
      addSubjects(data, descriptor.personal, subjects);
      return { type: descriptor.fullName, data, personal: descriptor.personal };
    });
    if (subjects.size === 0) return plain.map(({ type, data }) => ({ type, data }));
    const keys = await this.#keys.ensureKeys(subjects);
    return plain.map(({ type, data, personal }) => {
      if (personal.length === 0) return { type, data };
      const sealed = sealFields(this.#cipher, { type, data }, personal, keys);
      const index = this.#indexOf(data, personal);
      return { type, data: index.length === 0 ? sealed : { ...sealed, [searchIndexField]: index } };
    });
  }

  /** The keyed hashes of the fields that can be searched for. */
  #indexOf(data: JsonObject, personal: readonly PersonalField[]): string[] {
    return personal.flatMap(({ field, search }) => {
      const value = data[field];
      if (search === undefined || typeof value !== 'string') return [];
      return this.#keys.searchIndex.termsOf(field, search, value);
    });
  }

  /** See {@link EventCodec.decode}. Fields of a person who was forgotten are absent, and so have their defaults. */
  async decode(
    events: readonly RecordedEvent[],
    { openPersonal }: DecodeOptions = { openPersonal: true },
  ): Promise<readonly (DecodedEvent | UndecodableEvent)[]> {
    const subjects = new Set<string>();
    const sealed = events.map((recorded) => this.#prepare(recorded, subjects));
    if (!openPersonal) subjects.clear();
    const { keys, broken } = await this.#keysFor(subjects);
    const opened: (DecodedEvent | UndecodableEvent)[] = [];
    for (const event of sealed) {
      opened.push('undecodable' in event ? event : this.#decode(event, openPersonal, keys, broken));
      // Opening is work for the processor alone: a rebuild's batch at one go would hold up every request for long.
      if (opened.length % stretch === 0 && opened.length < sealed.length) await nextTurn();
    }
    return opened;
  }

  /** Finds out what is sealed, and with whose keys. */
  #prepare(recorded: RecordedEvent, subjects: Set<string>): SealedEvent | UndecodableEvent {
    const { type, data } = recorded;
    const known = catalogue.get(type);
    try {
      if (known !== undefined) {
        addSubjects(data, known.personal, subjects);
        return { recorded, type, data, personal: known.personal };
      }
      const upcast = this.#upcasters.upcast(type, data);
      const personal = catalogue.get(upcast.type)?.personal;
      if (personal === undefined) return { undecodable: `unknown event type ${type}`, recorded };
      addSubjects(upcast.data, personal, subjects);
      return { recorded, ...upcast, personal };
    } catch (error) {
      return { undecodable: reasonOf(error), recorded };
    }
  }

  #decode(
    event: SealedEvent,
    openPersonal: boolean,
    keys: Keys,
    broken: ReadonlyMap<string, WrappedKeyError>,
  ): DecodedEvent | UndecodableEvent {
    const { recorded, type, personal } = event;
    try {
      let current = { type, data: event.data };
      if (personal.length > 0) {
        const data = openPersonal ? this.#open(event, keys, broken) : unopened(event);
        current = { type, data };
      }
      if (this.#upcasters.reads(type)) current = this.#upcasters.upcast(type, current.data);
      const descriptor = catalogue.get(current.type);
      if (descriptor === undefined) {
        return { undecodable: `unknown event type ${current.type}`, recorded };
      }
      return {
        event: { type: descriptor.name, data: descriptor.fromJson(current.data) },
        recorded,
      };
    } catch (error) {
      return { undecodable: reasonOf(error), recorded };
    }
  }

  #open(
    { recorded, data, personal }: SealedEvent,
    keys: Keys,
    broken: ReadonlyMap<string, WrappedKeyError>,
  ): JsonObject {
    if (broken.size > 0) {
      for (const subject of subjectsOf(data, personal)) {
        const failure = broken.get(subject);
        if (failure !== undefined) throw failure;
      }
    }
    // Sealed under the type that was recorded, whatever it is called now.
    return openFields(this.#cipher, { type: recorded.type, data }, personal, keys).data;
  }

  /** One damaged key must not hide the events of all others. */
  async #keysFor(
    subjects: ReadonlySet<string>,
  ): Promise<{ readonly keys: Keys; readonly broken: ReadonlyMap<string, WrappedKeyError> }> {
    const broken = new Map<string, WrappedKeyError>();
    if (subjects.size === 0) return { keys: new Map(), broken };
    try {
      return { keys: await this.#keys.keysFor(subjects), broken };
    } catch (error) {
      if (!(error instanceof WrappedKeyError)) throw error;
    }
    const keys = new Map<string, PersonKey>();
    for (const subject of subjects) {
      try {
        for (const [found, key] of await this.#keys.keysFor([subject])) keys.set(found, key);
      } catch (error) {
        if (!(error instanceof WrappedKeyError)) throw error;
        broken.set(subject, error);
      }
    }
    return { keys, broken };
  }
}

/** Where the log has the keyed hashes of personal fields that can be searched for, beside the sealed text. */
export const searchIndexField = '_index';

/** Whether other services get events of this full type name; an unknown one is passed on, so that it is noticed. */
export function isPublicEvent(type: string): boolean {
  return catalogue.get(type)?.internal !== true;
}

function addSubjects(
  data: JsonObject,
  personal: readonly PersonalField[],
  subjects: Set<string>,
): void {
  if (personal.length === 0) return;
  for (const subject of subjectsOf(data, personal)) subjects.add(subject);
}

/** The payload without anything personal. What stands in plain in a sealed field's place was not left there by us. */
function unopened({ recorded, data, personal }: SealedEvent): JsonObject {
  const forged = personal.find(({ field }) => data[field] !== undefined);
  if (forged === undefined) return data;
  const { field, subjectField } = forged;
  throw new UnsealError(
    'malformed',
    fieldContext(recorded.type, field, String(data[subjectField])),
  );
}

/** These tell what is wrong without telling a value. Of any other error, such as an upcaster's, nobody knows. */
const discreet = [UnsealError, PersonalFieldError, EventPayloadError, WrappedKeyError];

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  return discreet.some((kind) => error instanceof kind) ? error.message : error.name;
}
