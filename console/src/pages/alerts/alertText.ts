import type { Alert } from '../../api/alerts';
import type { SeriesUnit } from '../../api/history';
import { formatUnit } from '../../format/unit';

const bySeverity = { info: 1, warning: 2, critical: 3 };
const byState = { firing: 100, pending: 10, unknown: 5, ok: 0 };

/** The order of attention: what fires before what may fire, and critical rules first. */
export function severityOf({ state, severity }: Alert): number {
  return byState[state] === 0 ? 0 : byState[state] + bySeverity[severity];
}

/** A value of the rule's series with the unit that the name of the series implies; – if there is none. */
export function valueText({ series }: Alert, value: number | null): string {
  return value === null ? '–' : formatUnit(value, unitOf(series));
}

const unitsByMeasure: Record<string, SeriesUnit> = {
  cpu: 'percent', memory: 'bytes', 'disk-free': 'bytes', bytes: 'bytes', rate: '1/s', received: '1/s', rejected: '1/s', p50: 'seconds', p99: 'seconds', 'append-p99': 'seconds', 'lag-seconds': 'seconds',
};

/** The lags of pipelines and of readers of a queue are in bytes. The name of a reader may be the name of a measure. */
export function unitOf(series: string): SeriesUnit {
  if (/^queue\/[^/]+\/lag\//.test(series)) {
    return 'bytes';
  }
  const measure = series.slice(series.lastIndexOf('/') + 1);
  return series.startsWith('pipeline/') && measure === 'lag' ? 'bytes' : (unitsByMeasure[measure] ?? 'count');
}
