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

type Keys = ReadonlyMap<string, PersonKey>;

/** Between deciders' events and the log: canonical proto3 JSON, personal fields sealed with the person's own key. */
export class ProtoEventCodec implements EventCodec {
  readonly #keys: KeyRing;
  readonly #cipher = new FieldCipher();
  readonly #upcasters: UpcasterChain;

  /**
   * @param upcasters by full type names. What they get is open, so that they can change personal fields as well; only
   * of a type that the catalogue does not have any more the personal fields are sealed texts, and must keep their
   * names and subjects.
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
    return sealed.map((event) => {
      if ('undecodable' in event) return event;
      return this.#open(openPersonal ? event : { ...event, personal: [] }, keys, broken);
    });
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

  #open(
    { recorded, type, data, personal }: SealedEvent,
    keys: Keys,
    broken: ReadonlyMap<string, WrappedKeyError>,
  ): DecodedEvent | UndecodableEvent {
    try {
      let current = { type, data };
      if (personal.length > 0) {
        for (const { subjectField } of broken.size > 0 ? personal : []) {
          const failure = broken.get(String(data[subjectField]));
          if (failure !== undefined) throw failure;
        }
        // Sealed under the type that was recorded, whatever it is called now.
        const sealed = { type: recorded.type, data };
        current = { type, data: openFields(this.#cipher, sealed, personal, keys).data };
      }
      if (this.#upcasters.reads(type)) current = this.#upcasters.upcast(type, current.data);
      const descriptor = catalogue.get(current.type);
      if (descriptor === undefined) {
        return { undecodable: `unknown event type ${current.type}`, recorded };
      }
      const event = { type: descriptor.name, data: descriptor.fromJson(current.data) };
      return { event, recorded };
    } catch (error) {
      return { undecodable: reasonOf(error), recorded };
    }
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

/** These tell what is wrong without telling a value. Of any other error, such as an upcaster's, nobody knows. */
const discreet = [UnsealError, PersonalFieldError, EventPayloadError, WrappedKeyError];

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  return discreet.some((kind) => error instanceof kind) ? error.message : error.name;
}
