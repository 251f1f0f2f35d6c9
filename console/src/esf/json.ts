import { EsfWithheld, type EsfValue } from './decode';

/** A decoded value as JSON text without spaces and with all digits. */
export function writeEsfJson(value: EsfValue): string {
  if (value instanceof Map) {
    return `{${[...value].map(([key, item]) => `${JSON.stringify(key)}:${writeEsfJson(item)}`).join(',')}}`;
  }
  if (Array.isArray(value)) {
    return `[${value.map(writeEsfJson).join(',')}]`;
  }
  if (value instanceof EsfWithheld) {
    return '{"$withheld":true}';
  }
  if (typeof value === 'bigint') {
    return value.toString();
  }
  return Object.is(value, -0) ? '-0' : JSON.stringify(value);
}
