import type { HistorySeries } from '../../../api/history';
import { formatDuration } from '../../../format/unit';

export const views = ['lines', 'distribution'] as const;

export const percentiles = [
  { measure: 'p50', label: 'median' },
  { measure: 'p99', label: '99th percentile' },
] as const;

/** The most rows of a distribution. */
const mostBuckets = 24;

/** A range of latencies in seconds, and the share of the recorded steps whose value is in it, per series. */
export interface Bucket {
  label: string;
  shares: number[];
}

/** The distribution of the recorded values of several series, in steps of 1, 2 and 5. Steps without a value do not count. */
export function distributionOf(series: readonly Pick<HistorySeries, 'mean'>[]): Bucket[] {
  const values = series.map(({ mean }) => mean.filter((value) => value !== null && value > 0).map((value) => stepOf(value!)));
  const all = values.flat();
  if (all.length === 0) {
    return [];
  }
  const last = all.reduce((a, b) => Math.max(a, b));
  const first = Math.max(all.reduce((a, b) => Math.min(a, b)), last - mostBuckets + 1);
  return Array.from({ length: last - first + 1 }, (_, index) => {
    const step = first + index;
    // The first bucket includes all lower values, whose buckets are over the limit.
    const inside = (one: number) => one === step || (index === 0 && one < step);
    return {
      label: `${index === 0 && all.some((one) => one < first) ? 'up to' : `${formatDuration(edgeOf(step))} –`} ${formatDuration(edgeOf(step + 1))}`,
      shares: values.map((one) => (one.length === 0 ? 0 : one.filter(inside).length / one.length)),
    };
  });
}

const digits = [1, 2, 5];

/** The number of the bucket of a value: three for each power of ten. */
function stepOf(value: number): number {
  const power = Math.floor(Math.log10(value));
  let step = power * digits.length;
  while (edgeOf(step + 1) <= value) {
    step++;
  }
  while (edgeOf(step) > value) {
    step--;
  }
  return step;
}

/** The lower end of a bucket. */
function edgeOf(step: number): number {
  const power = Math.floor(step / digits.length);
  return Number(`${digits[step - power * digits.length]}e${power}`);
}
