import { expect, test } from 'vitest';
import { hostNow, noteHostTime } from '../src/api/hostClock';
import { decodeHistory, historyUrl } from '../src/api/history';
import { alignedData, columnsOf, newestOf, summaryOf, timesOf, valueAt } from '../src/components/charts/historyData';
import { formatUnit } from '../src/format/unit';
import { fixedRange, moved, parametersOf, pollMsOf, rangeIn, spanOf, zoomedOut } from '../src/state/timeRange';

const line = (name: string, times: number[], mean: (number | null)[]) => ({ name, unit: 'count' as const, times, min: mean, mean, max: mean });
const now = 1_780_000_000_000;
const hour = 3_600_000;

test('lines with the same times share them, and others are placed at their own times', () => {
  const a = line('a', [1000, 2000, 3000], [1, null, 3]);
  const b = line('b', [1000, 2000, 3000], [4, 5, 6]);
  expect(timesOf([a, b])).toBe(a.times);
  const late = line('late', [2000, 4000], [7, 8]);
  const data = alignedData([a, late]);
  expect(data[0]).toEqual([1, 2, 3, 4]);
  expect(data[columnsOf(0).mean]).toEqual([1, null, 3, null]);
  expect(data[columnsOf(1).max]).toEqual([null, 7, null, 8]);
  expect(alignedData([])).toEqual([[]]);
});

test('a gap stays a gap, and is not part of the summary', () => {
  const series = { ...line('a', [1000, 2000, 3000], [2, null, 4]), min: [1, null, 3], max: [5, null, 9] };
  expect(summaryOf(series)).toEqual({ min: 1, mean: 3, max: 9, last: 4 });
  expect(valueAt(series, 2000)).toBe(null);
  expect(summaryOf(line('b', [1000], [null]))).toBe(null);
  expect(newestOf([1, 2, null])).toBe(2);
  expect(newestOf([1, null, null, null])).toBe(null);
});

test('an answer whose lists differ in length is not understood', () => {
  const series = { name: 'a', unit: '1/s', times: [1, 2], min: [1, 2], mean: [1], max: [1, 2] };
  expect(() => decodeHistory({ from: 0, to: 2, step: 1, series: [series] })).toThrow('a.mean is an array, expected an array of 2 numbers');
});

test('the address keeps a range by its name or as two times', () => {
  expect(rangeIn(new URLSearchParams('range=6h'))).toEqual({ kind: 'last', name: '6h' });
  expect(rangeIn(new URLSearchParams('range=9y'))).toEqual({ kind: 'last', name: '1h' });
  expect(rangeIn(new URLSearchParams('from=5&to=3'))).toEqual({ kind: 'last', name: '1h' });
  const fixed = rangeIn(new URLSearchParams('from=1000&to=61000&range=6h'));
  expect(fixed).toEqual({ kind: 'fixed', from: 1000, to: 61_000 });
  expect(parametersOf(fixed)).toEqual({ range: '', from: '1000', to: '61000' });
  expect(parametersOf({ kind: 'last', name: '1h' })).toEqual({ range: '', from: '', to: '' });
});

test('zooming and moving stays within a week and never ends in the future', () => {
  expect(spanOf({ kind: 'last', name: '1h' }, now)).toEqual({ from: now - hour, to: now });
  expect(zoomedOut({ kind: 'last', name: '1h' }, now)).toEqual({ kind: 'fixed', from: now - 2 * hour, to: now });
  expect(moved({ kind: 'last', name: '1h' }, -0.5, now)).toEqual({ kind: 'fixed', from: now - 1.5 * hour, to: now - 0.5 * hour });
  expect(moved({ kind: 'fixed', from: now - hour, to: now }, 0.5, now)).toEqual({ kind: 'fixed', from: now - hour, to: now });
  expect(fixedRange(now - 100 * 24 * hour, now, now)).toMatchObject({ kind: 'fixed' });
  const shortest = fixedRange(now - 5, now, now);
  expect(shortest.kind === 'fixed' && shortest.to - shortest.from).toBe(10_000);
});

test('a range that ended is not asked for again', () => {
  expect(pollMsOf({ kind: 'fixed', from: 0, to: 1 })).toBe(null);
  expect(pollMsOf({ kind: 'last', name: '5m' })).toBe(2000);
  expect(pollMsOf({ kind: 'last', name: '7d' })).toBe(60_000);
});

test('at most twenty series are asked for, with whole milliseconds', () => {
  const url = new URL(historyUrl({ series: Array.from({ length: 25 }, (_, index) => `queue/q${index}/rate`), from: 1.4, to: 2 }), 'http://host');
  expect(url.searchParams.getAll('series')).toHaveLength(20);
  expect(url.searchParams.get('from')).toBe('1');
});

test('values have the unit of their series', () => {
  expect(formatUnit(1204.4, '1/s')).toBe('1,204/s');
  expect(formatUnit(0.000_24, 'seconds')).toBe('240 µs');
  expect(formatUnit(0.0031, 'seconds')).toBe('3.1 ms');
  expect(formatUnit(571.4, 'seconds')).toBe('10 min');
  expect(formatUnit(41e9, 'bytes')).toBe('38.2 GiB');
  expect(formatUnit(34.2, 'percent')).toBe('34 %');
  expect(formatUnit(2.5, 'count')).toBe('2.5');
});

test('the time of the host comes from its answers, unless it differs by a moment only', () => {
  noteHostTime(new Date(now - hour).toUTCString(), now);
  expect(hostNow(now)).toBe(now - hour);
  noteHostTime(null, now);
  expect(hostNow(now)).toBe(now - hour);
  noteHostTime(new Date(now - 1500).toUTCString(), now);
  expect(hostNow(now)).toBe(now);
});
