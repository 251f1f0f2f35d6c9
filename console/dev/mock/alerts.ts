import { ok, limitOf, nanos, type MockAnswer } from './wire.ts';
import type { MockState } from './state.ts';

interface AlertFact {
  name: string;
  series: string;
  comparison: 'above' | 'below';
  threshold: number;
  forSeconds: number;
  severity: 'info' | 'warning' | 'critical';
  state: 'ok' | 'pending' | 'firing' | 'unknown';
  sinceMs: number;
  value: number | null;
  detail: string;
}

const rules: readonly AlertFact[] = [
  { name: 'payments-not-replicated', series: 'replication/payments/lag-seconds', comparison: 'above', threshold: 30, forSeconds: 60, severity: 'critical', state: 'firing', sinceMs: 511_000, value: 571.4, detail: 'lag-seconds is 571.4, above 30 for 8 min' },
  { name: 'devices-rejected', series: 'adapter/devices/rejected', comparison: 'above', threshold: 0.05, forSeconds: 300, severity: 'warning', state: 'firing', sinceMs: 140_000, value: 0.062, detail: 'rejected is 0.062 /s, above 0.05 for 5 min' },
  { name: 'forecast-behind', series: 'queue/telemetry/lag/group-forecast', comparison: 'above', threshold: 8_000_000, forSeconds: 120, severity: 'warning', state: 'pending', sinceMs: 48_000, value: 8_240_800, detail: 'lag is 8,240,800, above 8,000,000 for 48 s of 2 min' },
  { name: 'disk-free', series: 'host/disk-free', comparison: 'below', threshold: 10_737_418_240, forSeconds: 60, severity: 'critical', state: 'ok', sinceMs: 90_000_000, value: 41_000_000_000, detail: '' },
  { name: 'cpu', series: 'host/cpu', comparison: 'above', threshold: 80, forSeconds: 300, severity: 'warning', state: 'ok', sinceMs: 90_000_000, value: 34.1, detail: '' },
  { name: 'drop-copy-silent', series: 'adapter/drop-copy/received', comparison: 'below', threshold: 0.1, forSeconds: 600, severity: 'info', state: 'unknown', sinceMs: 11_520_000, value: null, detail: 'the series has no value since the start of the host' },
];

export function alertRows(state: MockState): Record<string, unknown>[] {
  return rules.map(({ sinceMs, ...rule }) => ({ ...rule, since: state.now() - sinceMs }));
}

/** The members of the overview: what fires or is about to. */
export function activeAlerts(state: MockState): Record<string, unknown>[] {
  return alertRows(state).filter((rule) => rule.state === 'firing' || rule.state === 'pending');
}

/** `GET /api/alerts/log`: changes of state as messages, oldest first. */
export function alertLog(url: URL, mock: MockState): MockAnswer {
  const last = Math.min(Number(url.searchParams.get('last') ?? 100), 300, limitOf(url, 300, 1000));
  return ok(
    Array.from({ length: last }, (_, index) => {
      const back = last - index;
      const rule = rules[back % 3]!;
      const state = ['unknown', 'firing', 'ok'][back % 3];
      const value = state === 'unknown' ? null : state === 'ok' ? rule.threshold * 0.8 : rule.value;
      return {
        position: `@${4096 * (300 - back)}`, sequence: `@${300 - back}`, time: nanos(mock.now() - back * 1_900_000), schema: 'estream.system.AlertRecord',
        message: {
          at: nanos(mock.now() - back * 1_900_000), alert: rule.name, series: rule.series, comparison: rule.comparison, state, severity: rule.severity,
          threshold: rule.threshold, value, detail: value === null ? `${rule.series} has no value.` : rule.detail,
        },
      };
    }),
  );
}
