import type { JsonObject } from '../api/json';
import { formatScalar } from './fields';

/** A message in one line: the subject, the value and its unit. */
export interface Digest {
  subject: string;
  value: string;
  unit: string;
}

const listDigits = 9;

/**
 * Chooses the text of the line: metric, value and unit of telemetry, the reason of a dead letter, or the first
 * scalar fields of any other schema.
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

/** The id of the device, account or order in a message, if it has such a field. */
export function subjectOf(message: JsonObject): string {
  for (const name of subjects) {
    const field = message[name];
    if (typeof field === 'string') {
      return field;
    }
  }
  return '';
}
