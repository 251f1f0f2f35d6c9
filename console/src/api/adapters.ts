import { getJson, sendJson, query } from './http';
import type { JsonValue } from './json';
import { DecodeError, Reader } from './reader';
import type { Adapter, AdapterState } from './types';

/** A reason for which an adapter refused messages since the start of the host. */
export interface Rejection {
  reason: string;
  /** The text of the last one; empty if it says no more than the reason. */
  detail: string;
  count: number;
  /** Epoch milliseconds. */
  lastAt: number | null;
  /** The number of its newest dead letter; null if it is not known. */
  lastSequence: bigint | null;
}

/** A table of an adapter, such as its clients. */
export interface TableInfo {
  name: string;
  title: string;
  total: number;
}

/** All that the page of an adapter shows at once. */
export interface AdapterDetail extends Adapter {
  /** Why the adapter accepts no messages, such as `operator`, or `disk` for one of its queues. */
  pauseReasons: string[];
  /** The queues that the adapter appends to. */
  queues: string[];
  /** The queue of the messages that it refused; empty if it has none. */
  deadLetters: string;
  /** The queues that the adapter sends. */
  egress: string[];
  rejections: Rejection[];
  tables: TableInfo[];
}

export type CellKind = 'text' | 'id' | 'count' | 'bytes' | 'time' | 'duration' | 'state' | 'list';

export interface TableColumn {
  name: string;
  title: string;
  kind: CellKind;
  unit: string;
}

/** The value of a cell; its kind is that of the column. */
export type Cell = string | number | boolean | null | string[];

export interface TablePage {
  columns: TableColumn[];
  rows: Cell[][];
  total: number;
  next: string | null;
}

const states: readonly AdapterState[] = ['healthy', 'degraded', 'unhealthy'];
const kinds: readonly CellKind[] = ['text', 'id', 'count', 'bytes', 'time', 'duration', 'state', 'list'];

export async function fetchAdapter(name: string, signal?: AbortSignal): Promise<AdapterDetail> {
  return decodeAdapter(await getJson(adapterUrl(name), signal));
}

export async function fetchTable(adapter: string, table: string, request: { search: string; after: string | null; limit: number }, signal?: AbortSignal): Promise<TablePage> {
  return decodeTable(await getJson(`${adapterUrl(adapter)}/tables/${encodeURIComponent(table)}${query(request)}`, signal));
}

/** Pauses or resumes an adapter. The host records it in the audit log. */
export async function pauseAdapter(name: string, isPaused: boolean): Promise<void> {
  await sendJson('PUT', `${adapterUrl(name)}/${isPaused ? 'pause' : 'resume'}`);
}

function adapterUrl(name: string): string {
  return `/api/adapters/${encodeURIComponent(name)}`;
}

/** The sentences about a pause, which the host puts before the adapter's own trouble. */
const pauseSentences = /^Paused by an operator\.(?: Resume the adapter with PUT \S+)?\s*/;

/** The members that the overview and the page of an adapter share. */
export function decodeAdapterRow(one: Reader): Adapter {
  const told = one.optionalText('detail');
  const detail = told.replace(pauseSentences, '');
  const isPaused = one.optionalFlag('isPaused') || detail !== told;
  const state = one.oneOf('state', states, 'unhealthy');
  return {
    name: one.text('name'),
    type: one.text('type'),
    state: isPaused && detail === '' && state !== 'unhealthy' ? 'paused' : state,
    detail,
    isPaused,
    connections: one.count('connections'),
    receivedTotal: one.count('receivedTotal'),
    rejectedTotal: one.count('rejectedTotal'),
    restarts: one.count('restarts'),
    deviceCount: one.optionalCount('deviceCount', 0),
    waitingPaymentCount: one.optionalCount('waitingPaymentCount', 0),
  };
}

export function decodeAdapter(json: JsonValue): AdapterDetail {
  const root = Reader.of(json, 'adapter');
  return {
    ...decodeAdapterRow(root),
    pauseReasons: root.texts('pauseReasons'),
    queues: root.texts('queues'),
    deadLetters: root.optionalText('deadLetters'),
    egress: root.texts('egress'),
    rejections: root.list('rejections', (one) => ({
      reason: one.text('reason'),
      detail: one.optionalText('detail'),
      count: one.count('count'),
      lastAt: one.optionalCount('lastAt'),
      lastSequence: one.optionalExact('lastSequence'),
    })),
    tables: root.list('tables', (one) => ({ name: one.text('name'), title: one.text('title'), total: one.count('total') })),
  };
}

export function decodeTable(json: JsonValue): TablePage {
  const root = Reader.of(json, 'table');
  const columns = root.list('columns', (one) => ({ name: one.text('name'), title: one.text('title'), kind: one.oneOf('kind', kinds, 'text'), unit: one.optionalText('unit') }));
  return { columns, rows: rowsOf(root.members.rows, columns.length), total: root.count('total'), next: root.optionalText('next', null) };
}

function rowsOf(value: JsonValue | undefined, width: number): Cell[][] {
  if (!Array.isArray(value)) {
    throw new DecodeError('rows', 'an array', value);
  }
  return value.map((row, index) => {
    if (!Array.isArray(row) || row.length !== width) {
      throw new DecodeError(`rows[${index}]`, `an array of ${width} cells`, row);
    }
    return row.map((cell, column) => cellOf(cell, `rows[${index}][${column}]`));
  });
}

function cellOf(value: JsonValue, path: string): Cell {
  if (typeof value === 'bigint') {
    return Number(value);
  }
  if (Array.isArray(value)) {
    return value.map((item) => (item === null || typeof item === 'object' ? '' : String(item)));
  }
  if (value !== null && typeof value === 'object') {
    throw new DecodeError(path, 'a text, a number or a list', value);
  }
  return value;
}
