import { chinaDate } from '@unionfold/codes';
import { type CommandHandler, isRefusal, type ReadModel } from '@unionfold/eventsourcing';
import type { Logger } from '@unionfold/service-kit';
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
  readonly logger: Pick<Logger, 'warn'>;
}

/**
 * Warns all unions whose term ends, on the day that the rules say (换届预警). A look reads the head of a list that is
 * ordered by day, whatever the number of unions. Every replica may look: which of them is first does not matter, because
 * a committee that has been warned decides that nothing is to be done.
 * @returns how many warnings were looked at
 */
export async function warnDue(environment: TermWarningsEnvironment, now: Date): Promise<number> {
  const { due } = environment;
  const today = chinaDate(now);
  let after: readonly string[] | undefined;
  for (let looked = 0; ; ) {
    const page = (await due.find('due_warnings', {
      orderBy: ['on', 'id'],
      limit: pageSize,
      ...(after === undefined ? {} : { after }),
    })) as readonly DueWarningDocument[];
    const ripe = page.filter(({ on }) => on <= today);
    for (const union of ripe) {
      await warn(environment, union, today);
      looked += 1;
    }
    const last = page.at(-1);
    if (last === undefined || ripe.length < pageSize) return looked;
    // The list learns of a warning a little later: this look goes on behind those it has warned.
    after = [last.on, last.id];
  }
}

async function warn(
  { commands, logger }: TermWarningsEnvironment,
  { id, ruleSet }: DueWarningDocument,
  today: string,
): Promise<void> {
  const origin = { actor: 'system:term-warnings', correlationId: `term-warnings ${today} ${id}` };
  const outcome = await commands.execute(origin, async (session) => {
    const committee = await session.load(committeeDecider, id);
    const warningMonths = warningMonthsOf(ruleSet);
    return committee.decide({ type: 'WarnTermEnd', warningMonths, today }) ?? id;
  });
  // Those behind are not held up: whoever could not be warned is still at the head of the list at the next look.
  if (isRefusal(outcome)) logger.warn({ union: id, refused: outcome.refused }, 'term warning');
}
