import type { ClientSession, Db } from 'mongodb';
import { eventsCollection, keysOf, type StreamPlace } from './event-documents.ts';

/** The last versions of those streams that there are: one question, and of each stream its last event alone. */
export async function lastVersions(
  database: Db,
  streams: readonly string[],
  options: { readonly session?: ClientSession },
): Promise<ReadonlyMap<string, number>> {
  const ranges = streams.map((stream) => {
    const { $gte: first, $lte: last } = keysOf(stream);
    return { first, last };
  });
  const isInRange = { $and: [{ $gte: ['$_id', '$$first'] }, { $lte: ['$_id', '$$last'] }] };
  const lastEvent = {
    from: eventsCollection,
    let: { first: '$first', last: '$last' },
    pipeline: [
      { $match: { $expr: isInRange } },
      { $sort: { _id: -1 } },
      { $limit: 1 },
      { $project: { _id: 1 } },
    ],
    as: 'event',
  };
  const found = await database
    .aggregate<{ readonly event: { readonly _id: StreamPlace } }>(
      [
        { $documents: ranges },
        { $lookup: lastEvent },
        { $unwind: '$event' },
        { $project: { event: 1 } },
      ],
      options,
    )
    .toArray();
  return new Map(found.map(({ event }) => [event._id.stream, event._id.version]));
}
