import Type from 'typebox';

/** China keeps one time, UTC+8, all year. */
const offsetMs = 8 * 3_600_000;

/** RFC 3339 by the minute. */
const momentShape =
  '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}(:00(\\.0+)?)?(Z|[+-](0\\d|1[0-4]):[0-5]\\d)$';

/** A moment in a request or an answer. */
export function momentField(description: string) {
  return Type.String({ pattern: momentShape, maxLength: 40, description });
}

/**
 * A moment as the contracts write it: what the clock shows in China, `yyyy-MM-ddTHH:mm`.
 * @returns undefined when there is no such moment
 */
export function toChinaTime(moment: string): string | undefined {
  const ms = Date.parse(moment);
  return Number.isNaN(ms) ? undefined : new Date(ms + offsetMs).toISOString().slice(0, 16);
}

/** A moment as answers write it. */
export function fromChinaTime(time: string): string {
  return `${time}:00+08:00`;
}

/** A day some days after another one. */
export function daysAfter(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}
