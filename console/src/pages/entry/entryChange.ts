import { parseJson, type JsonObject } from '../../api/json';
import type { Entry, EntryChange } from '../../api/maps';

export type ValueForm = 'text' | 'bytes' | 'message';

/** The host takes this version for an entry that must not exist. */
const noVersion = 0n;

/** The version that the entry must have; null for a map that keeps no versions. */
export function expectedVersion(entry: Entry | null): bigint | null {
  return entry === null ? noVersion : entry.version;
}

/** The seconds until an entry expires, as the form starts with them; '' for never. */
export function secondsLeft(entry: Entry | null, now: number): string {
  const expiresAt = entry?.expiresAt ?? null;
  return expiresAt === null ? '' : String(Math.max(1, Math.ceil((expiresAt - now) / 1000)));
}

export function changeOf(form: ValueForm, value: string, schema: string, seconds: string, version: bigint | null): EntryChange {
  const more = { ...(version !== null && { ifVersion: version }), ...(seconds !== '' && { timeToLiveSeconds: Number(seconds) }) };
  if (form === 'message') {
    return { message: parseJson(value) as JsonObject, ...(schema !== '' && { schema }), ...more };
  }
  return form === 'bytes' ? { bytes: value.replace(/\s/g, ''), ...more } : { text: value, ...more };
}
