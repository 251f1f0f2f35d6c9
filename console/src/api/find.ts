import { getJson, query } from './http';
import type { JsonValue } from './json';
import { Reader } from './reader';

/** A part of the host that a search by name found. */
export interface Found {
  /** `queue`, `map`, `adapter`, `schema`, `pipeline` or `circuit`; a newer host may know more. */
  kind: string;
  name: string;
  detail: string;
}

/** Parts of the host whose name contains the text, the best match first. */
export async function find(text: string, limit: number, signal?: AbortSignal): Promise<Found[]> {
  return decodeFound(await getJson(`/api/find${query({ text, limit })}`, signal));
}

export function decodeFound(json: JsonValue): Found[] {
  return Reader.of(json, 'results').list('results', (one) => ({ kind: one.text('kind'), name: one.text('name'), detail: one.optionalText('detail') }));
}
