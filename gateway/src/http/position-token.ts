import type { Position } from '@unionfold/contracts/types';
import { type ConsumerPosition, eventsTopic } from '@unionfold/eventsourcing';
import { serviceNames } from '@unionfold/service-kit';

/** The header in which a position token comes and goes. */
export const positionHeader = 'unionfold-position';

const services = new Set<string>(serviceNames);
const entryShape = /^([a-z]{1,32})\/(\d{1,5})\/(\d{1,16})$/;
/** Positions in one token at most: a client may join the tokens of several commands. */
const mostEntries = 64;

/** A text that says how far the log was after a command: `organizations/0/123,members/0/9`; empty for no positions. */
export function positionToken(positions: readonly Position[]): string {
  return positions
    .map(({ service, partition, position }) => `${service}/${partition}/${position}`)
    .join(',');
}

/**
 * Reads a token.
 * @returns for every topic and partition the highest position; undefined when the text is no token
 */
export function parsePositionToken(text: string): ConsumerPosition[] | undefined {
  const entries = text.split(',');
  if (entries.length > mostEntries) return undefined;
  const highest = new Map<string, ConsumerPosition>();
  for (const entry of entries) {
    const [, service = '', partition, position] = entryShape.exec(entry.trim()) ?? [];
    if (!services.has(service) || !Number.isSafeInteger(Number(position))) return undefined;
    const read = {
      topic: eventsTopic(service),
      partition: Number(partition),
      position: Number(position),
    };
    const place = `${service}/${read.partition}`;
    if ((highest.get(place)?.position ?? 0) < read.position) highest.set(place, read);
  }
  return [...highest.values()];
}

/** The last position of each partition among many, as after a command that was many commands. */
export class LastPositions {
  readonly #last = new Map<string, Position>();

  add(positions: readonly Position[]): void {
    for (const position of positions) {
      const place = `${position.service}/${position.partition}`;
      const before = this.#last.get(place);
      if (before === undefined || before.position < position.position) {
        this.#last.set(place, position);
      }
    }
  }

  list(): readonly Position[] {
    return [...this.#last.values()];
  }

  /** See {@link positionToken}. */
  token(): string {
    return positionToken(this.list());
  }
}
