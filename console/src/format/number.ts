const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const oneDecimal = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const short = new Intl.NumberFormat('en', { notation: 'compact', minimumSignificantDigits: 3, maximumSignificantDigits: 3 });

/** A count, shortened if it is long: 1,234,567 · 12.3M. */
export function formatCount(value: number): string {
  return value < 10_000_000 ? whole.format(value) : short.format(value);
}

/** A rate per second, with a decimal only for small values. */
export function formatRate(value: number): string {
  if (value === 0) {
    return '0';
  }
  if (value < 0.05) {
    return '<0.1';
  }
  if (value < 10) {
    return oneDecimal.format(value);
  }
  return value < 1_000_000 ? whole.format(value) : short.format(value);
}

export const byteUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** A size in binary units with three significant digits. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < byteUnits.length - 1) {
    value /= 1024;
    unit++;
  }
  const digits = unit === 0 ? 0 : value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return `${value.toFixed(digits)} ${byteUnits[unit]}`;
}

/** A share as "1 in N", for a list that shows only a sample. */
export function formatOneIn(ratio: number): string {
  return `1 in ${formatCount(Math.round(ratio))}`;
}

/** Processor time: 0.4 s · 12 s · 3 min · 5 h. */
export function formatSeconds(seconds: number): string {
  if (seconds < 9.95) {
    return `${seconds.toFixed(1)} s`;
  }
  if (seconds < 99.5) {
    return `${seconds.toFixed(0)} s`;
  }
  return seconds < 5970 ? `${(seconds / 60).toFixed(0)} min` : `${(seconds / 3600).toFixed(0)} h`;
}

/** The latency of a message: 0.4 ms · 12 ms · 1.5 s. */
export function formatMs(ms: number): string {
  if (ms >= 999.5) {
    return formatSeconds(ms / 1000);
  }
  return ms < 9.95 ? `${ms.toFixed(1)} ms` : `${ms.toFixed(0)} ms`;
}
