import { findJson, getJson, query, sendJson } from './http';
import type { JsonObject, JsonValue } from './json';
import { Reader } from './reader';
import type { Queue } from './types';

export interface QueuePage {
  queues: Queue[];
  /** The number of queues that match the search; the page has the first 10,000 of them. */
  total: number;
}

/** The maximum number of queues in one page. The host has the same limit. */
const mostQueues = 10_000;

/** A named reader of a queue. */
export interface QueueReader {
  kind: string;
  name: string;
  /** The name of its tailer, which the recorded lag has too. */
  tailer: string;
  /** The next message to read; null if it is not known, or for a partitioned queue. */
  sequence: bigint | null;
  lagMessages: number | null;
  lagBytes: number;
  holdsRetention: boolean;
  heldBytes: number;
}

export interface QueueGroup {
  name: string;
  lagMessages: number | null;
  members: { name: string; lagMessages: number | null }[];
}

/** A limit of 0 or null is none. */
export interface QueueRetention {
  retainedBytes: number;
  maxAgeSeconds: number;
  heldBy: string[];
  evictedSegments: number;
}

/** Everything about one queue but its messages. A partitioned queue has no sequences and times of its own. */
export interface QueueDetail extends Queue {
  firstSequence: bigint | null;
  nextSequence: bigint | null;
  /** Nanoseconds since 1970; null if the queue is empty. */
  firstTime: bigint | null;
  lastTime: bigint | null;
  schemas: string[];
  encrypted: boolean;
  pauseReasons: string[];
  pauseDetail: string;
  readers: QueueReader[];
  groups: QueueGroup[];
  appenders: { name: string; pid: number | null }[];
  retention: QueueRetention;
  witness: boolean;
  isDeadLetters: boolean;
  /** What appends: `adapter:NAME`, `pipeline:NAME`, `circuit:NAME` or `clients`. */
  sources: string[];
  /** Why the user may not publish to the queue; '' if the host does not say. */
  whyNotPublish: string;
}

export interface RedriveAnswer {
  sent: number;
  refused: number;
  /** The sequence number to continue from, if there are more. */
  next: bigint;
  hasMore: boolean;
  deadLetters: { sequence: bigint; source: string; topic: string; reason: string }[];
}

interface RedriveRequest {
  where: string;
  from: bigint;
  limit: number;
  dryRun: boolean;
}

/** The queues whose name contains the search, or the partitions of a queue, by name. */
export async function fetchQueues(request: { search?: string; partitionsOf?: string }, signal?: AbortSignal): Promise<QueuePage> {
  return decodeQueuePage(await getJson(`/api/queues${query({ ...request, sort: 'name', limit: mostQueues })}`, signal));
}

/** One queue; null if the host has none with this name. */
export async function fetchQueue(name: string, signal?: AbortSignal): Promise<QueueDetail | null> {
  const json = await findJson(queueUrl(name), signal);
  return json === null ? null : decodeQueueDetail(json);
}

export async function pauseQueue(name: string, pause: boolean): Promise<void> {
  await sendJson('PUT', `${queueUrl(name)}/${pause ? 'pause' : 'resume'}`);
}

/** Appends a message and returns its sequence number. */
export async function appendMessage(queue: string, schema: string, message: JsonObject): Promise<bigint> {
  return Reader.of((await sendJson('POST', `${queueUrl(queue)}/messages`, { schema, message })) ?? undefined, 'the answer').exact('sequence');
}

/** Stores the original messages of dead letters again, through the mapping of their adapters. */
export async function redrive(queue: string, request: RedriveRequest): Promise<RedriveAnswer> {
  return decodeRedrive(await sendJson('PUT', `${queueUrl(queue)}/redrive${query({ ...request })}`));
}

export function queueUrl(name: string): string {
  return `/api/queues/${encodeURIComponent(name)}`;
}

export function decodeQueuePage(json: JsonValue): QueuePage {
  const root = Reader.of(json, 'queues');
  return { queues: root.list('queues', decodeQueue), total: root.count('total') };
}

export function decodeQueue(queue: Reader): Queue {
  return {
    name: queue.text('name'),
    messages: queue.count('messages'),
    bytes: queue.count('bytes'),
    segments: queue.count('segments'),
    ratePerSecond: queue.count('ratePerSecond'),
    durability: queue.text('durability'),
    retentionHeldBy: queue.optionalText('retentionHeldBy'),
    evictedSegments: queue.optionalCount('evictedSegments', 0),
    partitions: queue.optionalCount('partitions', 0),
    isPaused: queue.optionalFlag('isPaused'),
    heldBytes: queue.optionalList('heldBy', (hold) => hold.count('bytes')).reduce((sum, bytes) => sum + bytes, 0),
  };
}

export function decodeQueueDetail(json: JsonValue): QueueDetail {
  const root = Reader.of(json, 'queue');
  return {
    ...decodeQueue(root),
    firstSequence: root.optionalExact('firstSequence'),
    nextSequence: root.optionalExact('nextSequence'),
    firstTime: root.optionalExact('firstTime'),
    lastTime: root.optionalExact('lastTime'),
    schemas: root.texts('schemas'),
    encrypted: root.flag('encrypted'),
    pauseReasons: root.optionalTexts('pauseReasons'),
    pauseDetail: root.optionalText('pauseDetail'),
    readers: root.list('readers', decodeReader),
    groups: root.list('groups', decodeGroup),
    appenders: root.list('appenders', (one) => ({ name: one.text('name'), pid: one.optionalCount('pid') })),
    retention: decodeRetention(root.object('retention')),
    witness: root.flag('witness'),
    isDeadLetters: root.flag('isDeadLetters'),
    sources: root.optionalTexts('sources'),
    whyNotPublish: root.optionalText('whyNotPublish'),
  };
}

function decodeReader(one: Reader): QueueReader {
  return {
    kind: one.text('kind'),
    name: one.text('name'),
    tailer: one.optionalText('tailer') || one.text('name'),
    sequence: one.optionalExact('sequence'),
    lagMessages: one.optionalCount('lagMessages'),
    lagBytes: one.optionalCount('lagBytes', 0),
    holdsRetention: one.optionalFlag('holdsRetention'),
    heldBytes: one.optionalCount('heldBytes', 0),
  };
}

function decodeGroup(one: Reader): QueueGroup {
  return {
    name: one.text('name'),
    lagMessages: one.optionalCount('lagMessages'),
    members: one.list('members', (member) => ({ name: member.text('name'), lagMessages: member.optionalCount('lagMessages') })),
  };
}

function decodeRetention(one: Reader): QueueRetention {
  return {
    retainedBytes: one.optionalCount('retainedBytes', 0),
    maxAgeSeconds: one.optionalCount('maxAgeSeconds', 0),
    heldBy: one.optionalTexts('heldBy'),
    evictedSegments: one.optionalCount('evictedSegments', 0),
  };
}

export function decodeRedrive(json: JsonValue): RedriveAnswer {
  const root = Reader.of(json, 'the answer');
  return {
    sent: root.count('sent'),
    refused: root.count('refused'),
    next: root.exact('next'),
    hasMore: root.flag('hasMore'),
    deadLetters: root.list('deadLetters', (letter) => ({
      sequence: letter.exact('sequence'),
      source: letter.text('source'),
      topic: letter.optionalText('topic'),
      reason: letter.optionalText('reason'),
    })),
  };
}
