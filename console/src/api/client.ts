import { decodeCircuit, decodeMapPage, decodeMessages } from './decode';
import { parseJson, type JsonValue } from './json';
import type { CircuitDetail, MapPage, Message } from './types';

/** The most entries of a map that one page of the console asks for. */
export const mapPageLimit = 200;

/** The last messages of one queue, oldest first. */
export async function fetchMessages(queue: string, last: number, signal?: AbortSignal): Promise<Message[]> {
  return decodeMessages(await get(`/api/queues/${encodeURIComponent(queue)}/messages?last=${last}`, signal));
}

/** Entries of a map whose key starts with `prefix`; at most {@link mapPageLimit}. */
export async function fetchMapPage(map: string, prefix: string, signal?: AbortSignal): Promise<MapPage> {
  const query = new URLSearchParams({ prefix, limit: String(mapPageLimit) });
  return decodeMapPage(await get(`/api/maps/${encodeURIComponent(map)}?${query}`, signal));
}

/** What a circuit is made of. */
export async function fetchCircuit(name: string, signal?: AbortSignal): Promise<CircuitDetail> {
  return decodeCircuit(await get(`/api/circuits/${encodeURIComponent(name)}`, signal));
}

async function get(url: string, signal?: AbortSignal): Promise<JsonValue> {
  const response = await fetch(url, { headers: { accept: 'application/json' }, ...(signal && { signal }) });
  if (!response.ok) {
    throw new Error(`The host answered ${response.status}. ${reason(await response.text())}`.trimEnd());
  }
  return parseJson(await response.text());
}

/** The host explains a refusal as `{"error":"…"}`; what stands between may answer with anything. */
function reason(body: string): string {
  try {
    const json = parseJson(body);
    return json !== null && typeof json === 'object' && !Array.isArray(json) && typeof json.error === 'string' ? json.error : '';
  } catch {
    return '';
  }
}
