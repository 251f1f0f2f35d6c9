import { findJson, getJson } from './http';
import type { JsonValue } from './json';
import { decodeRecords } from './records';
import { Reader } from './reader';

export type AlertState = 'ok' | 'pending' | 'firing' | 'unknown';
type AlertSeverity = 'info' | 'warning' | 'critical';

/** An alert rule and its state. */
export interface Alert {
  name: string;
  series: string;
  comparison: 'above' | 'below';
  threshold: number;
  /** How long the condition must hold before the alert fires. */
  forSeconds: number;
  severity: AlertSeverity;
  state: AlertState;
  /** Epoch milliseconds; null if the state never changed. */
  since: number | null;
  /** The newest value of the series; null if there is none. */
  value: number | null;
  detail: string;
}

/** A change of the state of an alert. */
export interface AlertChange {
  sequence: bigint;
  /** Nanoseconds since the epoch. */
  at: bigint;
  alert: string;
  /** The series of the rule; empty if the record names none. */
  series: string;
  comparison: Alert['comparison'];
  threshold: number;
  severity: AlertSeverity;
  state: string;
  value: number | null;
  detail: string;
}

const states: readonly AlertState[] = ['ok', 'pending', 'firing', 'unknown'];
const severities: readonly AlertSeverity[] = ['info', 'warning', 'critical'];

export async function fetchAlerts(signal?: AbortSignal): Promise<Alert[]> {
  return decodeAlerts(await getJson('/api/alerts', signal));
}

/** The newest changes, oldest first; null if the host records none. */
export async function fetchAlertLog(last: number, signal?: AbortSignal): Promise<AlertChange[] | null> {
  const json = await findJson(`/api/alerts/log?last=${last}`, signal);
  return json === null ? null : decodeAlertLog(json);
}

export function decodeAlerts(json: JsonValue): Alert[] {
  return Reader.listOf(json, 'alerts', decodeAlert);
}

export function decodeAlert(one: Reader): Alert {
  return {
    name: one.text('name'),
    series: one.text('series'),
    comparison: one.oneOf('comparison', ['above', 'below'], 'above'),
    threshold: one.count('threshold'),
    forSeconds: one.count('forSeconds'),
    severity: one.oneOf('severity', severities, 'warning'),
    state: one.oneOf('state', states, 'unknown'),
    since: one.optionalCount('since'),
    value: one.optionalCount('value'),
    detail: one.optionalText('detail'),
  };
}

export function decodeAlertLog(json: JsonValue): AlertChange[] {
  return decodeRecords(json, 'alert log', ({ sequence, time, fields }) => ({
    sequence,
    at: time,
    alert: fields.optionalText('alert'),
    series: fields.optionalText('series'),
    comparison: fields.optionalText('comparison') === 'below' ? 'below' : 'above',
    threshold: fields.optionalCount('threshold', 0),
    severity: severities.find((one) => one === fields.optionalText('severity')) ?? 'warning',
    state: fields.optionalText('state'),
    value: fields.optionalCount('value'),
    detail: fields.optionalText('detail'),
  }));
}
