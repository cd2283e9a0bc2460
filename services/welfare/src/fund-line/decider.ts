import { type EventOf, FundSource } from '@unionfold/contracts';
import { refuse } from '@unionfold/contracts/problems';
import type { Decider, Decision, JsonObject } from '@unionfold/eventsourcing';

/** The events of a fund line (资金项). */
export type FundLineEvent = EventOf<'FundLineOpened' | 'FundCharged' | 'FundLineReassigned'>;

/** What is known of a fund line. Money in fen. */
export interface FundLineState {
  readonly status: 'absent' | 'open';
  readonly fundLineId: string;
  readonly unionId: string;
  readonly source: FundSource;
  readonly name: string;
  readonly budgetFen: bigint;
  readonly balanceFen: bigint;
}

/** Open with a budget (设立资金项). */
export interface OpenFundLine {
  readonly type: 'OpenFundLine';
  readonly fundLineId: string;
  readonly unionId: string;
  readonly source: FundSource;
  readonly name: string;
  readonly budgetFen: bigint;
  /** Whether the union is approved and not dissolved; undefined when there is no such union. */
  readonly unionLive: boolean | undefined;
}

/** Charge one payment (资金支出). */
export interface ChargeFund {
  readonly type: 'ChargeFund';
  readonly paymentId: string;
  readonly caseId: string;
  readonly amountFen: bigint;
}

/** Pass the line with what it holds to another union (资金项移交). */
export interface ReassignFundLine {
  readonly type: 'ReassignFundLine';
  readonly toUnionId: string;
  readonly reason: string;
}

/** What can be asked of a fund line. */
export type FundLineCommand = OpenFundLine | ChargeFund | ReassignFundLine;

/** Longest name, in characters. */
const longestName = 120;
/** A thousand billion yuan: beyond it a budget is a slip of the pen. */
const largestBudgetFen = 100_000_000_000_000n;

/** The rules of a fund line: it is never overdrawn. */
export const fundLineDecider: Decider<FundLineState, FundLineCommand, FundLineEvent> = {
  aggregate: 'fund-line',
  initialState: {
    status: 'absent',
    fundLineId: '',
    unionId: '',
    source: FundSource.FUND_SOURCE_UNSPECIFIED,
    name: '',
    budgetFen: 0n,
    balanceFen: 0n,
  },
  decide: (command, state) => {
    if (command.type === 'OpenFundLine') return open(command, state);
    if (state.status === 'absent') return refuse('fund-line-unknown', { field: 'fundLineId' });
    return command.type === 'ChargeFund' ? charge(command, state) : reassign(command, state);
  },
  evolve: (state, event) => {
    switch (event.type) {
      case 'FundLineOpened':
        return { ...event.data, status: 'open', balanceFen: event.data.budgetFen };
      case 'FundCharged':
        return { ...state, balanceFen: event.data.balanceFen };
      case 'FundLineReassigned':
        return { ...state, unionId: event.data.toUnionId };
    }
  },
  snapshot: {
    schema: 1,
    every: 100,
    toJson: ({ budgetFen, balanceFen, ...state }) => ({
      ...state,
      budgetFen: String(budgetFen),
      balanceFen: String(balanceFen),
    }),
    fromJson: (json) => {
      const { budgetFen, balanceFen, ...state } = json as JsonObject;
      return {
        ...(state as unknown as FundLineState),
        budgetFen: BigInt(String(budgetFen)),
        balanceFen: BigInt(String(balanceFen)),
      };
    },
  },
};

function open(command: OpenFundLine, state: FundLineState): Decision<FundLineEvent> {
  const { type: _, unionLive, ...line } = command;
  const name = line.name.trim();
  if (state.status !== 'absent') {
    return refuse('id-taken', { field: 'fundLineId', params: { id: line.fundLineId } });
  }
  if (unionLive === undefined) return refuse('union-unknown', { field: 'unionId' });
  if (!unionLive) return refuse('union-not-live', { field: 'unionId' });
  if (line.source === FundSource.FUND_SOURCE_UNSPECIFIED) {
    return refuse('fund-source-missing', { field: 'source' });
  }
  if (name === '') return refuse('name-missing', { field: 'name' });
  if ([...name].length > longestName) {
    return refuse('name-too-long', { field: 'name', params: { maximum: longestName } });
  }
  if (line.budgetFen <= 0n || line.budgetFen > largestBudgetFen) {
    return refuse('amount-invalid', { field: 'budgetFen' });
  }
  return [{ type: 'FundLineOpened', data: { ...line, name } }];
}

function charge(command: ChargeFund, state: FundLineState): Decision<FundLineEvent> {
  const { paymentId, caseId, amountFen } = command;
  if (amountFen > state.balanceFen) {
    return refuse('fund-line-insufficient', { field: 'fundLineId' });
  }
  const { fundLineId, unionId } = state;
  const balanceFen = state.balanceFen - amountFen;
  return [
    {
      type: 'FundCharged',
      data: { fundLineId, paymentId, caseId, amountFen, balanceFen, unionId },
    },
  ];
}

function reassign(
  { toUnionId, reason }: ReassignFundLine,
  { fundLineId, unionId: fromUnionId }: FundLineState,
): Decision<FundLineEvent> {
  if (toUnionId === fromUnionId) return [];
  return [{ type: 'FundLineReassigned', data: { fundLineId, fromUnionId, toUnionId, reason } }];
}
