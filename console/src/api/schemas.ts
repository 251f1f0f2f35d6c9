import { getJson } from './http';
import type { JsonValue } from './json';
import { Reader } from './reader';

/** A schema that the host knows. */
export interface SchemaInfo {
  name: string;
  namespace: string;
  description: string;
  /** The stream pattern; empty if the schema declares none. */
  pattern: string;
  /** The address of its messages, such as `/devices/{device_id}/telemetry`; empty if it has none. */
  path: string;
  /** Whether the schema is part of the library, and not of a file of the host. */
  isBuiltIn: boolean;
  fieldCount: number;
  /** Whether a field is private or holds card numbers. */
  isPrivate: boolean;
  /** The queues that store its messages, as far as the configuration says. */
  queues: string[];
}

export interface SchemaField {
  name: string;
  /** As written in the file, such as `string(64)`. */
  type: string;
  description: string;
  isOptional: boolean;
  isPrivate: boolean;
  isTokenized: boolean;
  /** Who can open a private value; empty if the field is not private. */
  audiences: string[];
  /** The values of an enum; empty for another type. */
  values: string[];
  /** The fields of an object, or of the objects of an array or a map; empty for another type. */
  fields: SchemaField[];
}

export interface SchemaDetail extends SchemaInfo {
  /** The hash of the schema with which each of its messages begins, in hexadecimal. */
  id: string;
  lattice: string;
  fields: SchemaField[];
}

export async function fetchSchemas(signal?: AbortSignal): Promise<SchemaInfo[]> {
  return decodeSchemas(await getJson('/api/schemas?view=list', signal));
}

export async function fetchSchema(name: string, signal?: AbortSignal): Promise<SchemaDetail> {
  return decodeSchema(await getJson(`/api/schemas/${encodeURIComponent(name)}`, signal));
}

export function decodeSchemas(json: JsonValue): SchemaInfo[] {
  return Reader.of(json, 'schemas').list('schemas', infoOf);
}

export function decodeSchema(json: JsonValue): SchemaDetail {
  const root = Reader.of(json, 'schema');
  return {
    ...infoOf(root),
    id: root.text('id'),
    lattice: root.optionalText('lattice'),
    fields: root.list('fields', fieldOf),
  };
}

function fieldOf(field: Reader): SchemaField {
  return {
    name: field.text('name'),
    type: field.text('type'),
    description: field.optionalText('description'),
    isOptional: field.flag('isOptional'),
    isPrivate: field.flag('isPrivate'),
    isTokenized: field.flag('isTokenized'),
    audiences: field.optionalTexts('audiences'),
    values: field.optionalTexts('values'),
    fields: field.optionalList('fields', fieldOf),
  };
}

function infoOf(one: Reader): SchemaInfo {
  return {
    name: one.text('name'),
    namespace: one.text('namespace'),
    description: one.optionalText('description'),
    pattern: one.optionalText('pattern'),
    path: one.optionalText('path'),
    isBuiltIn: one.flag('isBuiltIn'),
    fieldCount: one.count('fieldCount'),
    isPrivate: one.flag('isPrivate'),
    queues: one.optionalTexts('queues'),
  };
}
