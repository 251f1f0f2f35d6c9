import type { SeriesUnit } from '../api/history';
import { byteUnits, formatBytes, formatCount, formatMs, formatRate } from './number';

/** A value of a series with its unit: `1,204/s`, `3.1 ms`, `41.0 GiB`, `34 %`. */
export function formatUnit(value: number, unit: SeriesUnit): string {
  switch (unit) {
    case '1/s':
      // The axis of a chart of small rates needs texts that differ.
      return `${value > 0 && value < 1 ? Number(value.toPrecision(2)) : formatRate(value)}/s`;
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

/** Formats as {@link formatUnit}, with enough digits to distinguish `value` from `other`. */
export function formatUnitBeside(value: number, other: number, unit: SeriesUnit): string {
  const text = formatUnit(value, unit);
  if (value === other || text !== formatUnit(other, unit)) {
    return text;
  }
  const [scale, name] = scaleOf(Math.max(Math.abs(value), Math.abs(other)), unit);
  for (let digits = 1; digits < mostDigits; digits++) {
    const number = new Intl.NumberFormat('en', { maximumSignificantDigits: digits });
    const short = number.format(value / scale);
    if (short !== number.format(other / scale) && Math.abs(Number(short.replaceAll(',', '')) * scale - value) <= Math.abs(value) * exactEnough) {
      return `${short}${name}`;
    }
  }
  return `${new Intl.NumberFormat('en', { maximumSignificantDigits: mostDigits }).format(value / scale)}${name}`;
}

const mostDigits = 12;
/** A shortened value differs from the exact value by at most this share. */
const exactEnough = 0.01;

function scaleOf(value: number, unit: SeriesUnit): [scale: number, name: string] {
  switch (unit) {
    case '1/s':
      return [1, '/s'];
    case 'percent':
      return [1, ' %'];
    case 'bytes': {
      const name = formatBytes(value).split(' ')[1] ?? 'B';
      return [1024 ** Math.max(byteUnits.indexOf(name), 0), ` ${name}`];
    }
    case 'seconds':
      return value < 0.000_95 ? [1e-6, ' µs'] : value < 1 ? [1e-3, ' ms'] : [1, ' s'];
    default:
      return [1, ''];
  }
}
