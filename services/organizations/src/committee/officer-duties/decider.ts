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

/** The open duties of a union's officers, by id. */
export interface OfficerDutiesState {
  readonly open: Readonly<Record<string, Duty>>;
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
      readonly type: 'ReceiveDuty';
      readonly unionId: string;
      readonly fromUnionId: string;
      readonly dutyId: string;
      readonly duty: Pick<Duty, 'title' | 'subjectType' | 'subjectId'>;
      readonly holderId: string;
    };

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
  initialState: { open: {} },
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
      case 'ReceiveDuty': {
        const { unionId, dutyId, fromUnionId, duty, holderId } = command;
        if (dutyOf(state, dutyId) !== undefined) return [];
        const { title, subjectType, subjectId } = duty;
        return [
          {
            type: 'DutyReceived',
            data: { unionId, dutyId, fromUnionId, title, subjectType, subjectId, holderId },
          },
        ];
      }
    }
  },
  evolve: ({ open }, event) => {
    switch (event.type) {
      case 'DutyAssigned': {
        const { unionId: _, dutyId, ...duty } = event.data;
        return { open: { ...open, [dutyId]: duty } };
      }
      case 'DutyReceived': {
        const { dutyId, title, subjectType, subjectId, holderId } = event.data;
        const body = OfficerBody.OFFICER_BODY_COMMITTEE;
        const post = OfficerPost.OFFICER_POST_CHAIR;
        const duty = { title, subjectType, subjectId, body, post, holderId };
        return { open: { ...open, [dutyId]: duty } };
      }
      case 'DutyCompleted':
        return { open: without(open, event.data.dutyId) };
      case 'DutyHandedOver': {
        const { unionId, dutyId, toUnionId, toMemberId: holderId } = event.data;
        const duty = open[dutyId];
        if (duty === undefined || toUnionId !== unionId) return { open: without(open, dutyId) };
        return { open: { ...open, [dutyId]: { ...duty, holderId } } };
      }
    }
  },
  snapshot: {
    schema: 1,
    every: 50,
    toJson: ({ open }) => ({
      open: Object.fromEntries(Object.entries(open).map(([id, duty]) => [id, { ...duty }])),
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

function without(open: OfficerDutiesState['open'], dutyId: string): OfficerDutiesState['open'] {
  const { [dutyId]: _, ...rest } = open;
  return rest;
}
