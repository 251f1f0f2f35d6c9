import type { Queue } from '../api/types';

/** The number of seconds that the chart shows. */
export const historySeconds = 60;

/** A longer time without samples is drawn as a gap. */
const gapSeconds = 2.5;

/** A limit for hosts that send more than two samples per second. */
const maxSamples = 480;

/** Messages per second of every queue over the last minute; `null` where there is no data. */
export interface RateHistory {
  /** Seconds since the epoch, rising. */
  readonly times: readonly number[];
  readonly rates: ReadonlyMap<string, readonly (number | null)[]>;
}

export const emptyHistory: RateHistory = { times: [], rates: new Map() };

/** The history with one more sample, without samples older than the chart shows. */
export function withSample(history: RateHistory, now: number, queues: readonly Queue[]): RateHistory {
  const last = history.times.at(-1);
  const gap = last !== undefined && now - last > gapSeconds;
  const appended = [...history.times, ...(gap ? [last + gapSeconds / 2] : []), now];
  const expired = appended.findIndex((time) => time >= now - historySeconds - 1);
  const from = Math.max(expired, appended.length - maxSamples);

  const present = new Map(queues.map(({ name, ratePerSecond }) => [name, ratePerSecond]));
  const rates = new Map<string, (number | null)[]>();
  for (const name of new Set([...present.keys(), ...history.rates.keys()])) {
    const before = history.rates.get(name) ?? history.times.map(() => null);
    const rate = present.get(name) ?? null;
    const series = [...before, ...(gap ? [null] : []), rate].slice(from);
    if (series.some((value) => value !== null)) {
      rates.set(name, series);
    }
  }
  return { times: appended.slice(from), rates };
}

interface RateSummary {
  min: number;
  mean: number;
  max: number;
}

/** Minimum, mean and maximum of one queue; null without data. */
export function summarise(series: readonly (number | null)[] | undefined): RateSummary | null {
  const known = (series ?? []).filter((value) => value !== null);
  if (known.length === 0) {
    return null;
  }
  return {
    min: Math.min(...known),
    mean: known.reduce((sum, value) => sum + value, 0) / known.length,
    max: Math.max(...known),
  };
}
