import { parseJson, type JsonObject, type JsonValue } from '../../../api/json';
import type { SchemaField } from '../../../api/schemas';

type InputKind = 'text' | 'integer' | 'float' | 'flag' | 'choice' | 'timestamp' | 'bytes' | 'json';

const integer = /^[iu](?:8|16|32|64|128)\b/;
const nested = /^(?:array|map)\b/;
const float = /^(?:f32|f64|decimal)\b/;
const dayMs = 86_400_000;

/** How the form asks for a field. A nested type is written as JSON. */
export function inputOf({ type, values }: Pick<SchemaField, 'type' | 'values'>): InputKind {
  // The values of an array or a map are those of its items.
  if (values.length > 0 && !nested.test(type)) {
    return 'choice';
  }
  if (integer.test(type)) {
    return 'integer';
  }
  if (float.test(type)) {
    return 'float';
  }
  if (type.startsWith('bool')) {
    return 'flag';
  }
  if (type.startsWith('timestamp')) {
    return 'timestamp';
  }
  return type.startsWith('string') || type === 'uuid' || type.startsWith('uuid') ? 'text' : type.startsWith('bytes') ? 'bytes' : 'json';
}

/** The JSON of a form, or for each wrong field what is wrong. An empty optional field is left out. */
export function messageOf(fields: readonly SchemaField[], texts: Record<string, string>): { message: JsonObject } | { faults: Record<string, string> } {
  const message: JsonObject = {};
  const faults: Record<string, string> = {};
  for (const field of fields) {
    const text = textOf(texts, field.name) ?? '';
    if (text === '' && field.isOptional) {
      continue;
    }
    const value = valueOf(inputOf(field), text);
    if (value === null) {
      faults[field.name] = text === '' ? 'is required' : wrong[inputOf(field)];
    } else {
      message[field.name] = value.value;
    }
  }
  return Object.keys(faults).length > 0 ? { faults } : { message };
}

/** Returns the text of a field. A field may have the name of a member of all objects, such as `constructor`. */
export function textOf(texts: Record<string, string>, field: string): string | undefined {
  return Object.hasOwn(texts, field) ? texts[field] : undefined;
}

const wrong: Record<InputKind, string> = {
  text: 'is not a text',
  integer: 'is not an integer',
  float: 'is not a number',
  flag: 'is not true or false',
  choice: 'is not one of the values',
  timestamp: 'is not a time, such as 2026-11-30T14:05:00Z',
  bytes: 'is not hexadecimal digits in pairs',
  json: 'is not JSON',
};

function valueOf(kind: InputKind, text: string): { value: JsonValue } | null {
  switch (kind) {
    case 'text':
      return { value: text };
    case 'choice':
      return text === '' ? null : { value: text };
    case 'flag':
      return text === '' ? null : { value: text === 'true' };
    case 'integer':
      return /^-?\d{1,39}$/.test(text) ? { value: BigInt(text) } : null;
    case 'float':
      return text.trim() !== '' && Number.isFinite(Number(text)) ? { value: Number(text) } : null;
    case 'bytes':
      return /^(?:[0-9a-fA-F]{2})*$/.test(text) ? { value: text.toLowerCase() } : null;
    case 'timestamp':
      return nanosOf(text);
    case 'json':
      return jsonOf(text);
  }
}

/** A time as nanoseconds: an integer is nanoseconds already, everything else is a date. */
function nanosOf(text: string): { value: bigint } | null {
  if (/^\d{1,19}$/.test(text)) {
    return { value: BigInt(text) };
  }
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : { value: BigInt(ms) * 1_000_000n };
}

function jsonOf(text: string): { value: JsonValue } | null {
  try {
    return { value: parseJson(text) };
  } catch {
    return null;
  }
}

/** What a new form contains: the time now for times, so that a message can be sent without looking at the clock. */
export function initialTexts(fields: readonly SchemaField[], now: number): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const field of fields) {
    const kind = inputOf(field);
    if (kind === 'timestamp' && !field.isOptional && now > dayMs) {
      texts[field.name] = new Date(now).toISOString();
    }
  }
  return texts;
}
