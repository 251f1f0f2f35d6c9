import type { SeriesUnit } from '../api/history';
import { formatBytes, formatCount, formatMs, formatRate } from './number';

/** A value of a series with its unit: `1,204/s`, `3.1 ms`, `41.0 GiB`, `34 %`. */
export function formatUnit(value: number, unit: SeriesUnit): string {
  switch (unit) {
    case '1/s':
      return `${formatRate(value)}/s`;
    case 'bytes':
      return formatBytes(value);
    case 'seconds':
      return formatDuration(value);
    case 'percent':
      return `${value < 9.95 ? value.toFixed(1) : value.toFixed(0)} %`;
    default:
      return value !== 0 && Math.abs(value) < 10 && !Number.isInteger(value) ? value.toFixed(1) : formatCount(Math.round(value));
  }
}

/** Seconds in a unit that fits: `240 µs`, `3.1 ms`, `12 s`, `9 min`. */
export function formatDuration(seconds: number): string {
  if (seconds === 0) {
    return '0 s';
  }
  return Math.abs(seconds) < 0.000_95 ? `${(seconds * 1e6).toFixed(0)} µs` : formatMs(seconds * 1000);
}
