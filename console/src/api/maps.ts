import { findJson, getJson, query, sendJson, StatusError } from './http';
import { parseJson, type JsonObject, type JsonValue } from './json';
import { decodePlaced, fieldsOf } from './placed';
import { Reader } from './reader';
import type { Message } from './types';

/** Who writes a map. Only a map of clients can be changed on the page. */
export type MapOwner = 'queue' | 'client' | 'circuit' | 'pipeline' | 'replica';

export interface MapInfo {
  name: string;
  owner: MapOwner;
  /** The queue, circuit, pipeline or host from which the map comes. */
  source: string;
  /** Empty if the map holds plain values. */
  schema: string;
  /** The field of the schema whose value is the key; empty for plain values. */
  key: string;
  entries: number;
  ratePerSecond: number;
  writable: boolean;
  whyReadOnly: string;
}

interface MapList {
  maps: MapInfo[];
  /** The number of maps that match the search; the list has the first 10,000 of them. */
  total: number;
}

/** An entry: a message of the source queue, or a value that a client stored. */
export interface Entry {
  key: string;
  /** The key in hexadecimal if it is not UTF-8, so that `key` does not name it; null otherwise. */
  keyBytes: string | null;
  /** Null for a map that keeps no versions. */
  version: bigint | null;
  /** Epoch milliseconds; null if the entry does not expire. */
  expiresAt: number | null;
  schema: string;
  message: JsonObject | null;
  /** The value as text; null if it is a message or not UTF-8. */
  text: string | null;
  /** The value in hexadecimal; null if it is a message or a text. */
  bytes: string | null;
  /** The size of the stored value in bytes; null if the host does not say. */
  length: number | null;
  /** Whether the host sent only the first part of the value, or could not decode the value. */
  isPartial: boolean;
  /** The place of the message in the source queue; null for a value of a client. */
  place: { position: bigint; sequence: bigint; time: bigint } | null;
}

export interface EntryPage {
  entries: Entry[];
  total: number;
  /** The place of the next page; null on the last. */
  next: string | null;
}

interface EntryHistory {
  messages: Message[];
  /** Whether the whole queue was searched. */
  complete: boolean;
}

/** What an entry is set to. */
export interface EntryChange {
  text?: string;
  bytes?: string;
  message?: JsonObject;
  schema?: string;
  /** The version that the entry must have; absent to write in any case. */
  ifVersion?: bigint;
  timeToLiveSeconds?: number;
}

/** The entry has another version than the change expects. */
export class VersionConflict extends Error {
  readonly version: bigint;

  constructor(version: bigint) {
    super(`Someone else has changed the entry, which now has version ${version}.`);
    this.version = version;
  }
}

const owners: readonly MapOwner[] = ['queue', 'client', 'circuit', 'pipeline', 'replica'];
const conflict = 409;

/** The maximum number of maps in one page. The host has the same limit. */
const mostMaps = 10_000;

export async function fetchMaps(search: string, signal?: AbortSignal): Promise<MapList> {
  return decodeMapList(await getJson(`/api/maps${query({ search, limit: mostMaps })}`, signal));
}

/** The map with a name; null if there is none. */
export async function fetchMap(name: string, signal?: AbortSignal): Promise<MapInfo | null> {
  return (await fetchMaps(name, signal)).maps.find((one) => one.name === name) ?? null;
}

/** One page of entries whose key starts with `prefix`; null if there is no such map. */
export async function fetchEntries(map: string, request: { prefix: string; after: string | null; limit: number }, signal?: AbortSignal): Promise<EntryPage | null> {
  const json = await findJson(`${mapUrl(map)}${query(request)}`, signal);
  return json === null ? null : decodeEntryPage(json);
}

/** One entry; null if the map or the entry does not exist. */
export async function fetchEntry(map: string, key: string, signal?: AbortSignal): Promise<Entry | null> {
  const json = await findJson(entryUrl(map, key), signal);
  return json === null ? null : decodeEntry(Reader.of(json, 'entry'));
}

/** The messages that set a key, newest first; null if the map has no source queue. */
export async function fetchEntryHistory(map: string, key: string, queue: string, signal?: AbortSignal): Promise<EntryHistory | null> {
  const json = await findJson(`${mapUrl(map)}/history${query({ key, limit: 50 })}`, signal);
  return json === null ? null : decodeEntryHistory(json, queue);
}

/** Sets an entry and returns its version. Throws {@link VersionConflict} if it has another version than expected. */
export async function putEntry(map: string, key: string, change: EntryChange): Promise<bigint> {
  const { ifVersion, ...value } = change;
  const answer = await changing(sendJson('PUT', entryUrl(map, key), { ...value, ...(ifVersion !== undefined && { ifVersion }) }));
  return Reader.of(answer ?? undefined, 'the answer').exact('version');
}

export async function deleteEntry(map: string, key: string, ifVersion: bigint | null): Promise<void> {
  await changing(sendJson('DELETE', `${entryUrl(map, key)}${query({ ifVersion })}`));
}

async function changing<T>(change: Promise<T>): Promise<T> {
  try {
    return await change;
  } catch (error) {
    if (error instanceof StatusError && error.status === conflict) {
      const version = versionIn(error.body);
      throw version === null ? error : new VersionConflict(version);
    }
    throw error;
  }
}

function versionIn(body: string): bigint | null {
  try {
    return Reader.of(parseJson(body)).exact('version');
  } catch {
    return null;
  }
}

/** The longest key to type or search. A map that is made from a queue has shorter keys than a map of clients. */
export function longestKeyOf(owner: MapOwner): number {
  return owner === 'queue' ? 64 : 1024;
}

function mapUrl(map: string): string {
  return `/api/maps/${encodeURIComponent(map)}`;
}

function entryUrl(map: string, key: string): string {
  return `${mapUrl(map)}/${encodeURIComponent(key)}`;
}

export function decodeMapList(json: JsonValue): MapList {
  const root = Reader.of(json, 'maps');
  return {
    maps: root.list('maps', (map) => ({
      name: map.text('name'),
      owner: map.oneOf('owner', owners, 'queue'),
      source: map.optionalText('source'),
      schema: map.optionalText('schema'),
      key: map.optionalText('key'),
      entries: map.count('entries'),
      ratePerSecond: map.optionalCount('ratePerSecond', 0),
      writable: map.flag('writable'),
      whyReadOnly: map.optionalText('whyReadOnly'),
    })),
    total: root.count('total'),
  };
}

export function decodeEntryPage(json: JsonValue): EntryPage {
  const root = Reader.of(json, 'map');
  return {
    entries: root.list('entries', decodeEntry),
    total: root.count('total'),
    next: root.optionalText('next', null),
  };
}

export function decodeEntry(entry: Reader): Entry {
  const isPlaced = entry.has('sequence');
  const text = entry.optionalText('text', null);
  const bytes = entry.optionalText('bytes', null);
  const length = entry.optionalCount('length');
  return {
    key: entry.text('key'),
    keyBytes: entry.optionalText('keyBytes', null),
    version: entry.optionalExact('version'),
    expiresAt: entry.optionalCount('expiresAt'),
    schema: entry.optionalText('schema'),
    message: isPlaced || entry.has('message') || entry.has('error') ? fieldsOf(entry) : null,
    text,
    bytes,
    length,
    isPartial: entry.has('error') || (!entry.has('message') && length !== null && isCut(length, text, bytes)),
    place: isPlaced ? { position: entry.exact('position'), sequence: entry.exact('sequence'), time: entry.exact('time') } : null,
  };
}

/** The most bytes of a value that the host sends. */
const mostSent = 64 * 1024;

/** A text that was cut inside a character may be as long as the value, because its last character was replaced. */
function isCut(length: number, text: string | null, bytes: string | null): boolean {
  return length > mostSent || length > (text !== null ? new TextEncoder().encode(text).length : (bytes ?? '').length / 2);
}

export function decodeEntryHistory(json: JsonValue, queue: string): EntryHistory {
  const root = Reader.of(json, 'history');
  return {
    messages: root.list('messages', (entry) => ({ ...decodePlaced(entry), queue, schema: entry.optionalText('schema') })),
    complete: root.optionalFlag('complete'),
  };
}
