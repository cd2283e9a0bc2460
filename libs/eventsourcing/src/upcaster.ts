import type { JsonObject } from './json.ts';

/** Turns the payload of an old event version into that of the next one. Pure; the stored event stays as it is. */
export interface Upcaster {
  /** Full type name that it reads: `unionfold.organizations.v1.UnionRenamed`. */
  readonly from: string;
  /** Full type name that it makes. */
  readonly to: string;
  readonly upcast: (data: JsonObject) => JsonObject;
}

/** The upcasters of a service, applied one after another until none reads the type any more. */
export class UpcasterChain {
  readonly #steps: ReadonlyMap<string, Upcaster>;

  /** @throws when two upcasters read the same type, or when they go in a circle */
  constructor(upcasters: readonly Upcaster[]) {
    this.#steps = new Map(upcasters.map((step) => [step.from, step]));
    if (this.#steps.size !== upcasters.length) throw new Error('two upcasters read the same type');
    for (const start of this.#steps.keys()) {
      const seen = new Set<string>();
      for (
        let type: string | undefined = start;
        type !== undefined;
        type = this.#steps.get(type)?.to
      ) {
        if (seen.has(type)) throw new Error(`upcasters go in a circle at ${type}`);
        seen.add(type);
      }
    }
  }

  /** Whether events of this type are turned into others. */
  reads(type: string): boolean {
    return this.#steps.has(type);
  }

  /** The newest form of an event. */
  upcast(type: string, data: JsonObject): { readonly type: string; readonly data: JsonObject } {
    let current = { type, data };
    for (
      let step = this.#steps.get(type);
      step !== undefined;
      step = this.#steps.get(current.type)
    ) {
      current = { type: step.to, data: step.upcast(current.data) };
    }
    return current;
  }
}
