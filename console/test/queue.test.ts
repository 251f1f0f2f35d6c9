import { describe, expect, test } from 'vitest';
import { decodeLine, exportUrl, searchMessages } from '../src/api/messages';
import { readLines } from '../src/api/lines';
import { parseJson } from '../src/api/json';
import { decodeQueueDetail, decodeQueuePage } from '../src/api/queues';
import type { Message, Queue } from '../src/api/types';
import { totalsOf } from '../src/components/charts/Readouts';
import { flatten } from '../src/format/fields';
import { circuitOf } from '../src/live/circuitOf';
import { mostMessages, noSearch, searchReducer } from '../src/pages/queue/messages/searchState';
import { fromOf, isComplete, parseSeek, writeSeek } from '../src/pages/queue/messages/seek';
import { messageColumns } from '../src/pages/queue/messages/messageColumns';
import { conditionsText } from '../src/pages/queue/ExportDialog';
import { tipAfter } from '../src/pages/queue/messages/useMessageSearch';
import { inputOf, messageOf } from '../src/pages/queue/publish/formFields';
import type { SchemaField } from '../src/api/schemas';

const message = (sequence: number): Message => ({ queue: 'q', schema: 'S', position: BigInt(sequence), sequence: BigInt(sequence), time: 0n, message: {} });
const field = (name: string, type: string, more: Partial<SchemaField> = {}): SchemaField => ({ name, type, description: '', isOptional: false, isPrivate: false, isTokenized: false, audiences: [], values: [], fields: [], ...more });

describe('the place where a list begins', () => {
  test('is in the address and back', () => {
    for (const text of ['', 'first', 'seq:17', 'time:2026-11-30T14:05', 'position:9007199254740993']) {
      expect(writeSeek(parseSeek(text))).toBe(text);
    }
    expect(parseSeek('seq:x')).toEqual({ kind: 'last', value: '' });
    expect(parseSeek('nonsense')).toEqual({ kind: 'last', value: '' });
  });

  test('is sent to the host as sequence, position or time', () => {
    expect(fromOf({ kind: 'seq', value: '17' })).toBe('seq:17');
    expect(fromOf({ kind: 'first', value: '' })).toBe('seq:0');
    expect(fromOf({ kind: 'time', value: '2026-11-30T14:05:00Z' })).toBe('time:2026-11-30T14:05:00.000Z');
    expect(fromOf({ kind: 'time', value: '1795163037744217372' })).toBe('time:1795163037744217372');
    expect(isComplete({ kind: 'time', value: 'yesterday' })).toBe(false);
  });
});

describe('a search', () => {
  test('keeps a bounded list without duplicates', () => {
    const first = searchReducer({ ...noSearch, running: true }, { type: 'found', messages: [message(3), message(2)] });
    const second = searchReducer(first, { type: 'found', messages: [message(2), message(1)] });
    expect(second.messages.map(({ sequence }) => sequence)).toEqual([3n, 2n, 1n]);
    const many = searchReducer(noSearch, { type: 'found', messages: Array.from({ length: mostMessages + 10 }, (_, index) => message(index)) });
    expect(many.messages).toHaveLength(mostMessages);
  });

  test('puts messages that arrive at the top, and nothing new changes nothing', () => {
    const state = { ...noSearch, messages: [message(2), message(1)] };
    const next = searchReducer(state, { type: 'arrived', messages: [message(2), message(4), message(3)] });
    expect(next.messages.map(({ sequence }) => sequence)).toEqual([4n, 3n, 2n, 1n]);
    expect(searchReducer(next, { type: 'arrived', messages: [message(4)] })).toBe(next);
  });

  test('decodes each kind of line', () => {
    const place = '"position":9007199254740993,"sequence":7,"time":1795163037744217372';
    expect(decodeLine(parseJson(`{"message":{${place},"schema":"S","message":{"a":1}}}`), 'q')).toEqual({
      message: { queue: 'q', schema: 'S', position: 9007199254740993n, sequence: 7n, time: 1795163037744217372n, message: { a: 1 } },
    });
    expect(decodeLine(parseJson('{"error":"The queue is damaged."}'), 'q')).toEqual({ error: 'The queue is damaged.' });
    expect(decodeLine(parseJson('{"end":{"reason":"budget","scanned":10,"matched":0,"nextSequence":5,"previousSequence":null}}'), 'q')).toEqual({
      end: { reason: 'budget', scanned: 10, matched: 0, nextSequence: 5n, previousSequence: null, endSequence: null },
    });
    expect(() => decodeLine(parseJson('{"progress":{"sequence":1}}'), 'q')).toThrow('progress.time is missing');
  });

  test('delivers what the host sends in pieces, and fails if the end is missing', async () => {
    const line = (sequence: number) => `{"message":{"position":1,"sequence":${sequence},"time":1,"schema":"S","message":{}}}\n`;
    const answer = (text: string) => {
      const bytes = new TextEncoder().encode(text);
      const pieces = [bytes.slice(0, 40), bytes.slice(40, 41), bytes.slice(41)];
      globalThis.fetch = () => Promise.resolve(new Response(new ReadableStream({ start: (to) => { pieces.forEach((piece) => to.enqueue(piece)); to.close(); } })));
    };
    const found: bigint[] = [];
    const events = { messages: (messages: Message[]) => found.push(...messages.map(({ sequence }) => sequence)), progress: () => undefined };
    const request = { from: 'last:1', limit: 2, schema: '', filter: '', lattice: '', path: '', direction: 'backward' as const };
    answer(`${line(8)}${line(7)}{"end":{"reason":"limit","scanned":2,"matched":2,"nextSequence":null,"previousSequence":6}}\n`);
    expect((await searchMessages('q', request, events, new AbortController().signal)).previousSequence).toBe(6n);
    expect(found).toEqual([8n, 7n]);
    answer(line(9));
    await expect(searchMessages('q', request, events, new AbortController().signal)).rejects.toThrow('ended the search early');
  });

  test('reads the last line without a line feed', async () => {
    const body = new Response('a\nb').body!;
    const lines: string[] = [];
    for await (const some of readLines(body)) {
      lines.push(...some);
    }
    expect(lines).toEqual(['a', 'b']);
  });
});

describe('columns of messages', () => {
  test('come from the schema; the unit joins its value', () => {
    const columns = messageColumns([field('device_id', 'string(64)'), field('value', 'f64'), field('unit', 'string(16)'), field('at', 'timestamp')], false);
    const of = (id: string) => columns.find((column) => column.id === id);
    expect(of('f.device_id')?.kind).toBe('id');
    expect(of('f.value')?.kind).toBe('number');
    expect(of('f.at')?.kind).toBe('time');
    expect(of('f.unit')?.show).toBe('chosen');
  });
});

test('a withheld value is one sealed field', () => {
  expect(flatten({ name: { $withheld: true }, ward: 3 }).fields).toEqual([
    { path: 'name', value: null, sealed: true },
    { path: 'ward', value: 3 },
  ]);
});

describe('a form', () => {
  test('asks for each type as fits', () => {
    expect(['u64', 'f64', 'bool', 'timestamp', 'string(64)', 'bytes', 'map(string, string)', 'Location'].map((type) => inputOf({ type, values: [] }))).toEqual([
      'integer', 'float', 'flag', 'timestamp', 'text', 'bytes', 'json', 'json',
    ]);
    expect(inputOf({ type: 'Method', values: ['PUT'] })).toBe('choice');
    expect(['array(Method)', 'map(string, Method)'].map((type) => inputOf({ type, values: ['PUT'] }))).toEqual(['json', 'json']);
  });

  test('makes a message with all digits, without empty optional fields', () => {
    const fields = [field('id', 'u64'), field('note', 'string(64)', { isOptional: true }), field('at', 'timestamp'), field('payload', 'bytes')];
    expect(messageOf(fields, { id: '18446744073709551615', note: '', at: '1970-01-01T00:00:01Z', payload: 'DEAD' })).toEqual({
      message: { id: 18446744073709551615n, at: 1_000_000_000n, payload: 'dead' },
    });
    expect(messageOf(fields, { id: '1.5', at: 'x', payload: 'abc' })).toEqual({
      faults: { id: 'is not an integer', at: 'is not a time, such as 2026-11-30T14:05:00Z', payload: 'is not hexadecimal digits in pairs' },
    });
  });
});

test('an empty field is empty, also if all objects have a member of its name', () => {
  expect(messageOf([field('constructor', 'string(64)', { isOptional: true })], {})).toEqual({ message: {} });
  expect(messageOf([field('constructor', 'u64')], {})).toEqual({ faults: { constructor: 'is required' } });
});

test('a required flag must be chosen', () => {
  const fields = [field('on', 'bool')];
  expect(messageOf(fields, {})).toEqual({ faults: { on: 'is required' } });
  expect(messageOf(fields, { on: 'false' })).toEqual({ message: { on: false } });
});

test('a follow continues after the last message that it has read', () => {
  const end = { scanned: 1, matched: 1, nextSequence: 5n, previousSequence: null, endSequence: 9n };
  expect(tipAfter({ ...end, reason: 'end' }, 1n)).toBe(9n);
  expect(tipAfter({ ...end, reason: 'budget' }, 1n)).toBe(5n);
  expect(tipAfter({ ...end, reason: 'limit' }, 1n)).toBe(5n);
  expect(tipAfter({ ...end, reason: 'end', nextSequence: null, endSequence: null }, 1n)).toBe(1n);
});

test('a follow says why new messages are not shown, until they are', () => {
  const state = searchReducer(noSearch, { type: 'following', note: 'The host is busy.' });
  expect(state.followNote).toBe('The host is busy.');
  expect(searchReducer(state, { type: 'following', note: 'The host is busy.' })).toBe(state);
  expect(searchReducer(state, { type: 'following', note: '' }).followNote).toBe('');
});

test('an export has the filter and the address of the page', () => {
  const conditions = { schema: '', filter: 'a > 1', lattice: 'plant', path: '/a/*' };
  expect(exportUrl('q', { from: 'seq:0', to: 'seq:9', ...conditions })).toBe('/api/queues/q/export?from=seq%3A0&to=seq%3A9&filter=a+%3E+1&lattice=plant&path=%2Fa%2F*');
  expect(conditionsText(conditions)).toBe('Only messages with filter a > 1 and lattice plant and path /a/*.');
  expect(conditionsText({ schema: '', filter: '', lattice: '', path: '' })).toBe('');
});

test('a queue of a partitioned host has no sequences, and an error names the member', () => {
  const row = { name: 'q', messages: 1, bytes: 2, segments: 1, ratePerSecond: 0, durability: 'Every', partitions: 16, heldBy: [{ reader: 'a', bytes: 5 }, { reader: 'b', bytes: 6 }] };
  expect(decodeQueuePage({ queues: [row], total: 1, next: null }).queues[0]).toMatchObject({ partitions: 16, heldBytes: 11, isPaused: false });
  const detail = { ...row, firstSequence: null, nextSequence: null, schemas: ['S'], encrypted: false, readers: [], groups: [], appenders: [], retention: {}, witness: false, isDeadLetters: false };
  expect(decodeQueueDetail(detail).nextSequence).toBe(null);
  expect(() => decodeQueueDetail({ ...detail, readers: [{ kind: 'tailer' }] })).toThrow('readers[0].name is missing');
});

test('a reader has the name of its tailer, which the recorded lag has', () => {
  const detail = { name: 'q', messages: 1, bytes: 2, segments: 1, ratePerSecond: 0, durability: 'Every', schemas: [], encrypted: false, groups: [], appenders: [], retention: {}, witness: false, isDeadLetters: false };
  const readers = [{ kind: 'map', name: 'latest', tailer: 'map-latest' }, { kind: 'tailer', name: 'archive' }];
  expect(decodeQueueDetail({ ...detail, readers }).readers.map(({ tailer }) => tailer)).toEqual(['map-latest', 'archive']);
});

test('an output of a circuit leads to the circuit, whose name may contain dots', () => {
  const circuits = [{ name: 'acme.a.v1' }, { name: 'acme.a' }, { name: 'settle' }];
  expect(circuitOf('acme.a.v1.out', circuits)).toBe('acme.a.v1');
  expect(circuitOf('acme.a.v1', circuits)).toBe('acme.a.v1');
  expect(circuitOf('settle.balances', circuits)).toBe('settle');
  expect(circuitOf('gone.out', circuits)).toBe('gone');
});

test('the figures of the overview are the sums of the host over all queues and maps', () => {
  const lists = { queues: [{ messages: 1, bytes: 2, ratePerSecond: 3 }] as Queue[], maps: [] };
  expect(totalsOf({ ...lists, totals: null })).toEqual({ messages: 1, bytes: 2, ratePerSecond: 3, mapEntries: 0 });
  const totals = { messages: 10, bytes: 20, ratePerSecond: 30, mapEntries: 40 };
  expect(totalsOf({ ...lists, totals })).toBe(totals);
});
