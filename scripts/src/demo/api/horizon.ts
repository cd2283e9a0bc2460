/** How far the platform's log was after everything that was said to it: what the next query must have seen. */
export class Horizon {
  readonly #furthest = new Map<string, number>();

  /** Takes in the position token of a command's answer: `members/0/12,organizations/3/4`. */
  pass(token: string): void {
    for (const entry of token.split(',')) {
      const cut = entry.lastIndexOf('/');
      const place = entry.slice(0, cut);
      const position = Number(entry.slice(cut + 1));
      if (position > (this.#furthest.get(place) ?? 0)) this.#furthest.set(place, position);
    }
  }

  /** The token of all that was passed; empty before the first command. */
  token(): string {
    return [...this.#furthest].map(([place, position]) => `${place}/${position}`).join(',');
  }
}
