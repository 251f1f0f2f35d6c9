import { adapters, queues, type QueueFact } from './fleet.ts';
import { firstSequence, nextSequence, timeOf } from './messages.ts';
import { daily, hash, walk } from './noise.ts';
import type { MockState } from './state.ts';
import { limitOf, nanos, ok, type MockAnswer } from './wire.ts';

/** Messages per second of a queue now. */
export function rateOf(queue: QueueFact, ms: number): number {
  return Math.max(0, queue.rate * daily(ms) * (1 + 0.18 * walk(queue.name, ms / 1000)));
}

/** A row of a list of queues. */
export function queueRow(queue: QueueFact, state: MockState): Record<string, unknown> {
  const messages = nextSequence(queue, state) - firstSequence(queue);
  const holds = queue.name === 'orders' ? [{ reader: 'risk-nightly', bytes: 1_840_000_000 }] : undefined;
  return {
    name: queue.name,
    messages,
    bytes: messages * queue.size,
    segments: Math.max(1, Math.ceil((messages * queue.size) / 1_073_741_824)) * (queue.partitions ?? 1),
    ratePerSecond: state.pausedQueues.has(queue.name) ? 0 : rateOf(queue, state.now()),
    durability: queue.durability ?? 'PageCache',
    retentionHeldBy: holds === undefined ? '' : 'risk-nightly',
    evictedSegments: queue.name === 'quotes' ? 3 : 0,
    partitions: queue.partitions ?? 1,
    isPaused: state.pausedQueues.has(queue.name),
    ...(holds !== undefined && { heldBy: holds }),
  };
}

/** `GET /api/queues`: one row for each queue, or for each partition of one. */
export function queueList(url: URL, state: MockState): MockAnswer {
  const whole = queues.find(({ name }) => name === url.searchParams.get('partitionsOf'));
  const partitions = whole?.partitions ?? 0;
  const rows = whole === undefined
    ? queues.map((queue) => queueRow(queue, state))
    : Array.from({ length: partitions }, (_, index) => queueRow(partitionOf(whole, index), state));
  const search = (url.searchParams.get('search') ?? '').toLowerCase();
  const sort = url.searchParams.get('sort') ?? 'name';
  const key = { rate: 'ratePerSecond', messages: 'messages', bytes: 'bytes' }[sort];
  const matching = rows
    .filter(({ name }) => String(name).toLowerCase().includes(search))
    .sort((a, b) => (key === undefined ? String(a.name).localeCompare(String(b.name)) : Number(b[key]) - Number(a[key])));
  const start = Number(url.searchParams.get('after') ?? 0);
  const page = matching.slice(start, start + limitOf(url, 200, 10_000));
  const next = start + page.length;
  return ok({ queues: page, total: matching.length, next: next < matching.length ? String(next) : null });
}

export function partitionOf(queue: QueueFact, index: number): QueueFact {
  const count = queue.partitions ?? 1;
  return { ...queue, name: `${queue.name}.${String(index).padStart(4, '0')}`, rate: queue.rate / count, stored: Math.floor(queue.stored / count), partitions: 1 };
}

/** `GET /api/queues/NAME`. */
export function queueDetail(queue: QueueFact, state: MockState): MockAnswer {
  const row = queueRow(queue, state);
  const next = nextSequence(queue, state);
  const readers = readersOf(queue, next);
  const bytes = Number(row.bytes);
  return ok({
    ...row,
    firstSequence: `@${firstSequence(queue)}`,
    nextSequence: `@${next}`,
    firstTime: nanos(timeOf(queue, firstSequence(queue), state)),
    lastTime: nanos(timeOf(queue, next - 1, state)),
    schemas: [queue.schema],
    encrypted: queue.schema.startsWith('Fhir') || queue.schema.startsWith('Pacs'),
    pauseReasons: state.pausedQueues.has(queue.name) ? ['operator'] : [],
    readers,
    groups: queue.name === 'telemetry'
      ? [{ name: 'forecast', lagMessages: 41_204, members: [0, 1, 2].map((index) => ({ name: `forecast-${index}`, since: null, lagMessages: [1_204, 39_800, 200][index] })) }]
      : [],
    appenders: queue.sources.map((source) => ({ name: source, pid: 4_711 })),
    // `risk-nightly` keeps more than the limit of `orders`.
    retention: { retainedBytes: queue.name === 'orders' ? 1_610_612_736 : bytes > 8e9 ? 2 ** Math.ceil(Math.log2(bytes)) * 2 : 0, maxAgeSeconds: 30 * 86_400, heldBy: queue.name === 'orders' ? ['risk-nightly'] : [], evictedSegments: row.evictedSegments },
    witness: queue.name === 'orders' || queue.name === 'telemetry',
    isDeadLetters: queue.isDeadLetters === true,
    sources: queue.sources,
  });
}

const tailerOf: Record<string, string> = { pipeline: 'pipeline', circuit: 'pipeline', group: 'group', map: 'map', adapter: 'egress', follower: 'cluster', replica: 'replica' };

function readersOf(queue: QueueFact, next: number): unknown[] {
  const reader = (kind: string, name: string, lagMessages: number, holdsRetention = false): unknown => ({
    kind, name, tailer: tailerOf[kind] === undefined ? name : `${tailerOf[kind]}-${name}`, sequence: `@${next - lagMessages}`, lagMessages, lagBytes: lagMessages * queue.size, holdsRetention, heldBytes: holdsRetention ? lagMessages * queue.size : 0,
  });
  const egress = adapters.filter((adapter) => adapter.egress?.includes(queue.name) === true).map(({ name }) => reader('adapter', name, 2));
  const special: Record<string, unknown[]> = {
    telemetry: [reader('pipeline', 'hot', 812), reader('group', 'forecast', 41_204), reader('follower', 'site-b', 1_730)],
    orders: [reader('tailer', 'risk-nightly', 8_846_153, true), reader('circuit', 'settle.settlements', 4), reader('replica', 'site-b', 210), reader('pipeline', 'order-sums', 12)],
  };
  return [...(special[queue.name] ?? (hash(queue.name) < 0.4 ? [reader('tailer', 'archive', 120)] : [])), ...egress];
}
