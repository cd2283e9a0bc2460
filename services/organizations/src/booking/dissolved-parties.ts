import { BookingCanceller, type EventOf } from '@unionfold/contracts';
import {
  type CommandHandler,
  type ConsumerDefinition,
  type DecodedEvent,
  eventsTopic,
  expectCarriedOut,
  isRefusal,
  reactionTo,
} from '@unionfold/eventsourcing';
import { cancelBooking } from './cancelling.ts';
import { unionBookings } from './union-bookings.ts';

/** Name of the consumer group; unique over all services, because they share the log. */
const name = 'dissolved-parties';

/**
 * What a union had booked for itself and has not begun is cancelled when it is dissolved, and who waits moves up
 * (工会撤销，预约取消). The successor did not ask for it, and may not be one whom the offer reaches; a union that is
 * restored books anew. Bookings of its members are the members' own: they stay.
 */
export function dissolvedParties({
  commands,
}: {
  readonly commands: Pick<CommandHandler, 'execute' | 'read'>;
}): ConsumerDefinition {
  return {
    name,
    topics: [eventsTopic('organizations')],
    onPoison: 'park',
    apply: async ({ event, recorded }: DecodedEvent) => {
      if (event.type !== 'UnionDissolved') return;
      const { unionId } = (event as EventOf<'UnionDissolved'>).data;
      const { state } = await commands.read(unionBookings, unionId);
      for (const bookingId of Object.keys(state.ends)) {
        const outcome = await commands.execute(reactionTo(recorded, name), (session) =>
          cancelBooking(session, bookingId, {
            cancelledBy: BookingCanceller.BOOKING_CANCELLER_DISSOLUTION,
            reason: '',
          }),
        );
        // What has begun goes on.
        if (isRefusal(outcome) && outcome.refused === 'booking-begun') continue;
        expectCarriedOut(outcome, `booking ${bookingId}`);
      }
    },
  };
}
