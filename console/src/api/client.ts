import { decodeAttestations, decodeDevices, decodeInclusion, decodeSession, decodeWaitingPayments } from './decode';
import { answerOf, ask, getJson } from './http';
import type { Attestation, Device, Inclusion, Session, WaitingPayment } from './types';

/** The most payments without an answer that the console asks for. */
export const paymentLimit = 100;

/** The field devices of an adapter. */
export async function fetchDevices(adapter: string, signal?: AbortSignal): Promise<Device[]> {
  return decodeDevices(await getJson(`/api/adapters/${encodeURIComponent(adapter)}/devices`, signal));
}

/** The oldest payments of an adapter that wait for their answer. */
export async function fetchWaitingPayments(adapter: string, signal?: AbortSignal): Promise<WaitingPayment[]> {
  return decodeWaitingPayments(await getJson(`/api/adapters/${encodeURIComponent(adapter)}/payments?limit=${paymentLimit}`, signal));
}

/** The last attestations of a queue, oldest first. */
export async function fetchAttestations(queue: string, last: number, signal?: AbortSignal): Promise<Attestation[]> {
  return decodeAttestations(await getJson(`/api/queues/${encodeURIComponent(queue)}/attestations?last=${last}`, signal));
}

/** The URL of an attestation file. */
export function attestationHref(queue: string, number: number): string {
  return `/api/queues/${encodeURIComponent(queue)}/attestations/${number}`;
}

/** The position of a message in its attestation; null if it is not attested yet. */
export async function fetchInclusion(queue: string, sequence: bigint, signal?: AbortSignal): Promise<Inclusion | null> {
  const response = await ask(`/api/queues/${encodeURIComponent(queue)}/messages/${sequence}/inclusion`, signal);
  return response.status === 404 ? null : decodeInclusion(await answerOf(response));
}

/** The session of this page; null if the host requires a token. */
export async function fetchSession(signal?: AbortSignal): Promise<Session | null> {
  const response = await ask('/api/session', signal);
  return response.status === 401 ? null : decodeSession(await answerOf(response));
}

/** Exchanges a token for a session cookie. Returns whether the host accepted the token. */
export async function signIn(token: string): Promise<boolean> {
  const response = await fetch('/api/session', { method: 'PUT', headers: { authorization: `Bearer ${token}` } });
  if (response.status !== 401) {
    await answerOf(response);
  }
  return response.ok;
}

/** Ends the session. */
export async function signOut(): Promise<void> {
  await fetch('/api/session', { method: 'DELETE' });
}
