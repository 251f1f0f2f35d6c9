import type { JsonObject } from '../../../api/json';

/** The kinds of parts whose names a settings form offers. */
type PartFormat = 'estream-queue' | 'estream-map' | 'estream-adapter' | 'estream-circuit';

/** The settings of a widget as a JSON Schema. */
export function settings(properties: Record<string, JsonObject>): JsonObject {
  return { type: 'object', properties, additionalProperties: false };
}

/** The name of a part of the host; '' lets the widget choose. */
export function part(format: PartFormat, title: string, description: string): JsonObject {
  return { type: 'string', format, title, description, default: '', maxLength: 256 };
}

/** The names of several parts of the host; an empty list lets the widget choose. */
export function parts(format: PartFormat, title: string, description: string, maxItems: number): JsonObject {
  return { type: 'array', items: { type: 'string', format, maxLength: 256 }, title, description, default: [], maxItems, uniqueItems: true };
}

export function text(title: string, description: string, initial = '', maxLength = 256): JsonObject {
  return { type: 'string', title, description, default: initial, maxLength };
}

/** One of several texts, which are both the values and what the user reads. */
export function choice(title: string, description: string, values: readonly string[]): JsonObject {
  return { type: 'string', title, description, enum: [...values], default: values[0]! };
}

export function whole(title: string, description: string, [minimum, initial, maximum]: readonly [number, number, number]): JsonObject {
  return { type: 'integer', title, description, minimum, maximum, default: initial };
}

export function decimal(title: string, description: string, [minimum, initial, maximum]: readonly [number, number, number]): JsonObject {
  return { type: 'number', title, description, minimum, maximum, default: initial };
}

export function flag(title: string, description: string, initial = false): JsonObject {
  return { type: 'boolean', title, description, default: initial };
}
