import { setTimeout as sleep } from 'node:timers/promises';
import { type CommandHandler, isRefusal, type ReadModel } from '@unionfold/eventsourcing';
import type { Logger, ServiceTask } from '@unionfold/service-kit';
import { chinaDate } from '../../china-date.ts';
import { committeeDecider } from '../decider.ts';
import { warningMonthsOf } from '../term-rules/term-rules.ts';
import type { DueWarningDocument } from './due-warnings-projection.ts';

/** Unions that are read before they are warned and the next ones are read. */
const pageSize = 100;

/** What the warnings work with. */
export interface TermWarningsEnvironment {
  readonly commands: Pick<CommandHandler, 'execute'>;
  /** The read model of due warnings. */
  readonly due: Pick<ReadModel, 'find'>;
  readonly clock: () => Date;
  readonly logger: Pick<Logger, 'warn'>;
  /** Pause between two looks at the head of the due list, in milliseconds. Default one minute. */
  readonly pauseMs?: number;
}

/**
 * Warns unions that their term ends, on the day that the rules say (换届预警). A look reads the head of a list that is
 * ordered by day, whatever the number of unions. Every replica looks: which of them is first does not matter, because a
 * committee that has been warned decides that nothing is to be done.
 */
export class TermWarnings implements ServiceTask {
  readonly #environment: TermWarningsEnvironment;
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;

  constructor(environment: TermWarningsEnvironment) {
    this.#environment = environment;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  /**
   * Warns all that are due today.
   * @returns how many warnings were looked at
   */
  async warnDue(): Promise<number> {
    const { due, clock } = this.#environment;
    const today = chinaDate(clock());
    let after: readonly string[] | undefined;
    for (let looked = 0; ; ) {
      const page = (await due.find('due_warnings', {
        orderBy: ['on', 'id'],
        limit: pageSize,
        ...(after === undefined ? {} : { after }),
      })) as readonly DueWarningDocument[];
      const ripe = page.filter(({ on }) => on <= today);
      for (const union of ripe) {
        if (this.#stopping.signal.aborted) return looked;
        await this.#warn(union, today);
        looked += 1;
      }
      const last = page.at(-1);
      if (last === undefined || ripe.length < pageSize) return looked;
      // The list learns of a warning a little later: this look goes on behind those it has warned.
      after = [last.on, last.id];
    }
  }

  async #run(): Promise<void> {
    const { logger, pauseMs = 60_000 } = this.#environment;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        await this.warnDue();
      } catch (error) {
        logger.warn({ err: error }, 'term warnings');
      }
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async #warn({ id, ruleSet }: DueWarningDocument, today: string): Promise<void> {
    const { commands } = this.#environment;
    const origin = { actor: 'system:term-warnings', correlationId: `term-warnings ${today} ${id}` };
    const outcome = await commands.execute(origin, async (session) => {
      const committee = await session.load(committeeDecider, id);
      const warningMonths = warningMonthsOf(ruleSet);
      return committee.decide({ type: 'WarnTermEnd', warningMonths, today }) ?? id;
    });
    // Those behind are not held up: whoever could not be warned is still at the head of the list at the next look.
    if (isRefusal(outcome)) {
      this.#environment.logger.warn({ union: id, refused: outcome.refused }, 'term warning');
    }
  }
}
