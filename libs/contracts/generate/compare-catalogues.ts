import type { Catalogue, CatalogueEvent } from './derive-catalogue.ts';

/**
 * What buf cannot see, because it stands in options: says how the events changed in a way that stored events or their
 * readers do not survive. Empty when nothing broke.
 *
 * A field that stops being personal leaves ciphertext where plaintext is expected; one that becomes personal has lain
 * in the log in plaintext; another subject means another person's key. Another aggregate means another stream, and an
 * event that turns internal is withheld from those who read it.
 */
export function breakingEventChanges(released: Catalogue, current: Catalogue): readonly string[] {
  const now = new Map(current.events.map((event) => [event.fullName, event]));
  return released.events.flatMap((before) => {
    const after = now.get(before.fullName);
    if (after === undefined) return [`${before.fullName}: is no event any more`];
    return changesOf(before, after).map((change) => `${before.fullName}: ${change}`);
  });
}

function changesOf(before: CatalogueEvent, after: CatalogueEvent): string[] {
  const changes: string[] = [];
  if (after.aggregate !== before.aggregate) {
    changes.push(`the aggregate was ${before.aggregate} and is ${after.aggregate}`);
  }
  if (after.internal && !before.internal) changes.push('was public and is internal');
  for (const { name } of before.fields) {
    const was = subjectOf(before, name);
    const is = subjectOf(after, name);
    if (was === is) continue;
    if (is === undefined) changes.push(`${name} was personal and is not`);
    else if (was === undefined) changes.push(`${name} was not personal and is`);
    else changes.push(`the subject of ${name} was ${was} and is ${is}`);
  }
  return changes;
}

function subjectOf(event: CatalogueEvent, field: string): string | undefined {
  return event.personal.find((personal) => personal.field === field)?.subjectField;
}
