import { circuits, pipelineRows } from './circuits.ts';
import { adapters, maps, queues } from './fleet.ts';
import type { MockState } from './state.ts';
import { limitOf, ok, type MockAnswer } from './wire.ts';

interface Found {
  kind: string;
  name: string;
  detail: string;
}

/** `GET /api/find`: names that start with the text, then those that contain it, then those with its letters in order. */
export function find(url: URL, state: MockState): MockAnswer {
  const text = (url.searchParams.get('text') ?? '').toLowerCase();
  const all: Found[] = [
    ...queues.map(({ name, schema }) => ({ kind: 'queue', name, detail: schema })),
    ...maps.map(({ name, owner }) => ({ kind: 'map', name, detail: `of a ${owner}` })),
    ...adapters.map(({ name, type }) => ({ kind: 'adapter', name, detail: type })),
    ...[...new Set(queues.map(({ schema }) => schema))].map((name) => ({ kind: 'schema', name, detail: '' })),
    ...pipelineRows(state).map(({ name }) => ({ kind: 'pipeline', name, detail: '' })),
    ...circuits.map(({ name, description }) => ({ kind: 'circuit', name, detail: description })),
  ];
  const results = all
    .map((one) => ({ one, rank: rankOf(one.name.toLowerCase(), text) }))
    .filter(({ rank }) => rank < 3)
    .sort((a, b) => a.rank - b.rank || a.one.name.localeCompare(b.one.name))
    .slice(0, limitOf(url, 20, 100))
    .map(({ one }) => one);
  return ok({ results });
}

function rankOf(name: string, text: string): number {
  if (name.startsWith(text)) {
    return 0;
  }
  if (name.includes(text)) {
    return 1;
  }
  let at = 0;
  for (const letter of name) {
    at += letter === text[at] ? 1 : 0;
  }
  return at === text.length ? 2 : 3;
}
