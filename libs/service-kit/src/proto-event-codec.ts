import { catalogue, eventByName, type PersonalField } from '@unionfold/contracts';
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
import { FieldCipher, type KeyRing, openFields, sealFields, subjectsOf } from '@unionfold/privacy';

/** Between deciders' events and the log: canonical proto3 JSON, personal fields sealed with the person's own key. */
export class ProtoEventCodec implements EventCodec {
  readonly #keys: KeyRing;
  readonly #cipher = new FieldCipher();
  readonly #upcasters: UpcasterChain;

  constructor(keys: KeyRing, upcasters: readonly Upcaster[] = []) {
    this.#keys = keys;
    this.#upcasters = new UpcasterChain(upcasters);
  }

  isPublic(type: string): boolean {
    return isPublicEvent(type);
  }

  async encode(
    events: readonly DomainEvent[],
  ): Promise<readonly { readonly type: string; readonly data: JsonObject }[]> {
    const plain = events.map((event) => {
      const descriptor = eventByName(event.type);
      if (descriptor === undefined) throw new Error(`no event ${event.type} in the catalogue`);
      return { descriptor, data: descriptor.toJson(event.data as never) };
    });
    const keys = await this.#keys.ensureKeys(
      plain.flatMap(({ descriptor, data }) => [...subjectsOf(data, descriptor.personal)]),
    );
    return plain.map(({ descriptor, data }) => {
      const { fullName: type, personal } = descriptor;
      if (personal.length === 0) return { type, data };
      const sealed = sealFields(this.#cipher, { type, data }, personal, keys);
      const index = this.#indexOf(personal, data);
      return { type, data: index.length === 0 ? sealed : { ...sealed, [searchIndexField]: index } };
    });
  }

  #indexOf(personal: readonly PersonalField[], data: JsonObject): string[] {
    return personal.flatMap(({ field, search }) => {
      const value = data[field];
      if (search === undefined || typeof value !== 'string') return [];
      return this.#keys.searchIndex.termsOf(field, search, value);
    });
  }

  async decode(
    events: readonly RecordedEvent[],
    { openPersonal }: DecodeOptions = { openPersonal: true },
  ): Promise<readonly (DecodedEvent | UndecodableEvent)[]> {
    const current = events.map((recorded) => ({
      recorded,
      ...this.#upcasters.upcast(recorded.type, recorded.data),
    }));
    const subjects = current.flatMap(({ type, data }) => [
      ...subjectsOf(data, catalogue.get(type)?.personal ?? []),
    ]);
    const keys = openPersonal ? await this.#keys.keysFor(subjects) : noKeys;
    return current.map(({ recorded, type, data }): DecodedEvent | UndecodableEvent => {
      const descriptor = catalogue.get(type);
      if (descriptor === undefined) return { undecodable: `unknown event type ${type}`, recorded };
      try {
        const open =
          descriptor.personal.length === 0
            ? data
            : !openPersonal
              ? data
              : openFields(this.#cipher, { type, data }, descriptor.personal, keys).data;
        return { event: { type: descriptor.name, data: descriptor.fromJson(open) }, recorded };
      } catch (error) {
        return { undecodable: error instanceof Error ? error.message : String(error), recorded };
      }
    });
  }
}

/** Where the log has the keyed hashes of personal fields that can be searched for, beside the sealed text. */
export const searchIndexField = '_index';

const noKeys = new Map<string, never>();

/** Whether other services get events of this full type name; an unknown one is passed on, so that it is noticed. */
export function isPublicEvent(type: string): boolean {
  return catalogue.get(type)?.internal !== true;
}
