import type { AlignedData } from 'uplot';
import type { HistorySeries } from '../../api/history';

/** The last steps, one of which has the present value. */
const stepsOfNow = 3;

type Values = readonly (number | null)[];

/** A line of a chart and its name on the page. */
export interface ChartLine {
  label: string;
  series: HistorySeries;
}

/** Minimum, mean, maximum and newest value of a series in the range; null without values. */
interface LineSummary {
  min: number;
  mean: number;
  max: number;
  last: number | null;
}

/** Times of all lines, rising, in epoch milliseconds. Lines of one answer usually have the same times. */
export function timesOf(lines: readonly HistorySeries[]): number[] {
  const [first, ...others] = lines.map(({ times }) => times);
  if (first === undefined) {
    return [];
  }
  const isShared = others.every((times) => times.length === first.length && times[0] === first[0] && times.at(-1) === first.at(-1));
  return isShared ? first : [...new Set([first, ...others].flat())].sort((a, b) => a - b);
}

/**
 * The data of uPlot: seconds, then minimum, maximum and mean of each line. A time that a line lacks has no value there.
 */
export function alignedData(lines: readonly HistorySeries[]): AlignedData {
  const times = timesOf(lines);
  const columns = lines.flatMap((line) => [line.min, line.max, line.mean].map((values) => placedAt(times, line.times, values)));
  return [times.map((time) => time / 1000), ...columns] as AlignedData;
}

/** The columns of {@link alignedData} that belong to a line. */
export function columnsOf(line: number): { min: number; max: number; mean: number } {
  return { min: 1 + line * 3, max: 2 + line * 3, mean: 3 + line * 3 };
}

export function summaryOf({ min, mean, max }: HistorySeries): LineSummary | null {
  const known = mean.filter((value) => value !== null);
  if (known.length === 0) {
    return null;
  }
  return {
    min: extreme(min, Math.min, Number.POSITIVE_INFINITY),
    mean: known.reduce((sum, value) => sum + value, 0) / known.length,
    max: extreme(max, Math.max, Number.NEGATIVE_INFINITY),
    last: newestOf(mean),
  };
}

/** The newest value; null if the host recorded none lately. The last step may have just begun. */
export function newestOf(values: Values): number | null {
  return values.slice(-stepsOfNow).findLast((value) => value !== null) ?? null;
}

/** The value of a series at a time; null in a gap. */
export function valueAt({ times, mean }: HistorySeries, time: number): number | null {
  const index = times.indexOf(time);
  return index < 0 ? null : (mean[index] ?? null);
}

function placedAt(times: readonly number[], own: readonly number[], values: Values): Values {
  if (times === own) {
    return values;
  }
  const known = new Map(own.map((time, index) => [time, values[index] ?? null]));
  return times.map((time) => known.get(time) ?? null);
}

function extreme(values: Values, choose: (a: number, b: number) => number, start: number): number {
  return values.reduce<number>((found, value) => (value === null ? found : choose(found, value)), start);
}
