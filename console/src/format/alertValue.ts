import type { Alert } from '../api/alerts';
import type { SeriesUnit } from '../api/history';
import { formatUnit, formatUnitBeside } from './unit';

type Rule = Pick<Alert, 'series' | 'comparison' | 'threshold' | 'value'>;

/**
 * Returns the value of the rule's series with the unit that the name of the series implies; – if there is no value. The text
 * differs from the text of the threshold if the numbers differ.
 */
export function valueText({ series, threshold, value }: Omit<Rule, 'comparison'>): string {
  return value === null ? '–' : formatUnitBeside(value, threshold, unitOf(series));
}

/** Returns the comparison with the threshold, such as `above 10 min`. */
export function thresholdText({ series, comparison, threshold, value }: Rule): string {
  const unit = unitOf(series);
  return `${comparison} ${value === null ? formatUnit(threshold, unit) : formatUnitBeside(threshold, value, unit)}`;
}

/** Returns why a rule fires or not, with units. For a rule without a value, returns the host's text, which has no units. */
export function reasonText(rule: Rule & { detail: string }): string {
  const { series, comparison, threshold, value, detail } = rule;
  if (value === null || series === '') {
    return detail;
  }
  const isWrong = comparison === 'above' ? value > threshold : value < threshold;
  return `${series} is ${valueText(rule)}, ${isWrong ? '' : 'not '}${thresholdText(rule)}`;
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
