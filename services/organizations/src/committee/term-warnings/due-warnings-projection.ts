import type { EventOf } from '@unionfold/contracts';
import { type Document, eventsTopic, type Projection } from '@unionfold/eventsourcing';
import { warningMonthsOf } from '../term-rules/term-rules.ts';
import { warningAfter } from '../term-rules/warning-policy.ts';

/** A union in office, and when it is to be warned next that the term ends. */
export interface DueWarningDocument extends Document {
  /** 'yyyy-MM-dd'; {@link never} when it was given the last warning. */
  readonly on: string;
  /** When the next election is due. */
  readonly dueOn: string;
  readonly ruleSet: string;
}

/** Sorts behind every day. */
export const never = '9999-12-31';

type TermChange = EventOf<
  'TermBegan' | 'ElectionTimeChanged' | 'TermEndWarned' | 'TermEnded' | 'TermResumed'
>;

/** The unions in office by the day of their next warning: whoever is due stands at the beginning (换届预警). */
export const dueWarningsProjection: Projection = {
  name: 'due-term-warnings',
  version: 1,
  topics: [eventsTopic('organizations')],
  collections: [{ name: 'due_warnings', indexes: [{ fields: ['on', 'id'] }] }],
  apply: async ({ event }, documents) => {
    const change = event as TermChange;
    switch (change.type) {
      case 'TermBegan': {
        const { unionId: id, endsOn: dueOn, ruleSet } = change.data;
        documents.put('due_warnings', { id, ...scheduled(dueOn, ruleSet) });
        return;
      }
      case 'TermResumed': {
        const { unionId: id, dueOn, ruleSet } = change.data;
        documents.put('due_warnings', { id, ...scheduled(dueOn, ruleSet) });
        return;
      }
      case 'ElectionTimeChanged':
      case 'TermEndWarned': {
        const { unionId: id, dueOn } = change.data;
        // The term's beginning is an earlier event of the same stream.
        const { ruleSet, dueOn: before } = (await documents.get(
          'due_warnings',
          id,
        )) as DueWarningDocument;
        const isWarning = change.type === 'TermEndWarned';
        if (!isWarning && dueOn === before) return;
        const warnedLevel = isWarning ? change.data.level : undefined;
        documents.put('due_warnings', { id, ...scheduled(dueOn, ruleSet, warnedLevel) });
        return;
      }
      case 'TermEnded':
        documents.delete('due_warnings', change.data.unionId);
        return;
      default:
    }
  },
};

function scheduled(
  dueOn: string,
  ruleSet: string,
  warnedLevel?: number,
): Omit<DueWarningDocument, 'id'> {
  const next = warningAfter(dueOn, warningMonthsOf(ruleSet), warnedLevel);
  return { on: next?.on ?? never, dueOn, ruleSet };
}
