import { parseJson, writeJson, type JsonObject, type JsonValue } from '../../api/json';

type FieldKind = 'text' | 'choice' | 'integer' | 'number' | 'flag' | 'texts' | 'json';

/** The kinds of parts of the host whose names the form offers, by the format in the schema. */
const partFormats = { 'estream-queue': 'queue', 'estream-map': 'map', 'estream-adapter': 'adapter', 'estream-circuit': 'circuit' } as const;
export type PartKind = (typeof partFormats)[keyof typeof partFormats];

/** A setting of a widget as a field of a form. */
export interface ConfigField {
  name: string;
  title: string;
  description: string;
  kind: FieldKind;
  /** The permitted values of a choice. */
  values: readonly JsonValue[];
  minimum: number | null;
  maximum: number | null;
  longest: number;
  /** The most members of a list of texts. */
  mostItems: number;
  /** The kind of part that the setting names; null for other settings. */
  part: PartKind | null;
  isRequired: boolean;
  /** The value of a setting that is not set; undefined if the schema has none. */
  initial: JsonValue | undefined;
}

const mostFields = 64;
const mostValues = 200;
const mostItems = 64;
const longestText = 1024;
const longestJson = 16 * 1024;
const deepest = 16;

/** The settings that a schema of type object declares, at most 64. Settings of kinds that the form does not know are edited as JSON. */
export function fieldsOf(schema: JsonObject | null): ConfigField[] {
  const properties = objectIn(schema?.properties);
  const required = Array.isArray(schema?.required) ? schema.required : [];
  return Object.entries(properties)
    .slice(0, mostFields)
    .map(([name, property]) => fieldOf(name, objectIn(property), required.includes(name)));
}

function fieldOf(name: string, property: JsonObject, isRequired: boolean): ConfigField {
  const values = Array.isArray(property.enum) ? property.enum.slice(0, mostValues) : [];
  const items = objectIn(property.items);
  const kind = values.length > 0 ? 'choice' : property.type === 'array' && items.type === 'string' ? 'texts' : kindOf(property.type);
  return {
    name,
    title: textIn(property.title) || name,
    description: textIn(property.description),
    kind,
    values,
    minimum: numberIn(property.minimum),
    maximum: numberIn(property.maximum),
    longest: kind === 'json' ? longestJson : Math.min(numberIn((kind === 'texts' ? items : property).maxLength) ?? longestText, longestText),
    mostItems: Math.min(numberIn(property.maxItems) ?? mostItems, mostItems),
    part: partOf(textIn(kind === 'texts' ? items.format : property.format)),
    isRequired,
    initial: property.default,
  };
}

function partOf(format: string): PartKind | null {
  return Object.hasOwn(partFormats, format) ? partFormats[format as keyof typeof partFormats] : null;
}

function kindOf(type: JsonValue | undefined): FieldKind {
  switch (type) {
    case 'string':
      return 'text';
    case 'integer':
    case 'number':
      return type;
    case 'boolean':
      return 'flag';
    default:
      return 'json';
  }
}

/** Returns the settings with the defaults of the schema for those that are not set. */
export function withDefaults(schema: JsonObject | null, config: JsonObject): JsonObject {
  const filled: JsonObject = { ...config };
  for (const { name, initial } of fieldsOf(schema)) {
    if (!Object.hasOwn(filled, name) && initial !== undefined) {
      filled[name] = initial;
    }
  }
  return filled;
}

/** The texts of a form for settings. A setting that is not set has its default. */
export function textsOf(fields: readonly ConfigField[], config: JsonObject): Record<string, string> {
  return Object.fromEntries(
    fields.map((field) => {
      const value = Object.hasOwn(config, field.name) ? config[field.name] : field.initial;
      return [field.name, value === undefined ? '' : textOf(field, value)];
    }),
  );
}

function textOf({ kind }: ConfigField, value: JsonValue): string {
  if (kind === 'texts' && Array.isArray(value)) {
    return value.filter((one) => typeof one === 'string').join('\n');
  }
  return kind === 'text' && typeof value === 'string' ? value : writeJson(value, kind === 'json' ? 2 : 0);
}

/**
 * The settings of a form, or for each wrong field what is wrong. `before` keeps its members that have no field. An
 * empty field is left out, so that the default of the schema applies.
 */
export function configOf(fields: readonly ConfigField[], texts: Record<string, string>, before: JsonObject): { config: JsonObject } | { faults: Record<string, string> } {
  const config: JsonObject = { ...before };
  const faults: Record<string, string> = {};
  for (const field of fields) {
    const text = Object.hasOwn(texts, field.name) ? (texts[field.name] ?? '') : '';
    delete config[field.name];
    if (text.trim() === '' && !mayBeEmpty(field)) {
      if (field.isRequired && field.initial === undefined) {
        faults[field.name] = 'is required.';
      }
      continue;
    }
    const read = valueOf(field, text);
    if ('fault' in read) {
      faults[field.name] = read.fault;
    } else {
      config[field.name] = read.value;
    }
  }
  return Object.keys(faults).length > 0 ? { faults } : { config };
}

/** A text or a list may be empty on purpose where the default is another one. */
function mayBeEmpty({ kind, initial }: ConfigField): boolean {
  return kind === 'text' ? typeof initial === 'string' && initial !== '' : kind === 'texts' && Array.isArray(initial) && initial.length > 0;
}

type Read = { value: JsonValue } | { fault: string };

function valueOf(field: ConfigField, text: string): Read {
  switch (field.kind) {
    case 'text':
      return text.length > field.longest ? { fault: `has ${text.length} characters; at most ${field.longest} are permitted.` } : { value: text };
    case 'choice':
      return choiceOf(field, text);
    case 'integer':
      return /^\s*-?\d{1,15}\s*$/.test(text) ? inRange(field, Number(text)) : { fault: 'is not a whole number.' };
    case 'number':
      return Number.isFinite(Number(text)) ? inRange(field, Number(text)) : { fault: 'is not a number.' };
    case 'flag':
      return text === 'true' || text === 'false' ? { value: text === 'true' } : { fault: 'is not true or false.' };
    case 'texts':
      return linesOf(field, text);
    case 'json':
      return jsonOf(field, text);
  }
}

/** A list of texts has one on each line. */
function linesOf({ longest, mostItems }: ConfigField, text: string): Read {
  const lines = [...new Set(text.split('\n').map((line) => line.trim()))].filter((line) => line !== '');
  if (lines.length > mostItems) {
    return { fault: `has ${lines.length} lines; at most ${mostItems} are permitted.` };
  }
  return lines.some((line) => line.length > longest) ? { fault: `has a line of more than ${longest} characters.` } : { value: lines };
}

function choiceOf({ values }: ConfigField, text: string): Read {
  const value = values.find((one) => writeJson(one) === text);
  return value === undefined ? { fault: 'is not one of the permitted values.' } : { value };
}

function inRange({ minimum, maximum }: ConfigField, value: number): Read {
  if ((minimum !== null && value < minimum) || (maximum !== null && value > maximum)) {
    return { fault: rangeText(minimum, maximum) };
  }
  return { value };
}

function rangeText(minimum: number | null, maximum: number | null): string {
  if (minimum !== null && maximum !== null) {
    return `must be from ${minimum} to ${maximum}.`;
  }
  return minimum === null ? `must be at most ${maximum}.` : `must be at least ${minimum}.`;
}

function jsonOf({ longest }: ConfigField, text: string): Read {
  if (text.length > longest) {
    return { fault: `has ${text.length} characters; at most ${longest} are permitted.` };
  }
  try {
    const value = parseJson(text);
    return depthOf(value) > deepest ? { fault: `is nested more than ${deepest} levels deep.` } : { value };
  } catch (cause) {
    return { fault: `is not JSON: ${cause instanceof Error ? cause.message : String(cause)}` };
  }
}

function depthOf(value: JsonValue, level = 0): number {
  if (value === null || typeof value !== 'object' || level > deepest) {
    return level;
  }
  return Object.values(value).reduce<number>((most, member) => Math.max(most, depthOf(member as JsonValue, level + 1)), level + 1);
}

function objectIn(value: JsonValue | undefined): JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? value : {};
}

function textIn(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

function numberIn(value: JsonValue | undefined): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
