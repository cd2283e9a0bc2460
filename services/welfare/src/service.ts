import { chinaDate, isValidId } from '@unionfold/codes';
import { MembersServiceService } from '@unionfold/contracts/members';
import { OrganizationsServiceService } from '@unionfold/contracts/organizations';
import { refuse } from '@unionfold/contracts/problems';
import {
  CaseStatus,
  type FundLine,
  type HardshipCase,
  WelfareServiceService,
} from '@unionfold/contracts/welfare';
import {
  type CommandSession,
  type ReadModel,
  type Refusal,
  TransientError,
} from '@unionfold/eventsourcing';
import {
  RemoteUnavailableError,
  type RpcService,
  remoteService,
  rpcService,
  type ServiceContext,
  type ServiceModule,
} from '@unionfold/service-kit';
import { claimDecider } from './claim/decider.ts';
import { fundLineDecider } from './fund-line/decider.ts';
import { InTurn } from './fund-line/in-turn.ts';
import { caseDecider } from './hardship-case/decider.ts';
import type { CaseStage, CaseState } from './hardship-case/hardship-case.ts';
import { HeldData } from './held-data/held-data.ts';
import { type CaseDocument, heldDataProjection } from './held-data/held-data-projection.ts';
import { ruleSetInForce } from './rule-set/rule-set.ts';
import { succession } from './succession/succession.ts';

/** Welfare (帮扶): hardship cases and the money that helps. */
export const welfareModule: ServiceModule = {
  name: 'welfare',
  build: (context) => [welfare(context)],
};

function welfare(context: ServiceContext): RpcService {
  const { commands, answer, directory } = context;
  const view = context.projection(heldDataProjection);
  const held = new HeldData(view, {
    members: remoteService(MembersServiceService, 'members', directory),
    organizations: remoteService(OrganizationsServiceService, 'organizations', directory),
  });
  const payments = new InTurn();
  context.reaction(succession({ commands, view, held }));

  return rpcService(WelfareServiceService, {
    declareHardship: async (request, call) =>
      answer(
        await commands.execute(call, async (session) => {
          const { memberId, householdSize: size, statement, consent } = request;
          const { annualIncomeFen, rigidExpenditureFen, accidentCostFen } = request;
          const caseId = request.caseId === '' ? session.newId() : request.caseId;
          if (!isValidId(caseId)) return idInvalid('caseId');
          if (!isValidId(memberId)) return idInvalid('memberId');
          const hardshipCase = await session.load(caseDecider, caseId);
          const claim = await session.load(claimDecider, memberId);
          return (
            hardshipCase.decide({
              type: 'DeclareHardship',
              caseId,
              memberId,
              membership: await held.member(memberId, call),
              household: { size, annualIncomeFen, rigidExpenditureFen, accidentCostFen },
              statement,
              consent,
            }) ??
            claim.decide({ type: 'OpenClaim', memberId, caseId }) ??
            caseId
          );
        }),
      ),

    verifyHardship: async ({ caseId, verifiedByUnionId, expectedVersion }, call) =>
      answer(
        await sourcesAnswering(() =>
          commands.execute(call, async (session) => {
            const hardshipCase = await session.load(caseDecider, caseId);
            const { memberId, unionId } = hardshipCase.state;
            const membership = await held.confirmedMember(memberId, unionId, call);
            const union = await held.confirmedUnion(unionId, call);
            return (
              hardshipCase.expectVersion(Number(expectedVersion)) ??
              hardshipCase.decide({
                type: 'VerifyHardship',
                verifiedByUnionId,
                verifiedBy: call.actor,
                upperUnionIds: await held.upperUnionIds(unionId, call),
                membership:
                  membership === undefined
                    ? undefined
                    : { ...membership, unionId: await held.heirOf(membership.unionId, call) },
                unionLive: union?.standing === 'active',
                ruleSet: ruleSetInForce(union?.regionCode ?? '', chinaDate(session.now)),
              }) ??
              caseId
            );
          }),
        ),
      ),

    approveHardship: async ({ caseId, approvedByUnionId, amountFen, expectedVersion }, call) =>
      answer(
        await commands.execute(call, async (session) => {
          const hardshipCase = await session.load(caseDecider, caseId);
          const { unionId } = hardshipCase.state;
          const union = await held.union(unionId, call);
          const today = chinaDate(session.now);
          return (
            hardshipCase.expectVersion(Number(expectedVersion)) ??
            hardshipCase.decide({
              type: 'ApproveHardship',
              approvedByUnionId,
              approvedBy: call.actor,
              upperUnionIds: await held.upperUnionIds(unionId, call),
              amountFen,
              ruleSet: ruleSetInForce(union?.regionCode ?? '', today),
              paidThisYearFen: await paidInYear(session, view, hardshipCase.state, today),
            }) ??
            caseId
          );
        }),
      ),

    rejectHardship: async ({ caseId, rejectedByUnionId, opinion, expectedVersion }, call) =>
      answer(
        await commands.execute(call, async (session) => {
          const hardshipCase = await session.load(caseDecider, caseId);
          const { memberId, unionId } = hardshipCase.state;
          const claim = await session.load(claimDecider, memberId);
          return (
            hardshipCase.expectVersion(Number(expectedVersion)) ??
            hardshipCase.decide({
              type: 'RejectHardship',
              rejectedByUnionId,
              rejectedBy: call.actor,
              upperUnionIds: await held.upperUnionIds(unionId, call),
              opinion,
            }) ??
            claim.decide({ type: 'CloseClaim', memberId, caseId }) ??
            caseId
          );
        }),
      ),

    payAid: async ({ caseId, fundLineId, expectedVersion }, call) =>
      answer(
        await payments.run(fundLineId, () =>
          commands.execute(call, async (session) => {
            const hardshipCase = await session.load(caseDecider, caseId);
            const { memberId, unionId, amountFen } = hardshipCase.state;
            const fundLine = await session.load(fundLineDecider, fundLineId);
            const claim = await session.load(claimDecider, memberId);
            const paymentId = session.newId();
            return (
              hardshipCase.expectVersion(Number(expectedVersion)) ??
              hardshipCase.decide({
                type: 'PayAid',
                paymentId,
                fundLineId,
                fundLineUnionId:
                  fundLine.state.status === 'absent' ? undefined : fundLine.state.unionId,
                paidBy: call.actor,
                upperUnionIds: await held.upperUnionIds(unionId, call),
              }) ??
              fundLine.decide({ type: 'ChargeFund', paymentId, caseId, amountFen }) ??
              claim.decide({ type: 'CloseClaim', memberId, caseId }) ??
              caseId
            );
          }),
        ),
      ),

    openFundLine: async (request, call) =>
      answer(
        await commands.execute(call, async (session) => {
          const fundLineId = request.fundLineId === '' ? session.newId() : request.fundLineId;
          if (!isValidId(fundLineId)) return idInvalid('fundLineId');
          const fundLine = await session.load(fundLineDecider, fundLineId);
          const union = await held.confirmedUnion(request.unionId, call);
          const unionLive = union === undefined ? undefined : union.standing === 'active';
          return (
            fundLine.decide({ ...request, type: 'OpenFundLine', fundLineId, unionLive }) ??
            fundLineId
          );
        }),
      ),

    getCase: async ({ caseId }) => await readCase(context, caseId),

    getFundLine: async ({ fundLineId }) => await readFundLine(context, fundLineId),
  });
}

function idInvalid(field: string): Refusal {
  return refuse('id-invalid', { field, params: { field, maximum: 64 } });
}

/** A verification is not recorded on half of the data: a source that does not answer is told by name of the problem. */
async function sourcesAnswering<T>(work: () => Promise<T>): Promise<T | Refusal> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RemoteUnavailableError) return refuse('verification-source-unavailable');
    throw error;
  }
}

/**
 * What the worker's household was paid in the calendar year of a day. The claim knows every earlier case for certain;
 * the view knows on which day each was paid.
 * @throws TransientError while the view does not show a payment that is known to be made
 */
async function paidInYear(
  session: CommandSession,
  view: Pick<ReadModel, 'get'>,
  { memberId, caseId }: CaseState,
  today: string,
): Promise<bigint> {
  const claim = await session.load(claimDecider, memberId);
  let sum = 0n;
  for (const earlierId of claim.state.caseIds) {
    if (earlierId === caseId) continue;
    const { state } = await session.load(caseDecider, earlierId);
    if (state.stage !== 'paid') continue;
    const shown = (await view.get('cases', earlierId)) as CaseDocument | undefined;
    if (shown?.paidAt === undefined) throw new TransientError('a payment does not show yet');
    const year = chinaDate(new Date(shown.paidAt)).slice(0, 4);
    if (year === today.slice(0, 4)) sum += state.amountFen;
  }
  return sum;
}

const statuses: Readonly<Record<CaseStage, CaseStatus>> = {
  absent: CaseStatus.CASE_STATUS_UNSPECIFIED,
  declared: CaseStatus.CASE_STATUS_DECLARED,
  verified: CaseStatus.CASE_STATUS_VERIFIED,
  approved: CaseStatus.CASE_STATUS_APPROVED,
  rejected: CaseStatus.CASE_STATUS_REJECTED,
  paid: CaseStatus.CASE_STATUS_PAID,
};

async function readCase(context: ServiceContext, caseId: string): Promise<HardshipCase | Refusal> {
  const { state, version } = await context.commands.read(caseDecider, caseId);
  if (state.stage === 'absent') return refuse('case-unknown', { field: 'caseId' });
  const { memberId, unionId, category, checks, amountFen, fundLineId } = state;
  return {
    caseId,
    memberId,
    unionId,
    status: statuses[state.stage],
    category,
    checks: [...checks],
    amountFen,
    fundLineId,
    version: BigInt(version),
  };
}

async function readFundLine(
  context: ServiceContext,
  fundLineId: string,
): Promise<FundLine | Refusal> {
  const { state, version } = await context.commands.read(fundLineDecider, fundLineId);
  if (state.status === 'absent') return refuse('fund-line-unknown', { field: 'fundLineId' });
  const { unionId, source, name, budgetFen, balanceFen } = state;
  return { fundLineId, unionId, source, name, budgetFen, balanceFen, version: BigInt(version) };
}
