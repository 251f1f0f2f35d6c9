import type { Queue } from '../api/types';

/** The span of time the chart shows. */
export const historySeconds = 60;

/** A silence longer than this is drawn as a gap instead of a line across it. */
const gapSeconds = 2.5;

/** More samples than the span can hold at the host's two a second, as a limit should a host send faster. */
const maxSamples = 480;

/** Messages per second of every queue over the last minute; `null` where nothing is known. */
export interface RateHistory {
  /** Seconds since the epoch, rising. */
  readonly times: readonly number[];
  readonly rates: ReadonlyMap<string, readonly (number | null)[]>;
}

export const emptyHistory: RateHistory = { times: [], rates: new Map() };

/** The history with one sample more and everything older than the span dropped. */
export function withSample(history: RateHistory, now: number, queues: readonly Queue[]): RateHistory {
  const last = history.times.at(-1);
  const gap = last !== undefined && now - last > gapSeconds;
  const appended = [...history.times, ...(gap ? [last + gapSeconds / 2] : []), now];
  const expired = appended.findIndex((time) => time >= now - historySeconds - 1);
  const from = Math.max(expired, appended.length - maxSamples);

  const names = new Set([...queues.map((queue) => queue.name), ...history.rates.keys()]);
  const rates = new Map<string, (number | null)[]>();
  for (const name of names) {
    const before = history.rates.get(name) ?? history.times.map(() => null);
    const rate = queues.find((queue) => queue.name === name)?.ratePerSecond ?? null;
    const series = [...before, ...(gap ? [null] : []), rate].slice(from);
    if (series.some((value) => value !== null)) {
      rates.set(name, series);
    }
  }
  return { times: appended.slice(from), rates };
}

export interface RateSummary {
  min: number;
  mean: number;
  max: number;
}

/** What the line of one queue says, in three numbers; null when nothing has been seen. */
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
