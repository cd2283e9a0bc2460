import type { Aggregate, CommandSession } from '@unionfold/eventsourcing';
import {
  type NoteSubordinate,
  type SubordinatesEvent,
  type SubordinatesState,
  subordinatesDecider,
} from './decider.ts';

type Register = Aggregate<SubordinatesState, NoteSubordinate, SubordinatesEvent>;

/** The registers of direct subordinates that one command looks into or writes in. */
export class Registers {
  readonly #session: CommandSession;
  readonly #loaded = new Map<string, Register>();

  constructor(session: CommandSession) {
    this.#session = session;
  }

  /** Who stands directly below; nobody else comes or goes until the command is appended. Asked before it is written. */
  async list(unionId: string): Promise<readonly string[]> {
    const register = await this.#session.load(subordinatesDecider, unionId);
    this.#loaded.set(unionId, register);
    return [...register.state.unionIds];
  }

  admit(parentId: string, unionId: string): void {
    this.#note(parentId, { type: 'SubordinateAdmitted', data: { parentId, unionId } });
  }

  release(parentId: string, unionId: string): void {
    this.#note(parentId, { type: 'SubordinateReleased', data: { parentId, unionId } });
  }

  #note(parentId: string, entry: SubordinatesEvent): void {
    const register = this.#loaded.get(parentId);
    if (register === undefined) this.#session.append('subordinates', parentId, [entry]);
    else register.decide({ type: 'NoteSubordinate', entry });
  }
}
