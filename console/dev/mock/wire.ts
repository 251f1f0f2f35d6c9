/** An answer of the simulated host. */
export interface MockAnswer {
  status: number;
  /** JSON in which a string "@123" stands for the integer 123. */
  body?: unknown;
  /** Lines of `application/x-ndjson`, instead of a body. */
  lines?: AsyncIterable<unknown>;
  headers?: Record<string, string>;
}

export interface MockRequest {
  method: string;
  url: URL;
  /** The body as text; empty if there is none. */
  body: string;
  /** The headers by their names in lower case. Default: none. */
  headers?: Record<string, string | string[] | undefined>;
}

/** JSON in which a string "@123" stands for the integer 123, which JavaScript could not write without rounding. */
export function toWireJson(value: unknown): string {
  return JSON.stringify(value).replace(/"@(-?\d+)"/g, '$1');
}

export function ok(body: unknown): MockAnswer {
  return { status: 200, body };
}

export function refuse(status: number, error: string): MockAnswer {
  return { status, body: { error } };
}

/** A limit that a request gives, within bounds. */
export function limitOf(url: URL, normal: number, most: number): number {
  const asked = Number(url.searchParams.get('limit') ?? normal);
  return Number.isInteger(asked) && asked > 0 ? Math.min(asked, most) : normal;
}

/** One page of named rows after the row `after`, as every list of the API has it. */
export function pageOf<T extends { name: string }>(rows: readonly T[], url: URL, normal: number, most: number): { rows: T[]; total: number; next: string | null } {
  const search = (url.searchParams.get('search') ?? '').toLowerCase();
  const after = url.searchParams.get('after');
  const matching = rows.filter(({ name }) => name.toLowerCase().includes(search));
  const start = after === null ? 0 : matching.findIndex(({ name }) => name === after) + 1;
  const page = matching.slice(start, start + limitOf(url, normal, most));
  const last = page.at(-1);
  return { rows: page, total: matching.length, next: last !== undefined && start + page.length < matching.length ? last.name : null };
}

/** Milliseconds as an exact integer of nanoseconds. */
export function nanos(ms: number): string {
  return `@${BigInt(Math.round(ms)) * 1_000_000n}`;
}
