import {
  type EventOf,
  type HandOverCause,
  HandOverCause as HandOverCauses,
  OfficerBody,
  OfficerPost,
  type OfficerSeat,
} from '@unionfold/contracts';
import { refuse } from '@unionfold/contracts/problems';
import type { Decider, Decision } from '@unionfold/eventsourcing';
import { type CommitteeState, chairOf } from '../committee.ts';
import { isPostOf } from '../election/election-policies.ts';

/** The events of what a union's officers have to do (待办). */
export type OfficerDutiesEvent = EventOf<
  'DutyAssigned' | 'DutyCompleted' | 'DutyHandedOver' | 'DutyReceived'
>;

/** An open duty: it belongs to a post, and is in the hands of who holds the post now. */
export interface Duty {
  readonly title: string;
  readonly subjectType: string;
  readonly subjectId: string;
  readonly body: OfficerBody;
  readonly post: OfficerPost;
  /** Empty while neither the post nor the chair is held. */
  readonly holderId: string;
}

/** A duty that went to the successor of the union when it was dissolved, and the post that it belongs to. */
export interface PassedDuty extends Pick<Duty, 'body' | 'post'> {
  readonly toUnionId: string;
}

/** The duties of a union's officers, by id: those that are open, and those that have passed to another union. */
export interface OfficerDutiesState {
  readonly open: Readonly<Record<string, Duty>>;
  readonly passedOn: Readonly<Record<string, PassedDuty>>;
}

/** Give a matter to the holder of a post (交办). */
export interface AssignDuty {
  readonly type: 'AssignDuty';
  readonly unionId: string;
  readonly dutyId: string;
  readonly title: string;
  readonly subjectType: string;
  readonly subjectId: string;
  readonly body: OfficerBody;
  readonly post: OfficerPost;
  /** Which of several holders; empty: the one with the fewest open duties. */
  readonly memberId: string;
  readonly committee: CommitteeState;
}

/** The officers are others than before: open duties go to who holds their post now (移交). */
export interface HandOver {
  readonly type: 'HandOver';
  readonly unionId: string;
  readonly seats: readonly OfficerSeat[];
  readonly cause: HandOverCause;
}

/** What can be asked of a union's duties. */
export type OfficerDutiesCommand =
  | AssignDuty
  | { readonly type: 'CompleteDuty'; readonly unionId: string; readonly dutyId: string }
  | HandOver
  | {
      /** The union was dissolved: everything open goes to the chair of its successor. */
      readonly type: 'PassOn';
      readonly unionId: string;
      readonly toUnionId: string;
      readonly toMemberId: string;
    }
  | {
      /** The union that it came from was restored: it goes back there, if it is still open. */
      readonly type: 'GiveBack';
      readonly unionId: string;
      readonly toUnionId: string;
      readonly dutyId: string;
    }
  | {
      readonly type: 'ReceiveDuty';
      readonly unionId: string;
      readonly fromUnionId: string;
      readonly dutyId: string;
      readonly duty: Pick<Duty, 'title' | 'subjectType' | 'subjectId' | 'body' | 'post'>;
      readonly holderId: string;
    };

/** The post that a union's duties go to when they come from another one. */
export const chairsPost = {
  body: OfficerBody.OFFICER_BODY_COMMITTEE,
  post: OfficerPost.OFFICER_POST_CHAIR,
} as const;

/** Longest code of a duty, in characters. */
const longestTitle = 64;
const titleShape = /^[a-z][a-z0-9-]{0,63}$/;

/** The rules of what a union's officers have to do: held by post, not by person. */
export const officerDutiesDecider: Decider<
  OfficerDutiesState,
  OfficerDutiesCommand,
  OfficerDutiesEvent
> = {
  aggregate: 'officer-duties',
  initialState: { open: {}, passedOn: {} },
  decide: (command, state) => {
    switch (command.type) {
      case 'AssignDuty':
        return assign(command, state);
      case 'CompleteDuty': {
        const { unionId, dutyId } = command;
        const duty = dutyOf(state, dutyId);
        if (duty === undefined) return refuse('duty-unknown', { field: 'dutyId' });
        return [{ type: 'DutyCompleted', data: { unionId, dutyId, holderId: duty.holderId } }];
      }
      case 'HandOver':
        return handOver(command, state);
      case 'PassOn': {
        const { unionId, toUnionId, toMemberId } = command;
        const cause = HandOverCauses.HAND_OVER_CAUSE_UNION_DISSOLVED;
        return Object.entries(state.open).map(([dutyId, { holderId: fromMemberId }]) => ({
          type: 'DutyHandedOver',
          data: { unionId, dutyId, fromMemberId, toMemberId, toUnionId, cause },
        }));
      }
      case 'GiveBack': {
        const { unionId, dutyId, toUnionId } = command;
        const duty = dutyOf(state, dutyId);
        if (duty === undefined) return [];
        const { holderId: fromMemberId } = duty;
        const cause = HandOverCauses.HAND_OVER_CAUSE_UNION_RESTORED;
        const data = { unionId, dutyId, fromMemberId, toMemberId: '', toUnionId, cause };
        return [{ type: 'DutyHandedOver', data }];
      }
      case 'ReceiveDuty': {
        const { unionId, dutyId, fromUnionId, duty, holderId } = command;
        if (dutyOf(state, dutyId) !== undefined) return [];
        const { title, subjectType, subjectId, body, post } = duty;
        const facts = { title, subjectType, subjectId, holderId, body, post };
        return [{ type: 'DutyReceived', data: { unionId, dutyId, fromUnionId, ...facts } }];
      }
    }
  },
  evolve: (state, event) => {
    const { open, passedOn } = state;
    switch (event.type) {
      case 'DutyAssigned': {
        const { unionId: _, dutyId, ...duty } = event.data;
        return { ...state, open: { ...open, [dutyId]: duty } };
      }
      case 'DutyReceived': {
        const { unionId: _u, fromUnionId: _f, dutyId, ...duty } = event.data;
        const place = duty.post === OfficerPost.OFFICER_POST_UNSPECIFIED ? chairsPost : {};
        return {
          open: { ...open, [dutyId]: { ...duty, ...place } },
          passedOn: without(passedOn, dutyId),
        };
      }
      case 'DutyCompleted':
        return { ...state, open: without(open, event.data.dutyId) };
      case 'DutyHandedOver': {
        const { unionId, dutyId, toUnionId, toMemberId: holderId } = event.data;
        const duty = open[dutyId];
        if (duty === undefined) return state;
        if (toUnionId === unionId)
          return { ...state, open: { ...open, [dutyId]: { ...duty, holderId } } };
        const { body, post } = duty;
        return {
          open: without(open, dutyId),
          passedOn: { ...passedOn, [dutyId]: { toUnionId, body, post } },
        };
      }
    }
  },
  snapshot: {
    schema: 2,
    every: 50,
    toJson: ({ open, passedOn }) => ({
      open: Object.fromEntries(Object.entries(open).map(([id, duty]) => [id, { ...duty }])),
      passedOn: Object.fromEntries(Object.entries(passedOn).map(([id, duty]) => [id, { ...duty }])),
    }),
    fromJson: (json) => json as unknown as OfficerDutiesState,
  },
};

function assign(command: AssignDuty, state: OfficerDutiesState): Decision<OfficerDutiesEvent> {
  const { type: _, committee, memberId, ...duty } = command;
  if (committee.status !== 'serving') return refuse('term-missing', { field: 'unionId' });
  if (!titleShape.test(duty.title)) {
    return refuse('duty-title-invalid', { field: 'title', params: { maximum: longestTitle } });
  }
  if (!isPostOf(duty.body, duty.post)) return refuse('post-not-of-body', { field: 'post' });
  if (memberId !== '' && !holdersOf(duty, committee.seats).includes(memberId)) {
    return refuse('post-not-held', { field: 'memberId' });
  }
  const holderId = memberId === '' ? takerOf(duty, committee.seats, state.open) : memberId;
  return [{ type: 'DutyAssigned', data: { ...duty, holderId } }];
}

/** Each duty whose holder is not the one its post gives now; those to come count the ones that went before them. */
function handOver(
  { unionId, seats, cause }: HandOver,
  state: OfficerDutiesState,
): Decision<OfficerDutiesEvent> {
  const events: OfficerDutiesEvent[] = [];
  let { open } = state;
  for (const [dutyId, duty] of Object.entries(state.open)) {
    if (holdersOf(duty, seats).includes(duty.holderId)) continue;
    const toMemberId = takerOf(duty, seats, open);
    if (toMemberId === duty.holderId) continue;
    open = { ...open, [dutyId]: { ...duty, holderId: toMemberId } };
    const { holderId: fromMemberId } = duty;
    events.push({
      type: 'DutyHandedOver',
      data: { unionId, dutyId, fromMemberId, toMemberId, toUnionId: unionId, cause },
    });
  }
  return events;
}

function holdersOf(
  { body, post }: Pick<Duty, 'body' | 'post'>,
  seats: readonly OfficerSeat[],
): readonly string[] {
  return seats
    .filter((seat) => seat.body === body && seat.post === post)
    .map(({ memberId }) => memberId);
}

/** Of the post's holders the one with the fewest open duties; the chair while the post is vacant. */
function takerOf(
  duty: Pick<Duty, 'body' | 'post'>,
  seats: readonly OfficerSeat[],
  open: OfficerDutiesState['open'],
): string {
  const loads = new Map<string, number>();
  for (const { holderId } of Object.values(open)) {
    loads.set(holderId, (loads.get(holderId) ?? 0) + 1);
  }
  const load = (memberId: string) => loads.get(memberId) ?? 0;
  const [taker] = holdersOf(duty, seats).toSorted((a, b) => load(a) - load(b));
  return taker ?? chairOf(seats);
}

function dutyOf({ open }: OfficerDutiesState, dutyId: string): Duty | undefined {
  return Object.hasOwn(open, dutyId) ? open[dutyId] : undefined;
}

function without<Entry>(
  entries: Readonly<Record<string, Entry>>,
  dutyId: string,
): Readonly<Record<string, Entry>> {
  const { [dutyId]: _, ...rest } = entries;
  return rest;
}
