import { maps, queues, type MapFact } from './fleet.ts';
import { messageOf, nextSequence } from './messages.ts';
import { daily, hash, walk } from './noise.ts';
import type { MockState } from './state.ts';
import { limitOf, ok, pageOf, refuse, type MockAnswer, type MockRequest } from './wire.ts';

/** A search for a prefix looks at most at this many keys. */
const scanned = 200_000;

export function mapRow(map: MapFact, ms: number): Record<string, unknown> & { name: string } {
  return {
    name: map.name,
    owner: map.owner,
    source: map.source,
    schema: map.schema,
    key: map.key,
    entries: map.entries,
    ratePerSecond: Math.max(0, map.rate * daily(ms) * (1 + 0.2 * walk(map.name, ms / 1000))),
    writable: map.whyReadOnly === undefined,
    whyReadOnly: map.whyReadOnly ?? null,
  };
}

export function mapList(url: URL, state: MockState): MockAnswer {
  const { rows, total, next } = pageOf(maps.map((map) => mapRow(map, state.now())), url, 200, 10_000);
  return ok({ maps: rows, total, next });
}

/** `GET /api/maps/NAME`: entries in the order of their numbers, which the host's answer may differ in. */
export function mapPage(map: MapFact, url: URL, state: MockState): MockAnswer {
  const prefix = url.searchParams.get('prefix') ?? '';
  const after = url.searchParams.get('after');
  const limit = limitOf(url, 200, 10_000);
  const entries: unknown[] = [];
  let started = after === null;
  let next: string | null = null;
  let last = '';
  for (let index = 0; index < Math.min(map.entries, scanned); index++) {
    const key = map.keyOf(index);
    if (!started) {
      started = key === after;
    } else if (key.startsWith(prefix) && state.entries.get(`${map.name}/${key}`) !== null) {
      if (entries.length === limit) {
        next = last;
        break;
      }
      entries.push(entryOf(map, key, index, state));
      last = key;
    }
  }
  return ok({ entries, total: prefix === '' ? map.entries : entries.length, next, owner: map.owner, writable: map.whyReadOnly === undefined, role: 'operator' });
}

export function mapEntry(map: MapFact, key: string, state: MockState): MockAnswer {
  for (let index = 0; index < Math.min(map.entries, scanned); index++) {
    if (map.keyOf(index) === key) {
      return state.entries.get(`${map.name}/${key}`) === null ? refuse(404, `Map '${map.name}' has no entry '${key}'.`) : ok(entryOf(map, key, index, state));
    }
  }
  return state.entries.has(`${map.name}/${key}`) ? ok(entryOf(map, key, 0, state)) : refuse(404, `Map '${map.name}' has no entry '${key}'.`);
}

export function mapHistory(map: MapFact, url: URL, state: MockState): MockAnswer {
  const queue = queues.find(({ name }) => name === map.source);
  if (queue === undefined) {
    return refuse(404, `Map '${map.name}' is not folded from a queue, so it has no history.`);
  }
  const next = nextSequence(queue, state);
  return ok({ messages: Array.from({ length: limitOf(url, 50, 200) }, (_, index) => messageOf(queue, next - 1 - index * 997, state)), complete: false });
}

export function changeEntry(map: MapFact, key: string, request: MockRequest, state: MockState): MockAnswer {
  if (map.whyReadOnly !== undefined) {
    return refuse(403, map.whyReadOnly);
  }
  if (request.method === 'DELETE') {
    state.put(map.name, key, null);
    return { status: 204 };
  }
  const { text = '', ifVersion } = JSON.parse(request.body) as { text?: string; ifVersion?: number };
  const present = mapEntry(map, key, state);
  const version = present.status === 200 ? (present.body as { version: number }).version : 0;
  return ifVersion !== undefined && ifVersion !== version
    ? { status: 409, body: { error: `The entry has version ${version}.`, version } }
    : ok({ version: state.put(map.name, key, text) });
}

function entryOf(map: MapFact, key: string, index: number, state: MockState): unknown {
  const queue = queues.find(({ name }) => name === map.source) ?? queues.find(({ schema }) => schema === map.schema);
  if (map.owner === 'client' || map.owner === 'replica' || queue === undefined) {
    const put = state.entries.get(`${map.name}/${key}`);
    const text = put?.text ?? (map.name === 'sessions' ? `{"user":"operator-${index % 40}","since":"2026-11-30T06:12:00Z"}` : String(60 + (index % 25)));
    return {
      key,
      version: put?.version ?? 1 + (index % 7),
      expiresAt: map.name === 'sessions' ? state.now() + 60_000 * (1 + (index % 30)) : null,
      length: new TextEncoder().encode(text).length,
      text,
    };
  }
  const sequence = nextSequence(queue, state) - 1 - Math.floor(hash(key) * 4000);
  const { message, ...placed } = messageOf(queue, sequence, state);
  return { key, version: 1 + (index % 7), expiresAt: null, ...placed, message: { ...(message as object), ...(map.key !== '' && { [map.key]: key }) } };
}
