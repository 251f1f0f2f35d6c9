import type { JsonObject, JsonValue } from '../api/json';

/** The most fields of one message that are shown. */
const maxFields = 200;
const maxDepth = 8;

export interface Field {
  path: string;
  value: Scalar;
  /** Whether the value is private and was withheld. */
  sealed?: true;
}

export type Scalar = null | boolean | number | bigint | string;

/** The fields of a message as a flat list, nested names joined by dots: location.latitude, limits[2].unit. */
export function flatten(message: JsonObject): { fields: Field[]; omitted: number } {
  const fields: Field[] = [];
  let omitted = 0;
  const walk = (value: JsonValue, path: string, depth: number): void => {
    if (fields.length >= maxFields || depth > maxDepth) {
      omitted++;
      return;
    }
    if (value === null || typeof value !== 'object') {
      fields.push({ path, value });
      return;
    }
    if (!Array.isArray(value) && value.$withheld === true) {
      fields.push({ path, value: null, sealed: true });
      return;
    }
    const children = Array.isArray(value)
      ? value.map((item, index): [string, JsonValue] => [`${path}[${index}]`, item])
      : Object.entries(value).map(([name, item]): [string, JsonValue] => [path === '' ? name : `${path}.${name}`, item]);
    if (children.length === 0 && path !== '') {
      fields.push({ path, value: Array.isArray(value) ? '(empty list)' : '(empty)' });
    }
    for (const [name, item] of children) {
      walk(item, name, depth + 1);
    }
  };
  walk(message, '', 0);
  return { fields, omitted };
}

/** A scalar as text. With `digits`, a float has at most so many significant digits. */
export function formatScalar(value: Scalar, digits?: number): string {
  if (typeof value === 'number' && digits !== undefined && !Number.isInteger(value)) {
    return String(Number(value.toPrecision(digits)));
  }
  return String(value);
}

const earliestPlausible = 100_000_000_000_000_000n;

/**
 * The nanoseconds of a field that is a time by its name and size, otherwise null. The API does not send the schema,
 * so this is a guess, and the plain number is always shown as well.
 */
export function asTimestamp(path: string, value: Scalar): bigint | null {
  if ((typeof value !== 'bigint' && typeof value !== 'number') || !/(?:^|[._])(?:timestamp|time|at)$/.test(path)) {
    return null;
  }
  if (typeof value === 'number' && !Number.isInteger(value)) {
    return null;
  }
  const nanos = BigInt(value);
  return nanos >= earliestPlausible ? nanos : null;
}
