/** China keeps one time, UTC+8, all year. */
const offsetMs = 8 * 3_600_000;
const minuteMs = 60_000;
const dayMs = 86_400_000;

/**
 * A moment in China by the minute, `yyyy-MM-ddTHH:mm`. Such texts sort as the moments do, so that times are compared as
 * texts.
 */
export type ChinaTime = string;

/** What the clock on the wall shows in China; seconds are cut off. */
export function chinaTime(moment: Date): ChinaTime {
  return new Date(moment.getTime() + offsetMs).toISOString().slice(0, 16);
}

const shape = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/;

/** Whether the text is a moment that exists: neither the 31st of June nor 24:00. */
export function isChinaTime(text: string): text is ChinaTime {
  if (!shape.test(text)) return false;
  const ms = Date.parse(`${text}Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
}

/** The day of a moment, `yyyy-MM-dd`. */
export function dayOf(time: ChinaTime): string {
  return time.slice(0, 10);
}

/** The moment at which a day begins. */
export function midnight(day: string): ChinaTime {
  return `${day}T00:00`;
}

/** A day some days after another one. */
export function daysAfter(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00Z`) + days * dayMs).toISOString().slice(0, 10);
}

/** 1 (Monday) to 7 (Sunday), as ISO 8601 counts. */
export function weekdayOf(day: string): number {
  return new Date(`${day}T00:00Z`).getUTCDay() || 7;
}

/** A moment some minutes after the beginning of a day. */
export function minutesInto(day: string, minutes: number): ChinaTime {
  return new Date(Date.parse(`${day}T00:00Z`) + minutes * minuteMs).toISOString().slice(0, 16);
}
