import { findJson } from './http';
import type { JsonValue } from './json';
import { decodeRecords } from './records';
import { Reader } from './reader';

/** An access token. The host never sends its secret. */
export interface AccessToken {
  name: string;
  role: string;
  /** What the token reaches, as text; empty for everything that its role allows. */
  scopes: string[];
  /** Epoch milliseconds; null if the file does not say. */
  createdAt: number | null;
  /** Epoch milliseconds; null for a token that does not expire. */
  expiresAt: number | null;
  revoked: boolean;
}

/** An administrative action. */
export interface AuditAct {
  sequence: bigint;
  /** Nanoseconds since the epoch. */
  at: bigint;
  actor: string;
  role: string;
  origin: string;
  action: string;
  target: string;
  /** `done`, `refused` or `failed`. */
  outcome: string;
  detail: string;
}

/** The tokens of the host; null if it has no token file. */
export async function fetchTokens(signal?: AbortSignal): Promise<AccessToken[] | null> {
  const json = await findJson('/api/tokens', signal);
  return json === null ? null : decodeTokens(json);
}

/** The newest actions, oldest first; null if the host records none. */
export async function fetchActs(last: number, signal?: AbortSignal): Promise<AuditAct[] | null> {
  const json = await findJson(`/api/audit?last=${last}`, signal);
  return json === null ? null : decodeActs(json);
}

export function decodeTokens(json: JsonValue): AccessToken[] {
  return Reader.listOf(json, 'tokens', (one) => ({
    name: one.text('name'),
    role: one.text('role'),
    scopes: one.optionalTexts('scopes'),
    createdAt: one.optionalCount('createdAt'),
    expiresAt: one.optionalCount('expiresAt'),
    revoked: one.optionalFlag('revoked'),
  }));
}

export function decodeActs(json: JsonValue): AuditAct[] {
  return decodeRecords(json, 'audit', ({ sequence, fields }) => ({
    sequence,
    at: fields.exact('at'),
    actor: fields.optionalText('actor'),
    role: fields.optionalText('role'),
    origin: fields.optionalText('origin'),
    action: fields.optionalText('action'),
    target: fields.optionalText('target'),
    outcome: fields.optionalText('outcome'),
    detail: fields.optionalText('detail'),
  }));
}
