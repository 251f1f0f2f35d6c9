import type { Alert } from '../../../api/alerts';
import { inTroubleFirst } from '../../../components/parts/inTroubleFirst';
import { severityOf } from '../../../pages/alerts/alertText';

/** The most rows that the widget draws. */
const mostRules = 200;

export const ruleFilters = ['all', 'firing or pending'] as const;
export const severities = ['info', 'warning', 'critical'] as const;

/** The rules of at least a severity: those that fire first, the newest of them first. */
export function alertRows(alerts: readonly Alert[], filter: (typeof ruleFilters)[number], lowest: Alert['severity']): Alert[] {
  const shown = alerts.filter(
    ({ state, severity }) => severities.indexOf(severity) >= severities.indexOf(lowest) && (filter === 'all' || state === 'firing' || state === 'pending'),
  );
  return inTroubleFirst(
    shown.toSorted((a, b) => (b.since ?? 0) - (a.since ?? 0)),
    severityOf,
  ).slice(0, mostRules);
}
