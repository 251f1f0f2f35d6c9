/** The clock of the host minus the clock of the browser, in milliseconds. */
let offset = 0;

/** The header has whole seconds, and an answer takes time; a smaller difference is not one of the clocks. */
const smallestMs = 3000;

/** Takes the time from the `Date` header of an answer. */
export function noteHostTime(date: string | null, now = Date.now()): void {
  const time = Date.parse(date ?? '');
  if (!Number.isNaN(time)) {
    offset = Math.abs(time - now) < smallestMs ? 0 : time - now;
  }
}

/** The time of the host, by which it records values and ends entries, in milliseconds since 1970. */
export function hostNow(now = Date.now()): number {
  return now + offset;
}
