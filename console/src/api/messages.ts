import { ask, findJson, query, StatusError } from './http';
import { parseJson, type JsonValue } from './json';
import { readLines } from './lines';
import { queueUrl } from './queues';
import { Reader } from './reader';
import type { Message } from './types';
import { decodePlaced } from './placed';

/** Where a search begins: `last:N`, `seq:N`, `time:T` (nanoseconds or ISO 8601) or `position:P`. */
export interface SearchRequest {
  from: string;
  to?: string;
  limit: number;
  schema: string;
  /** An expression over the fields of the schema, such as `value > 70`. */
  filter: string;
  lattice: string;
  path: string;
  direction: 'forward' | 'backward';
}

export interface SearchProgress {
  /** Nanoseconds since 1970. */
  time: bigint;
  scanned: number;
  matched: number;
  /** The share of the queue that was read, 0 to 1. */
  fraction: number;
}

export interface SearchEnd {
  /** `limit`: more may follow. `end`: the end of the queue. `budget`: the host stopped; continue from `nextSequence`. */
  reason: 'limit' | 'end' | 'budget';
  scanned: number;
  matched: number;
  nextSequence: bigint | null;
  previousSequence: bigint | null;
  /** The number of the next message to be appended when the search began; null if the host does not say. */
  endSequence: bigint | null;
}

/** What a search tells while it runs. */
interface SearchEvents {
  messages(messages: Message[]): void;
  progress(progress: SearchProgress): void;
}

/** A message with everything the host knows about it. */
export interface MessageDetail extends Message {
  /** The stored bytes in hexadecimal, at most 64 KiB; null if they may contain private values. */
  bytes: string | null;
  length: number;
  previousSequence: bigint | null;
  nextSequence: bigint | null;
  witnessed: boolean;
  deadLetter: DeadLetter | null;
}

/** The message that an adapter did not accept. */
export interface DeadLetter {
  adapter: string;
  /** The topic, path or address with which it came. */
  topic: string;
  reason: string;
  /** The bytes as they came, in hexadecimal; null if they may not be shown. */
  originalBytes: string | null;
}

const reasons: readonly SearchEnd['reason'][] = ['limit', 'end', 'budget'];

/** Searches a queue on the host until its end, its limit or the abort. Messages are delivered in the order found. */
export async function searchMessages(queue: string, request: SearchRequest, events: SearchEvents, signal: AbortSignal): Promise<SearchEnd> {
  const response = await ask(`${queueUrl(queue)}/messages${query({ ...request })}`, signal);
  if (!response.ok || response.body === null) {
    throw new StatusError(response.status, await response.text());
  }
  for await (const lines of readLines(response.body)) {
    const found: Message[] = [];
    for (const line of lines) {
      const told = decodeLine(parseJson(line), queue);
      if ('message' in told) {
        found.push(told.message);
      } else if ('progress' in told) {
        events.progress(told.progress);
      } else if ('end' in told) {
        deliver(found, events);
        return told.end;
      } else {
        throw new Error(told.error);
      }
    }
    deliver(found, events);
  }
  throw new Error('The host ended the search early.');
}

function deliver(found: Message[], events: SearchEvents): void {
  if (found.length > 0) {
    events.messages(found);
  }
}

type Line = { message: Message } | { progress: SearchProgress } | { end: SearchEnd } | { error: string };

export function decodeLine(json: JsonValue, queue: string): Line {
  const line = Reader.of(json, 'line');
  if (line.has('message')) {
    return { message: decodeMessage(line.object('message'), queue) };
  }
  if (line.has('progress')) {
    const progress = line.object('progress');
    return {
      progress: {
        time: progress.exact('time'),
        scanned: progress.count('scanned'),
        matched: progress.count('matched'),
        fraction: progress.count('fraction'),
      },
    };
  }
  if (line.has('error')) {
    return { error: line.text('error') };
  }
  const end = line.object('end');
  return {
    end: {
      reason: end.oneOf('reason', reasons, 'budget'),
      scanned: end.count('scanned'),
      matched: end.count('matched'),
      nextSequence: end.optionalExact('nextSequence'),
      previousSequence: end.optionalExact('previousSequence'),
      endSequence: end.optionalExact('endSequence'),
    },
  };
}

/** One message; null if the queue does not have it (any more). */
export async function fetchMessage(queue: string, sequence: string, signal?: AbortSignal): Promise<MessageDetail | null> {
  const json = await findJson(`${queueUrl(queue)}/messages/${encodeURIComponent(sequence)}`, signal);
  return json === null ? null : decodeMessageDetail(json, queue);
}

export function decodeMessageDetail(json: JsonValue, queue: string): MessageDetail {
  const root = Reader.of(json, 'message');
  return {
    ...decodeMessage(root, queue),
    bytes: root.optionalText('bytes', null),
    length: root.count('length'),
    previousSequence: root.optionalExact('previousSequence'),
    nextSequence: root.optionalExact('nextSequence'),
    witnessed: root.optionalFlag('witnessed'),
    deadLetter: root.has('deadLetter') ? decodeDeadLetter(root.object('deadLetter')) : null,
  };
}

/** The address of a file with the messages of a range, one JSON object a line. */
export function exportUrl(queue: string, range: { from: string; to: string; schema: string; filter: string; lattice: string; path: string }): string {
  return `${queueUrl(queue)}/export${query(range)}`;
}

function decodeMessage(entry: Reader, queue: string): Message {
  return { ...decodePlaced(entry), queue, schema: entry.text('schema') };
}

function decodeDeadLetter(letter: Reader): DeadLetter {
  return {
    adapter: letter.text('adapter'),
    topic: letter.optionalText('topic', '') || letter.optionalText('route'),
    reason: letter.text('reason'),
    originalBytes: letter.optionalText('originalBytes', null),
  };
}
