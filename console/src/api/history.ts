import { getJson } from './http';
import type { JsonValue } from './json';
import { DecodeError, Reader } from './reader';

export type SeriesUnit = '1/s' | 'bytes' | 'count' | 'seconds' | 'percent';

/** The values of a series; null while the host did not run. All lists have the same length. */
export interface HistorySeries {
  name: string;
  unit: SeriesUnit;
  /** Epoch milliseconds, rising. */
  times: number[];
  min: (number | null)[];
  mean: (number | null)[];
  max: (number | null)[];
}

export interface History {
  /** Epoch milliseconds. */
  from: number;
  to: number;
  series: HistorySeries[];
}

interface HistoryRequest {
  series: readonly string[];
  from: number;
  to: number;
}

/** The most series of one request. */
const seriesLimit = 20;

const units: readonly SeriesUnit[] = ['1/s', 'bytes', 'count', 'seconds', 'percent'];

export async function fetchHistory({ series, from, to }: HistoryRequest, signal?: AbortSignal): Promise<History> {
  return decodeHistory(await getJson(historyUrl({ series, from, to }), signal));
}

export function historyUrl({ series, from, to }: HistoryRequest): string {
  const search = new URLSearchParams(series.slice(0, seriesLimit).map((name) => ['series', name]));
  search.set('from', String(Math.round(from)));
  search.set('to', String(Math.round(to)));
  return `/api/history?${search}`;
}

/** The names of the series that the host records, such as `queue/orders/rate`. */
export async function fetchSeriesNames(search: string, signal?: AbortSignal): Promise<string[]> {
  return decodeSeriesNames(await getJson(`/api/history/series?${new URLSearchParams({ search })}`, signal));
}

export function decodeSeriesNames(json: JsonValue): string[] {
  return Reader.listOf(json, 'series', (one) => one.text('name'));
}

export function decodeHistory(json: JsonValue): History {
  const root = Reader.of(json, 'history');
  return { from: root.count('from'), to: root.count('to'), series: root.list('series', decodeOne) };
}

function decodeOne(one: Reader): HistorySeries {
  const name = one.text('name');
  const times = numbers(one, name, 'times').filter((time) => time !== null);
  const list = (member: string): (number | null)[] => numbers(one, name, member, times.length);
  return { name, unit: one.oneOf('unit', units, 'count'), times, min: list('min'), mean: list('mean'), max: list('max') };
}

function numbers(one: Reader, name: string, member: string, length?: number): (number | null)[] {
  const value = one.members[member];
  if (!Array.isArray(value) || (length !== undefined && value.length !== length)) {
    throw new DecodeError(`${name}.${member}`, length === undefined ? 'an array' : `an array of ${length} numbers`, value);
  }
  return value.map((item) => (item === null ? null : Number(item)));
}
