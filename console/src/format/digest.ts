import type { JsonObject } from '../api/json';
import { formatScalar } from './fields';

/** A message in one line: what it is about, the value, and the unit of the value. */
export interface Digest {
  subject: string;
  value: string;
  unit: string;
}

const listDigits = 9;

/**
 * Picks the line's words. A telemetry reading has a metric, a value and a unit; a dead letter a reason; any
 * other schema is told by its first scalar fields.
 */
export function digest(message: JsonObject, keyField?: string): Digest {
  const { metric_name: metric, value, unit, reason } = message;
  if (typeof metric === 'string' && (typeof value === 'number' || typeof value === 'bigint')) {
    return { subject: metric, value: formatScalar(value, listDigits), unit: typeof unit === 'string' ? unit : '' };
  }
  if (typeof reason === 'string') {
    return { subject: reason, value: '', unit: '' };
  }
  const words: string[] = [];
  for (const [name, field] of Object.entries(message)) {
    if (name !== keyField && field !== null && typeof field !== 'object' && words.length < 4) {
      words.push(`${name} ${formatScalar(field, listDigits)}`);
    }
  }
  return { subject: words.join(' · '), value: '', unit: '' };
}

const subjects = ['device_id', 'topic', 'account_id', 'order_id', 'id'];

/** Who or what a message is about, when it carries a field that says so. */
export function subjectOf(message: JsonObject): string {
  for (const name of subjects) {
    const field = message[name];
    if (typeof field === 'string') {
      return field;
    }
  }
  return '';
}
