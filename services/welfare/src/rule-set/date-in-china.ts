/** China keeps one time zone, UTC+8, without daylight saving. */
const offsetMs = 8 * 3_600_000;

/** The calendar day 'yyyy-MM-dd' in China at an instant: rule sets begin and years end there, not in UTC. */
export function dateInChina(instant: Date): string {
  return new Date(instant.getTime() + offsetMs).toISOString().slice(0, 10);
}
