const time = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const dayAndTime = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', second: '2-digit' });
const dayMs = 86_400_000;

/** A time in epoch milliseconds as local text, with the day unless it is within the last day: 14:02:11 · 28 Nov, 14:02:11. */
export function formatMoment(ms: number, now = Date.now()): string {
  return Math.abs(now - ms) < dayMs ? time.format(ms) : dayAndTime.format(ms);
}
