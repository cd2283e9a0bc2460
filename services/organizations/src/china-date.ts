/** China keeps one time, UTC+8, all year. */
const offsetMs = 8 * 3_600_000;

/** The day in China at a moment, `yyyy-MM-dd`: before eight in the morning it is one later than in UTC. */
export function chinaDate(moment: Date): string {
  return new Date(moment.getTime() + offsetMs).toISOString().slice(0, 10);
}
