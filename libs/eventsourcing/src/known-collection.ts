import type { Document } from './document-store.ts';

/** What is known of a document. */
export interface Entry {
  readonly document: Document | undefined;
  readonly dirty: boolean;
}

/** What is known of the documents of one collection, and which of them stand below a path. */
export class KnownCollection {
  readonly #entries = new Map<string, Entry>();
  /** Of the fields that were asked for as paths. */
  readonly #below = new Map<string, DocumentsBelow>();

  has(id: string): boolean {
    return this.#entries.has(id);
  }

  get(id: string): Entry | undefined {
    return this.#entries.get(id);
  }

  /** @param entry undefined to forget it */
  set(id: string, entry: Entry | undefined): void {
    const before = this.#below.size === 0 ? undefined : this.#entries.get(id);
    if (entry === undefined) this.#entries.delete(id);
    else this.#entries.set(id, entry);
    for (const [field, below] of this.#below) {
      below.move(id, pathOf(before?.document, field), pathOf(entry?.document, field));
    }
  }

  all(): Iterable<[string, Entry]> {
    return this.#entries;
  }

  /** The documents whose path in the field starts so, and maybe others. */
  startingWith(field: string, path: string): Iterable<string> {
    // Steps are what is looked up by; a path that ends within one is rare.
    if (!path.endsWith('/')) return [...this.#entries.keys()];
    return this.#belowIn(field).of(path);
  }

  #belowIn(field: string): DocumentsBelow {
    const known = this.#below.get(field);
    if (known !== undefined) return known;
    const below = new DocumentsBelow();
    for (const [id, { document }] of this.#entries) {
      below.move(id, undefined, pathOf(document, field));
    }
    this.#below.set(field, below);
    return below;
  }
}

/** Documents by every step of their path: a move of a subtree among many documents must not look at all of them. */
class DocumentsBelow {
  readonly #ids = new Map<string, Set<string>>();

  of(path: string): string[] {
    return [...(this.#ids.get(path) ?? [])];
  }

  move(id: string, from: string | undefined, to: string | undefined): void {
    if (from === to) return;
    for (const step of steps(from)) {
      const ids = this.#ids.get(step);
      ids?.delete(id);
      if (ids?.size === 0) this.#ids.delete(step);
    }
    for (const step of steps(to)) {
      const ids = this.#ids.get(step);
      if (ids === undefined) this.#ids.set(step, new Set([id]));
      else ids.add(id);
    }
  }
}

function pathOf(document: Document | undefined, field: string): string | undefined {
  const path = document?.[field];
  return typeof path === 'string' ? path : undefined;
}

/** The beginnings of a path that end with a slash. */
function* steps(path = ''): Generator<string> {
  for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) {
    yield path.slice(0, at + 1);
  }
}
