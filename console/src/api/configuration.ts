import { getJson } from './http';
import type { JsonObject, JsonValue } from './json';
import { Reader } from './reader';

/** What the host sends in place of a secret. */
export const hiddenValue = 'hidden';

/** A setting and its value as text. */
export interface Setting {
  /** The full name, such as `Estream:Http:Port`. */
  path: string;
  value: string;
}

export async function fetchConfiguration(signal?: AbortSignal): Promise<JsonObject> {
  return decodeConfiguration(await getJson('/api/configuration', signal));
}

export function decodeConfiguration(json: JsonValue): JsonObject {
  return Reader.of(json, 'configuration').members;
}

/** The settings of a tree in its order. A list has its numbers as names, as in the configuration of .NET. */
export function settingsOf(tree: JsonValue, path = ''): Setting[] {
  if (tree === null || typeof tree !== 'object') {
    return [{ path, value: tree === null ? '' : String(tree) }];
  }
  const members = Array.isArray(tree) ? tree.map((item, index): [string, JsonValue] => [String(index), item]) : Object.entries(tree);
  return members.flatMap(([name, member]) => settingsOf(member, path === '' ? name : `${path}:${name}`));
}
