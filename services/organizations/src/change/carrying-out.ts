import { ChangeKind, type PlannedChange } from '@unionfold/contracts';
import { refuse } from '@unionfold/contracts/problems';
import {
  type Aggregate,
  type CommandSession,
  isRefusal,
  type Refusal,
} from '@unionfold/eventsourcing';
import { Registers } from '../subordinates/registers.ts';
import { unionDecider } from '../union/decider.ts';
import {
  dissolveInto,
  establishUnder,
  moveUnder,
  restoreUnder,
  stateOf,
  uppersFrom,
} from '../union/hierarchy.ts';
import type { UnionCommand, UnionEvent, UnionState } from '../union/union.ts';
import type { ChangeEffect, ChangeState } from './change.ts';

type UnionAggregate = Aggregate<UnionState, UnionCommand, UnionEvent>;

/** Most direct subordinates that one matter takes along: all of it is one transaction. */
const maximum = 5_000;

/** Whose approval a change rests on, for unions that it makes. */
export interface Authority {
  readonly approvedByUnionId: string;
  readonly approvalDocument: string;
}

/** One change on its way into the unions' streams, forwards or back, within one command. */
export class CarryingOut {
  readonly #session: CommandSession;
  readonly #registers: Registers;

  constructor(session: CommandSession) {
    this.#session = session;
    this.#registers = new Registers(session);
  }

  /**
   * The unions that may approve it: those above the union, and above or at the place where it, or what it leaves, goes.
   * The nearest first.
   */
  async authorities({ unionId, toParentId, successorId, kind }: PlannedChange): Promise<string[]> {
    const parentId = (await stateOf(this.#session, unionId))?.territorialParentId ?? '';
    const above = await uppersFrom(this.#session, parentId);
    const moves = kind === ChangeKind.CHANGE_KIND_MOVE;
    const target = moves ? toParentId : successorId;
    if (target === '') return above;
    const aboveTarget = new Set(await uppersFrom(this.#session, target));
    return above.filter((id) => aboveTarget.has(id));
  }

  /** Decides all that the change means for the unions it concerns. */
  async carryOut(
    plan: PlannedChange,
    authority: Authority,
    today: string,
  ): Promise<ChangeEffect | Refusal> {
    const { unionId, reason } = plan;
    const union = await this.#session.load(unionDecider, unionId);
    const effect: ChangeEffect = {
      formerName: union.state.name,
      formerType: union.state.type,
      formerParentId: union.state.territorialParentId,
      formerIndustryParentId: union.state.industryParentId,
      movedSubordinateIds: [],
      movedUnitCodes: [],
      sharedUnitCodes: [],
    };
    const done = (refusal: Refusal | undefined) => refusal ?? effect;
    switch (plan.kind) {
      case ChangeKind.CHANGE_KIND_RENAME:
        return done(union.decide({ type: 'RenameUnion', name: plan.name, reason }));
      case ChangeKind.CHANGE_KIND_MOVE:
        return done(
          await moveUnder(this.#session, this.#registers, {
            unionId,
            toParentId: plan.toParentId,
            reason,
          }),
        );
      case ChangeKind.CHANGE_KIND_CHANGE_INDUSTRY_PARENT:
        return done(await this.#changeIndustryParent(unionId, plan.toParentId, reason));
      case ChangeKind.CHANGE_KIND_CHANGE_TYPE:
        return done(await this.#changeType(plan));
      case ChangeKind.CHANGE_KIND_SUSPEND:
        return done(union.decide({ type: 'SuspendUnion', reason }));
      case ChangeKind.CHANGE_KIND_RESUME:
        return done(union.decide({ type: 'ResumeUnion', reason }));
      case ChangeKind.CHANGE_KIND_DISSOLVE:
      case ChangeKind.CHANGE_KIND_MERGE:
        return await this.#end(plan, effect);
      case ChangeKind.CHANGE_KIND_SPLIT:
        return await this.#split(plan, effect, authority, today);
      case ChangeKind.CHANGE_KIND_RESTORE:
        return done(await restoreUnder(this.#session, this.#registers, { unionId, reason }));
      case ChangeKind.CHANGE_KIND_UNSPECIFIED:
        return refuse('change-kind-missing', { field: 'kind' });
    }
  }

  /** Brings back what was, where nothing else has changed it since. */
  async undo(change: ChangeState, reason: string): Promise<Refusal | undefined> {
    const { plan, effect } = change;
    const { unionId } = plan;
    const union = await this.#session.load(unionDecider, unionId);
    const { state } = union;
    const superseded = refuse('change-superseded', { field: 'changeId' });
    switch (plan.kind) {
      case ChangeKind.CHANGE_KIND_RENAME:
        if (state.name !== plan.name.trim()) return superseded;
        return union.decide({ type: 'RenameUnion', name: effect.formerName, reason });
      case ChangeKind.CHANGE_KIND_MOVE:
        if (state.territorialParentId !== plan.toParentId) return superseded;
        return await moveUnder(this.#session, this.#registers, {
          unionId,
          toParentId: effect.formerParentId,
          reason,
        });
      case ChangeKind.CHANGE_KIND_CHANGE_INDUSTRY_PARENT:
        if (state.industryParentId !== plan.toParentId) return superseded;
        return await this.#changeIndustryParent(unionId, effect.formerIndustryParentId, reason);
      case ChangeKind.CHANGE_KIND_CHANGE_TYPE:
        if (state.type !== plan.unionType) return superseded;
        return await this.#changeType({ ...plan, unionType: effect.formerType, reason });
      case ChangeKind.CHANGE_KIND_SUSPEND:
        if (state.status !== 'suspended') return superseded;
        return union.decide({ type: 'ResumeUnion', reason });
      case ChangeKind.CHANGE_KIND_RESUME:
        if (state.status !== 'active') return superseded;
        return union.decide({ type: 'SuspendUnion', reason });
      case ChangeKind.CHANGE_KIND_DISSOLVE:
      case ChangeKind.CHANGE_KIND_MERGE:
        return await this.#undoEnd(change, reason);
      case ChangeKind.CHANGE_KIND_SPLIT:
        return await this.#undoSplit(change, reason);
      case ChangeKind.CHANGE_KIND_RESTORE:
      case ChangeKind.CHANGE_KIND_UNSPECIFIED:
        return superseded;
    }
  }

  async #changeIndustryParent(
    unionId: string,
    toParentId: string,
    reason: string,
  ): Promise<Refusal | undefined> {
    const union = await this.#session.load(unionDecider, unionId);
    const industryUpper = await stateOf(this.#session, toParentId);
    return union.decide({ type: 'ChangeIndustryParent', toParentId, reason, industryUpper });
  }

  async #changeType({ unionId, unionType, reason }: PlannedChange): Promise<Refusal | undefined> {
    const union = await this.#session.load(unionDecider, unionId);
    const ids = await this.#registers.list(unionId);
    const subordinates = await Promise.all(ids.map((id) => this.#session.load(unionDecider, id)));
    return union.decide({
      type: 'ChangeUnionType',
      unionType,
      reason,
      upper: await stateOf(this.#session, union.state.territorialParentId),
      subordinateTypes: subordinates.map((subordinate) => subordinate.state.type),
    });
  }

  /** The end of a union: those below it and the employers it covers go to its successor, and then it is dissolved. */
  async #end(plan: PlannedChange, effect: ChangeEffect): Promise<ChangeEffect | Refusal> {
    const { unionId, reason, kind } = plan;
    const union = await this.#session.load(unionDecider, unionId);
    const successorId = plan.successorId === '' ? effect.formerParentId : plan.successorId;
    const movedSubordinateIds = [...(await this.#registers.list(unionId))];
    const codes = Object.keys(union.state.units);
    const successor = await this.#session.load(unionDecider, successorId);
    const isShared = (code: string) => code in successor.state.units;
    const sharedUnitCodes = codes.filter(isShared);
    const movedUnitCodes = codes.filter((code) => !isShared(code));
    return (
      (await this.#moveAll(movedSubordinateIds, successorId, reason)) ??
      (await this.#passUnits(codes, unionId, successorId, reason)) ??
      (await dissolveInto(this.#session, this.#registers, {
        unionId,
        successorId,
        reason,
        merged: kind === ChangeKind.CHANGE_KIND_MERGE,
      })) ?? { ...effect, movedSubordinateIds, movedUnitCodes, sharedUnitCodes }
    );
  }

  async #undoEnd({ plan, effect }: ChangeState, reason: string): Promise<Refusal | undefined> {
    const { unionId } = plan;
    const union = await this.#session.load(unionDecider, unionId);
    const successorId = plan.successorId === '' ? effect.formerParentId : plan.successorId;
    const successor = await this.#session.load(unionDecider, successorId);
    const superseded = refuse('change-superseded', { field: 'changeId' });
    if (union.state.status !== 'dissolved' || successor.state.status !== 'active') {
      return superseded;
    }
    const restored = await restoreUnder(this.#session, this.#registers, { unionId, reason });
    if (restored !== undefined) return restored;
    return (
      (await this.#moveBack(effect.movedSubordinateIds, successorId, unionId, reason)) ??
      this.#coverAgain(union, successor.state, effect.sharedUnitCodes) ??
      (await this.#passUnits(
        effect.movedUnitCodes.filter((code) => code in successor.state.units),
        successorId,
        unionId,
        reason,
      ))
    );
  }

  async #split(
    plan: PlannedChange,
    effect: ChangeEffect,
    authority: Authority,
    today: string,
  ): Promise<ChangeEffect | Refusal> {
    const { unionId, parts, reason } = plan;
    const union = await this.#session.load(unionDecider, unionId);
    const { type, territorialParentId, industryParentId, regionCode, synthetic } = union.state;
    const subordinates = new Set(await this.#registers.list(unionId));
    const refusal = union.decide({ type: 'SplitUnion', parts, reason });
    if (refusal !== undefined) return refusal;
    for (const part of parts) {
      if (!part.subordinateIds.every((id) => subordinates.has(id))) {
        return refuse('subordinate-unknown', { field: 'parts' });
      }
      const failed =
        (await establishUnder(this.#session, this.#registers, {
          unionId: part.unionId,
          name: part.name,
          unionType: type,
          territorialParentId,
          industryParentId,
          regionCode,
          creditCode: part.creditCode,
          foundedOn: today,
          synthetic,
          ...authority,
        })) ??
        (await this.#moveAll(part.subordinateIds, part.unionId, reason)) ??
        (await this.#passUnits(part.unitCreditCodes, unionId, part.unionId, reason));
      if (failed !== undefined) return failed;
    }
    return {
      ...effect,
      movedSubordinateIds: parts.flatMap((part) => part.subordinateIds),
      movedUnitCodes: parts.flatMap((part) => part.unitCreditCodes),
    };
  }

  /** What came out of the union goes back into it, with all that has come to it since. */
  async #undoSplit({ plan }: ChangeState, reason: string): Promise<Refusal | undefined> {
    const { unionId } = plan;
    for (const { unionId: partId } of plan.parts) {
      const part = await this.#session.load(unionDecider, partId);
      if (part.state.status !== 'active') {
        return refuse('change-superseded', { field: 'changeId' });
      }
      const failed =
        (await this.#moveAll(await this.#registers.list(partId), unionId, reason)) ??
        (await this.#passUnits(Object.keys(part.state.units), partId, unionId, reason)) ??
        (await dissolveInto(this.#session, this.#registers, {
          unionId: partId,
          successorId: unionId,
          reason,
          merged: true,
        }));
      if (failed !== undefined) return failed;
    }
    return undefined;
  }

  /** Employers that both unions covered: the union that went on keeps them, too. */
  #coverAgain(
    union: UnionAggregate,
    successor: UnionState,
    codes: readonly string[],
  ): Refusal | undefined {
    for (const code of codes) {
      const unit = successor.units[code];
      const refusal = unit === undefined ? undefined : union.decide({ type: 'CoverUnit', unit });
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  }

  async #moveAll(
    ids: readonly string[],
    toParentId: string,
    reason: string,
  ): Promise<Refusal | undefined> {
    if (ids.length > maximum) {
      return refuse('too-many-subordinates', { field: 'unionId', params: { maximum } });
    }
    // Asked for together, their streams come together.
    await Promise.all(ids.map((id) => this.#session.load(unionDecider, id)));
    for (const unionId of ids) {
      const refusal = await moveUnder(this.#session, this.#registers, {
        unionId,
        toParentId,
        reason,
      });
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  }

  /** Those that are still where they were taken to; what was moved on since, or was dissolved, stays as it is. */
  async #moveBack(
    ids: readonly string[],
    fromId: string,
    toParentId: string,
    reason: string,
  ): Promise<Refusal | undefined> {
    const unions = await Promise.all(ids.map((id) => this.#session.load(unionDecider, id)));
    const there = unions.filter(
      ({ state }) => state.territorialParentId === fromId && state.status !== 'dissolved',
    );
    return await this.#moveAll(
      there.map(({ state }) => state.unionId),
      toParentId,
      reason,
    );
  }

  async #passUnits(
    codes: readonly string[],
    fromId: string,
    toId: string,
    reason: string,
  ): Promise<Refusal | undefined> {
    const from = await this.#session.load(unionDecider, fromId);
    const to = await this.#session.load(unionDecider, toId);
    for (const creditCode of codes) {
      const unit = from.state.units[creditCode];
      if (unit === undefined) return refuse('unit-not-covered', { field: 'parts' });
      // What the union that goes on knows of an employer is kept.
      const known = creditCode in to.state.units;
      const refusal =
        (known ? undefined : to.decide({ type: 'CoverUnit', unit })) ??
        from.decide({ type: 'ReleaseUnit', creditCode, reason });
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  }
}

/** Tells an effect from a refusal. */
export function isEffect(result: ChangeEffect | Refusal): result is ChangeEffect {
  return !isRefusal(result);
}
