import { activeAlerts } from './alerts.ts';
import { adapterRow } from './adapters.ts';
import { circuitRow, circuits, pipelineRows } from './circuits.ts';
import { adapters, maps, queues } from './fleet.ts';
import { mapRow } from './maps.ts';
import { queueRow } from './queues.ts';
import { cardRows, multicastRows, replicaRows, replicationRows, witnessRows } from './replication.ts';
import type { MockState } from './state.ts';

/** The content of `/api/overview` and of every overview event. */
export function overview(state: MockState): Record<string, unknown> {
  const inTrouble = (row: Record<string, unknown>): boolean => row.retentionHeldBy !== '' || row.isPaused === true;
  const rows = queues.map((queue) => queueRow(queue, state));
  return {
    version: '0.1.0',
    startedAt: new Date(state.startedAt).toISOString(),
    uptimeSeconds: (state.now() - state.startedAt) / 1000,
    health: 'degraded',
    adapters: adapters.map((adapter) => adapterRow(adapter, state)),
    queues: [...rows].sort((a, b) => Number(inTrouble(b)) - Number(inTrouble(a)) || Number(b.ratePerSecond) - Number(a.ratePerSecond)),
    queueCount: rows.length,
    maps: maps.map((map) => ({ ...mapRow(map, state.now()), queue: map.source })),
    mapCount: maps.length,
    totals: { messages: sum(rows, 'messages'), bytes: sum(rows, 'bytes'), ratePerSecond: sum(rows, 'ratePerSecond'), mapEntries: maps.reduce((total, { entries }) => total + entries, 0) },
    pipelines: pipelineRows(state),
    circuits: circuits.map((circuit) => circuitRow(circuit, state)),
    witnesses: witnessRows(state),
    tenants: [],
    cards: cardRows(),
    multicast: multicastRows(),
    replicas: replicaRows(),
    replication: replicationRows(state),
    quarantined: [{ kind: 'map', name: 'old-sessions', reason: 'map.meta has a wrong checksum. Restore it from a backup, or delete the folder.' }],
    alerts: activeAlerts(state),
  };
}

const sum = (rows: Record<string, unknown>[], member: string): number => rows.reduce((total, row) => total + Number(row[member]), 0);

/** `GET /health`: 503 while something is degraded. */
export function health(state: MockState): { status: number; body: unknown } {
  return {
    status: 503,
    body: { status: 'degraded', adapters: adapters.map((adapter) => adapterRow(adapter, state)).map(({ name, state: mode, detail }) => ({ name, state: mode, detail })), alerts: activeAlerts(state) },
  };
}
