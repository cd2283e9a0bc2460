import { chinaDate, parseCreditCode } from '@unionfold/codes';
import { EmployerParticulars } from '@unionfold/contracts';
import type { Employer, GridServiceService } from '@unionfold/contracts/organizations';
import { type RefusedProblem, refuse } from '@unionfold/contracts/problems';
import type { Refusal } from '@unionfold/eventsourcing';
import type { Handlers, ServiceContext } from '@unionfold/service-kit';
import type { Memberships } from '../cell/memberships.ts';
import { entryReleased } from '../cell/registers.ts';
import { employerDecider } from './decider.ts';
import { placeIn } from './placing.ts';
import { workplaceDecider } from './workplace-decider.ts';

/** Registering, correcting and closing employers (用人单位), and who works where. */
export function employerMethods(
  { commands, answer }: ServiceContext,
  memberships: Memberships,
): Pick<
  Handlers<typeof GridServiceService>,
  'registerEmployer' | 'correctEmployer' | 'closeEmployer' | 'stateWorkplace' | 'getEmployer'
> {
  return {
    registerEmployer: async (request, call) => {
      const creditCode = employerCode(request.creditCode);
      if (typeof creditCode !== 'string') return creditCode;
      return answer(
        await commands.execute(call, async (session) => {
          const employer = await session.load(employerDecider, creditCode);
          const particulars = request.particulars ?? EmployerParticulars.create();
          const today = chinaDate(session.now);
          const { cellId } = request;
          const refusal =
            employer.decide({ type: 'RegisterEmployer', creditCode, particulars, today }) ??
            (cellId === ''
              ? undefined
              : await placeIn(session, employer, { creditCode, cellId, covered: false }));
          return refusal ?? creditCode;
        }),
      );
    },

    correctEmployer: async ({ creditCode, reason, expectedVersion, ...request }, call) =>
      answer(
        await commands.execute(call, async (session) => {
          const employer = await session.load(employerDecider, creditCode);
          const particulars = request.particulars ?? EmployerParticulars.create();
          const today = chinaDate(session.now);
          return (
            employer.expectVersion(Number(expectedVersion)) ??
            employer.decide({ type: 'CorrectEmployer', creditCode, particulars, reason, today }) ??
            creditCode
          );
        }),
      ),

    closeEmployer: async ({ creditCode, reason, expectedVersion }, call) =>
      answer(
        await commands.execute(call, async (session) => {
          const employer = await session.load(employerDecider, creditCode);
          const { cellId } = employer.state;
          const refusal =
            employer.expectVersion(Number(expectedVersion)) ??
            employer.decide({ type: 'CloseEmployer', creditCode, reason });
          if (refusal !== undefined) return refusal;
          if (employer.state.cellId !== cellId) {
            session.append('cell-entries', cellId, [entryReleased(cellId, { creditCode })]);
          }
          return creditCode;
        }),
      ),

    stateWorkplace: async ({ memberId, employerName, ...request }, call) => {
      const creditCode = employerCode(request.creditCode);
      if (typeof creditCode !== 'string') return creditCode;
      return answer(
        await commands.execute(call, async (session) => {
          const workplace = await session.load(workplaceDecider, memberId);
          const memberLive = (await memberships.unionOf(memberId, call)) !== undefined;
          const statement = { memberId, creditCode, employerName, memberLive };
          return workplace.decide({ type: 'StateWorkplace', ...statement }) ?? memberId;
        }),
      );
    },

    getEmployer: async ({ creditCode }): Promise<Employer | Refusal> => {
      const { state, version } = await commands.read(employerDecider, creditCode);
      if (version === 0) return refuse('employer-unknown', { field: 'creditCode' });
      const { status, particulars, cellId } = state;
      const closed = status === 'closed';
      return { creditCode, particulars, closed, cellId, version: BigInt(version) };
    },
  };
}

/** An employer's credit code as the standard writes it, whatever people paste; a union's own is refused. */
function employerCode(text: string): string | RefusedProblem {
  const field = 'creditCode';
  const parsed = parseCreditCode(text);
  if (!parsed.ok) {
    return refuse(parsed.reason, { field, params: { length: [...text.trim()].length } });
  }
  return parsed.isUnion ? refuse('employer-code-of-a-union', { field }) : parsed.code;
}
