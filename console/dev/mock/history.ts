import { adapters, maps, queues } from './fleet.ts';
import { circuits, pipelineRows } from './circuits.ts';
import { daily, hash, walk } from './noise.ts';
import type { MockState } from './state.ts';
import { ok, refuse, type MockAnswer } from './wire.ts';

type Unit = '1/s' | 'bytes' | 'count' | 'seconds' | 'percent';

interface SeriesFact {
  name: string;
  title: string;
  unit: Unit;
  kind: string;
  part: string;
  /** The usual value, by day more and by night less. */
  level: number;
  /** The share of the level by which it moves. */
  swing: number;
}

/** The host stopped for these minutes, counted back from now. */
const stoppedFrom = 205;
const stoppedTo = 191;

/** Replication lagged for these minutes, counted back from now. */
const lagFrom = 47;
const lagTo = 32;

/** Two of three brokers are gone since so many minutes. */
const brokersLost = 571.4 / 60;

/** Values of each second are kept for an hour, and a little longer for requests on their way. */
const secondsKeptMs = 3_610_000;

const weekMs = 7 * 86_400_000;
const mostPoints = 2000;
const mostSeries = 20;

export function allSeries(state: MockState): SeriesFact[] {
  const fact = (kind: string, part: string, measure: string, title: string, unit: Unit, level: number, swing = 0.2): SeriesFact => ({
    name: part === '' ? `${kind}/${measure}` : `${kind}/${part}/${measure}`, title, unit, kind, part, level, swing,
  });
  return [
    fact('host', '', 'cpu', 'Processor', 'percent', 34), fact('host', '', 'memory', 'Memory', 'bytes', 812_000_000, 0.05), fact('host', '', 'disk-free', 'Free disk', 'bytes', 41_000_000_000, 0.02),
    ...queues.flatMap(({ name, rate, stored, size }) => [
      fact('queue', name, 'rate', 'Messages', '1/s', rate), fact('queue', name, 'bytes', 'On disk', 'bytes', (stored * size * 2) / 3, 0.01),
    ]),
    fact('queue', 'orders', 'lag/risk-nightly', 'Lag of risk-nightly', 'bytes', 1_840_000_000, 0.05), fact('queue', 'telemetry', 'lag/group-forecast', 'Lag of group-forecast', 'bytes', 8_200_000, 0.6),
    ...adapters.flatMap(({ name, rate, rejected, connections, state: mode }) => [
      fact('adapter', name, 'received', 'Received', '1/s', mode === 'unhealthy' ? 0 : rate), fact('adapter', name, 'rejected', 'Rejected', '1/s', rejected / 20_000, 0.9),
      fact('adapter', name, 'connections', 'Connections', 'count', connections, 0.02),
      fact('adapter', name, 'p50', 'Median time to store', 'seconds', stores(rate, mode) ? 0.0007 : 0, 0.3), fact('adapter', name, 'p99', '99th percentile of the time to store', 'seconds', stores(rate, mode) ? 0.004 : 0, 0.5),
    ]),
    ...maps.flatMap(({ name, entries, rate }) => [fact('map', name, 'entries', 'Entries', 'count', entries, 0.01), fact('map', name, 'rate', 'Changes', '1/s', rate)]),
    ...pipelineRows(state).flatMap(({ name }) => [fact('pipeline', name, 'rate', 'Read', '1/s', 60), fact('pipeline', name, 'lag', 'Lag', 'bytes', 120_000, 0.8)]),
    ...circuits.flatMap(({ name }) => [fact('circuit', name, 'p50', 'Latency p50', 'seconds', name === 'risk' ? 0.014 : 0.0006, 0.3), fact('circuit', name, 'p99', 'Latency p99', 'seconds', name === 'risk' ? 0.041 : 0.002, 0.5)]),
    ...['orders', 'executions', 'payments', 'drop-copies'].flatMap((name) => [fact('replication', name, 'lag-messages', 'Lag', 'count', 6, 0.9), fact('replication', name, 'lag-seconds', 'Lag', 'seconds', name === 'drop-copies' ? 100 : 0.01, name === 'drop-copies' ? 0.1 : 0.9)]),
  ];
}

/** An adapter that stores nothing has no times. */
function stores(rate: number, mode: string): boolean {
  return rate > 0 && mode !== 'unhealthy';
}

export function seriesList(url: URL, state: MockState): MockAnswer {
  const search = (url.searchParams.get('search') ?? '').toLowerCase();
  return ok(allSeries(state).filter(({ name }) => name.includes(search)).slice(0, 500).map(({ name, title, unit, kind, part }) => ({ name, title, unit, kind, part })));
}

/** `GET /api/history`. */
export function history(url: URL, state: MockState): MockAnswer {
  const names = url.searchParams.getAll('series');
  if (names.length === 0 || names.length > mostSeries) {
    return refuse(400, `series must be given 1 to ${mostSeries} times.`);
  }
  const now = state.now();
  const to = Math.min(Number(url.searchParams.get('to') ?? now), now);
  const from = Math.max(Number(url.searchParams.get('from') ?? now - 3_600_000), now - weekMs);
  const asked = Number(url.searchParams.get('step') ?? Math.ceil((to - from) / 600_000));
  const stored = now - from > secondsKeptMs ? 60 : 1;
  const step = Math.max(stored, Math.ceil(asked / stored) * stored, Math.ceil((to - from) / mostPoints / 1000));
  const known = new Map(allSeries(state).map((series) => [series.name, series]));
  const found = names.map((name) => known.get(name) ?? null);
  const missing = names.find((_, index) => found[index] === null);
  if (missing !== undefined) {
    return refuse(404, `There is no series '${missing}'. /api/history/series lists all.`);
  }
  const start = Math.ceil(from / (step * 1000)) * step * 1000;
  const times = Array.from({ length: Math.max(0, Math.floor((to - start) / (step * 1000)) + 1) }, (_, index) => start + index * step * 1000);
  return ok({ from, to, step, series: found.flatMap((series) => (series === null ? [] : [points(series, times, step, now)])) });
}

function points(series: SeriesFact, times: number[], step: number, now: number): unknown {
  const mean = times.map((at) => valueAt(series, at, now));
  const spread = series.name.startsWith('replication/payments/') ? 0 : Math.min(0.5, series.swing * (0.15 + Math.log10(1 + step) / 8));
  const beside = (sign: number): (number | null)[] => mean.map((value, index) => (value === null ? null : Math.max(0, value * (1 + sign * spread * hash(`${series.name}${sign}${times[index]}`)))));
  return { name: series.name, unit: series.unit, times, min: beside(-1), mean, max: beside(1) };
}

function valueAt(series: SeriesFact, at: number, now: number): number | null {
  const minutes = (now - at) / 60_000;
  if ((minutes < stoppedFrom && minutes > stoppedTo) || (series.unit === 'seconds' && series.level === 0)) {
    return null;
  }
  const isLate = minutes < lagFrom && minutes > lagTo && series.name === `replication/orders/${series.unit === 'seconds' ? 'lag-seconds' : 'lag-messages'}`;
  if (series.name.startsWith('replication/payments/') && minutes < brokersLost) {
    return series.unit === 'seconds' ? (brokersLost - minutes) * 60 : 1_812 * (1 - minutes / brokersLost);
  }
  const grows = series.name.endsWith('/bytes') || series.name.endsWith('/entries') ? 1 - (now - at) / weekMs / 8 : daily(at);
  const value = series.level * grows * (1 + series.swing * walk(series.name, at / 1000) + 0.06 * series.swing * (hash(`${series.name}${at}`) - 0.5));
  return Math.max(0, isLate ? value + series.level * 900 * Math.sin((Math.PI * (lagFrom - minutes)) / (lagFrom - lagTo)) : value);
}
