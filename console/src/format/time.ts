const nanosPerMs = 1_000_000n;
/** The time span that a JavaScript Date supports before and after the epoch, in nanoseconds. */
const dateLimitNanos = 8_640_000_000_000_000n * nanosPerMs;

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const clockMs = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
});
const local = new Intl.DateTimeFormat('en-GB', {
  year: 'numeric',
  month: 'short',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
  timeZoneName: 'short',
});

/** Local time of day in milliseconds: 14:02:11.480. */
export function formatClock(nanos: bigint): string {
  const date = toDate(nanos);
  return date === null ? nanos.toString() : clockMs.format(date);
}

/** Local time of day in seconds, of epoch milliseconds. */
export function formatClockOfMs(ms: number): string {
  return clock.format(ms);
}

/** Local date and time with time zone; null if the number is outside the range of dates. */
export function formatLocal(nanos: bigint): string | null {
  const date = toDate(nanos);
  return date === null ? null : local.format(date);
}

/** ISO 8601 in UTC with all nine decimals; null if the number is outside the range of dates. */
export function formatIso(nanos: bigint): string | null {
  const date = toDate(nanos);
  if (date === null) {
    return null;
  }
  const fraction = ((nanos % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  return `${date.toISOString().slice(0, -5)}.${fraction.toString().padStart(9, '0')}Z`;
}

/** An age in its largest unit: 0.4 s · 12 s · 3 min · 5 h · 2 d. */
export function formatAge(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 9.95) {
    return `${seconds.toFixed(1)} s`;
  }
  if (seconds < 99.5) {
    return `${seconds.toFixed(0)} s`;
  }
  if (seconds < 5970) {
    return `${(seconds / 60).toFixed(0)} min`;
  }
  return seconds < 172_800 ? `${(seconds / 3600).toFixed(0)} h` : `${(seconds / 86_400).toFixed(0)} d`;
}

/** A running time in its two largest units: 3 h 12 min. */
export function formatUptime(seconds: number): string {
  const total = Math.floor(seconds);
  const parts: [number, string][] = [
    [Math.floor(total / 86_400), 'd'],
    [Math.floor(total / 3600) % 24, 'h'],
    [Math.floor(total / 60) % 60, 'min'],
    [total % 60, 's'],
  ];
  const first = parts.findIndex(([value]) => value > 0);
  return first < 0
    ? '0 s'
    : parts
        .slice(first, first + 2)
        .map(([value, unit]) => `${value} ${unit}`)
        .join(' ');
}

/** Epoch milliseconds of a time in nanoseconds, for arithmetic in milliseconds. */
export function toMs(nanos: bigint): number {
  return Number(nanos / nanosPerMs);
}

function toDate(nanos: bigint): Date | null {
  if (nanos > dateLimitNanos || nanos < -dateLimitNanos) {
    return null;
  }
  // Rounded down, so that a time before 1970 keeps its fraction positive.
  const remainder = nanos % nanosPerMs;
  return new Date(Number((nanos - remainder) / nanosPerMs) - (remainder < 0n ? 1 : 0));
}
