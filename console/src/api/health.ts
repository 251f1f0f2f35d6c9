import type { JsonValue } from './json';
import { getJson } from './http';
import { Reader } from './reader';

/** `ready` and `degraded` are states of a running host; in the other states its parts do not run. */
export type HostStatus = 'ready' | 'degraded' | 'starting' | 'stopping' | 'standby';

/** A part that the host's health names, with the host's own text. */
export interface ReportedPart {
  name: string;
  state: string;
  detail: string;
}

/** The answer of `/api/health`. A token that is limited to some queues sees the status alone. */
export interface HealthReport {
  status: HostStatus;
  /** Why adapters are blocked although queues are writable; empty if they are not. */
  storage: string;
  /** Queues whose messages are not deleted by age. */
  retention: { queue: string; reason: string }[];
  /** Maps of clients that may have lost changes. */
  maps: { name: string; detail: string }[];
  replication: ReportedPart[];
  /** Why the audit trail cannot be written; empty if it can. */
  audit: string;
  /** Why the webhook gets no changes of alerts; empty if it does. */
  alertWebhook: string;
  /** Queues whose logs were put aside. */
  diverged: { queue: string; detail: string }[];
}

const statuses: readonly HostStatus[] = ['ready', 'degraded', 'starting', 'stopping', 'standby'];

/** Gets the health. Unlike `/health`, this answers 200 in every state, because a browser logs each 503 as an error. */
export async function fetchHealth(signal?: AbortSignal): Promise<HealthReport> {
  return decodeHealth(await getJson('/api/health', signal));
}

export function decodeHealth(json: JsonValue): HealthReport {
  const root = Reader.of(json, 'health');
  return {
    status: root.oneOf('status', statuses, 'degraded'),
    storage: root.optionalText('storage'),
    retention: root.optionalList('retention', (queue) => ({ queue: queue.text('queue'), reason: queue.text('reason') })),
    maps: root.optionalList('maps', (map) => ({ name: map.text('name'), detail: map.text('detail') })),
    replication: root.optionalList('replication', (part) => ({ name: part.text('queue'), state: part.text('state'), detail: part.optionalText('detail') })),
    audit: root.optionalText('audit'),
    alertWebhook: root.optionalText('alertWebhook'),
    diverged: root.optionalList('diverged', (queue) => ({ queue: queue.text('queue'), detail: queue.text('detail') })),
  };
}
