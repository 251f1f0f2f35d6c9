import type { MockState } from './state.ts';
import { nanos } from './wire.ts';

export function tokens(state: MockState): unknown[] {
  const day = 86_400_000;
  const token = (name: string, role: string, scopes: string[], created: number, expires: number | null, revoked = false): unknown => ({
    name, role, scopes, createdAt: state.now() - created * day, expiresAt: expires === null ? null : state.now() + expires * day, revoked,
  });
  return [
    token('ann', 'admin', [], 210, 155), token('grafana', 'metrics', [], 180, null), token('forecast', 'viewer', ['queue telemetry*: read', 'map latest: read'], 90, 4),
    token('forwarder', 'operator', ['queue plant-7: append'], 61, 120), token('night-shift', 'operator', [], 40, 20), token('contractor', 'viewer', ['queue energy-meters: read', 'fhir: none'], 30, -2), token('old-scada', 'operator', [], 400, null, true),
  ];
}

const acts: [actor: string, role: string, origin: string, action: string, target: string, outcome: string, detail: string][] = [
  ['night-shift', 'operator', '10.4.0.18', 'PUT /api/adapters/line-3/pause', 'line-3', 'done', ''],
  ['ann', 'admin', '10.4.0.11', 'PUT /api/reload', '', 'done', 'applied: Queues:telemetry:RetainedAge'],
  ['forecast', 'viewer', '10.4.0.31', 'PUT /api/circuits/risk/observation', 'risk', 'refused', 'needs the role operator'],
  ['ann', 'admin', 'command line', 'token revoked', 'old-scada', 'done', ''],
  ['night-shift', 'operator', '10.4.0.18', 'PUT /api/queues/dead-letters/redrive', 'dead-letters', 'done', 'sent 12, refused 1'],
  ['the host', '', '', 'host started', '', 'done', 'version 0.1.0'],
  ['ann', 'admin', '10.4.0.11', 'PUT /api/maps/settings/line-1%2Flimit-4', 'settings', 'failed', 'the entry has version 9'],
];

/** `GET /api/audit`: records as messages, oldest first. */
export function audit(url: URL, state: MockState): unknown[] {
  const last = Math.min(Number(url.searchParams.get('last') ?? 50), 400);
  return Array.from({ length: last }, (_, index) => {
    const back = last - index;
    const [actor, role, origin, action, target, outcome, detail] = acts[back % acts.length]!;
    const at = nanos(state.now() - back * 1_100_000);
    return { position: `@${back * 512}`, sequence: `@${9000 - back}`, time: at, schema: 'estream.system.AuditRecord', message: { at, actor, role, origin, action, target, outcome, detail } };
  });
}
