import { noteHostTime } from './hostClock';
import { parseJson, writeJson, type JsonValue } from './json';

/** The host answered with a status that means failure. The message is the host's own text where it sends one. */
export class StatusError extends Error {
  readonly status: number;
  /** The body, for answers whose body says more than a text, such as 409 with the present version. */
  readonly body: string;

  constructor(status: number, body: string) {
    super(`The host returned HTTP status ${status}. ${reasonIn(body)}`.trimEnd());
    this.name = 'StatusError';
    this.status = status;
    this.body = body;
  }

  /** The text that the host sent, without the status; empty if it sent none. */
  get reason(): string {
    return reasonIn(this.body);
  }
}

/** Gets an answer of the host's API. Throws {@link StatusError} for any status but 2xx. */
export async function getJson(url: string, signal?: AbortSignal): Promise<JsonValue> {
  return answerOf(await ask(url, signal));
}

/** Gets an answer, or null if the host knows nothing at this address. */
export async function findJson(url: string, signal?: AbortSignal): Promise<JsonValue | null> {
  const response = await ask(url, signal);
  return response.status === 404 ? null : answerOf(response);
}

/** Sends a change. Returns the answer, or null if its body is empty. */
export async function sendJson(method: 'POST' | 'PUT' | 'DELETE', url: string, body?: JsonValue, signal?: AbortSignal): Promise<JsonValue | null> {
  const response = await fetch(url, {
    method,
    headers: { accept: 'application/json', ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: writeJson(body) }),
    ...(signal && { signal }),
  });
  const text = await response.text();
  if (!response.ok) {
    throw new StatusError(response.status, text);
  }
  return text === '' ? null : parseJson(text);
}

export async function ask(url: string, signal?: AbortSignal): Promise<Response> {
  const response = await fetch(url, { headers: { accept: 'application/json' }, ...(signal && { signal }) });
  noteHostTime(response.headers.get('date'));
  return response;
}

export async function answerOf(response: Response): Promise<JsonValue> {
  const text = await response.text();
  if (!response.ok) {
    throw new StatusError(response.status, text);
  }
  return parseJson(text);
}

/** The members of a query, without those that are empty or null. */
export function query(members: Record<string, string | number | bigint | boolean | null | undefined>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(members)) {
    if (value !== null && value !== undefined && value !== '') {
      search.set(name, String(value));
    }
  }
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}

/** Returns why a request failed: the error text of the host, if the host sends one. */
export function failureText(cause: unknown): string {
  if (cause instanceof StatusError) {
    return cause.reason || cause.message;
  }
  // `fetch` throws a TypeError if the host does not respond.
  return cause instanceof Error && !(cause instanceof TypeError) ? cause.message : 'The host did not respond.';
}

/** The error text of the host, which sends `{"error":"…"}`. A proxy may send any other body; then the text is empty. */
function reasonIn(body: string): string {
  try {
    const json = parseJson(body);
    return json !== null && typeof json === 'object' && !Array.isArray(json) && typeof json.error === 'string' ? json.error : '';
  } catch {
    return '';
  }
}
