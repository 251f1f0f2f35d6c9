/** A span of time that charts show: one that ends now, or a fixed one in epoch milliseconds. */
export type TimeRange = { kind: 'last'; name: string } | { kind: 'fixed'; from: number; to: number };

interface Span {
  /** Epoch milliseconds. */
  from: number;
  to: number;
}

const minute = 60_000;
const hour = 60 * minute;

/** The ranges that the host has values for, by their names in the address. */
export const rangeLengths: Readonly<Record<string, number>> = {
  '5m': 5 * minute,
  '15m': 15 * minute,
  '1h': hour,
  '6h': 6 * hour,
  '24h': 24 * hour,
  '7d': 168 * hour,
};

export const defaultRange = '1h';

/** The shortest span that a zoom leads to. */
const shortestMs = 10_000;
const longestMs = rangeLengths['7d']!;

/** Reads the range from the parameters of an address: `range=1h`, or `from` and `to`. Anything else is the default. */
export function rangeIn(parameters: URLSearchParams, initial = defaultRange): TimeRange {
  const [from, to] = [numberIn(parameters, 'from'), numberIn(parameters, 'to')];
  if (from !== null && to !== null && from < to) {
    return { kind: 'fixed', from, to };
  }
  const name = parameters.get('range') ?? initial;
  return { kind: 'last', name: rangeLengths[name] === undefined ? initial : name };
}

/** The parameters that keep a range in the address; '' removes a parameter. */
export function parametersOf(range: TimeRange, initial = defaultRange): Record<'range' | 'from' | 'to', string> {
  return range.kind === 'fixed'
    ? { range: '', from: String(Math.round(range.from)), to: String(Math.round(range.to)) }
    : { range: range.name === initial ? '' : range.name, from: '', to: '' };
}

export function spanOf(range: TimeRange, now: number): Span {
  return range.kind === 'fixed' ? { from: range.from, to: range.to } : { from: now - (rangeLengths[range.name] ?? hour), to: now };
}

/** A fixed range of at least ten seconds and at most a week, not in the future. */
export function fixedRange(from: number, to: number, now: number): TimeRange {
  const middle = (from + to) / 2;
  const length = Math.min(Math.max(to - from, shortestMs), longestMs);
  const end = Math.min(middle + length / 2, now);
  return { kind: 'fixed', from: Math.round(end - length), to: Math.round(end) };
}

/** The range twice as long around the same middle. */
export function zoomedOut(range: TimeRange, now: number): TimeRange {
  const { from, to } = spanOf(range, now);
  const quarter = (to - from) / 2;
  return fixedRange(from - quarter, to + quarter, now);
}

/** The range moved by a share of its length; one that would end in the future ends now. */
export function moved(range: TimeRange, share: number, now: number): TimeRange {
  const { from, to } = spanOf(range, now);
  const by = (to - from) * share;
  return fixedRange(from + by, to + by, now);
}

/** How often a chart asks again, in milliseconds; null for a fixed range that has passed. */
export function pollMsOf(range: TimeRange): number | null {
  if (range.kind === 'fixed') {
    return null;
  }
  const length = rangeLengths[range.name] ?? hour;
  return length <= hour ? Math.max(2000, length / 600) : minute;
}

function numberIn(parameters: URLSearchParams, name: string): number | null {
  const value = Number(parameters.get(name) ?? Number.NaN);
  return Number.isFinite(value) ? value : null;
}
