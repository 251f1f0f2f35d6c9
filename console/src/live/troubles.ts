import { addresses } from '../app/addresses';
import type { HealthReport, HostStatus, ReportedPart } from '../api/health';
import type { Alert } from '../api/alerts';
import type { Adapter, Overview } from '../api/types';
import { reasonText } from '../format/alertValue';
import { adapterTroubles } from './adapterState';
import { circuitRemedies, replicationRemedies } from './remedies';

export type Severity = 'unhealthy' | 'degraded' | 'paused';

/** Something that does not work as configured: the reason comes from the host, the remedy says what to do. */
export interface Trouble {
  /** The kind of the part, such as `Adapter`. */
  kind: string;
  name: string;
  severity: Severity;
  /** The word for the state, as on the page of the part. */
  state: string;
  reason: string;
  remedy: string;
  /** The page of the part. */
  to: string;
}

const order: readonly Severity[] = ['unhealthy', 'degraded', 'paused'];

/** All troubles that the host reports, the worst first. `report` is null before the first answer. */
export function troublesOf(overview: Overview, report: HealthReport | null): Trouble[] {
  const found = [...storageTroubles(report), ...partTroubles(overview), ...reportedTroubles(report), ...heldRetention(overview, report)];
  return found.sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
}

const alertKind = 'Alert';

/** One word for the state of the whole host. */
export type Level = 'healthy' | 'degraded' | 'unhealthy' | 'starting' | 'stopping' | 'standby' | 'unknown';

/** The health of the host decides whether it is healthy. Alerts are listed, but do not change the health. */
export function levelOf(status: HostStatus | null, troubles: readonly Trouble[]): Level {
  if (status !== 'degraded' && status !== 'ready') {
    return status ?? 'unknown';
  }
  if (status === 'ready') {
    return 'healthy';
  }
  return troubles.some(({ kind, severity }) => severity === 'unhealthy' && kind !== alertKind) ? 'unhealthy' : 'degraded';
}

function storageTroubles(report: HealthReport | null): Trouble[] {
  return report === null || report.storage === ''
    ? []
    : [trouble('Storage', 'disk', 'unhealthy', report.storage, 'Free disk space or shorten the retention of a queue. Adapters then continue by themselves.', addresses.queues)];
}

function partTroubles(overview: Overview): Trouble[] {
  return [
    ...overview.quarantined.map(({ kind, name, reason }) =>
      trouble(`Quarantined ${kind}`, name, 'unhealthy', reason, 'Restore the named file from a copy, then restart the host.', quarantinePages[kind]?.(name) ?? addresses.overview),
    ),
    ...overview.adapters.flatMap(adapterTrouble),
    ...overview.queues
      .filter(({ isPaused }) => isPaused)
      .map(({ name }) => trouble('Queue', name, 'paused', 'The queue accepts no messages now.', 'The page of the queue shows the reason.', addresses.queue(name))),
    ...overview.maps
      .filter(({ failure }) => failure !== '')
      .map(({ name, failure }) => trouble('Map', name, 'degraded', failure, 'Remove the cause, then restart the host.', addresses.map(name))),
    ...overview.circuits.filter(({ state }) => state !== 'running').map(({ name, state, detail }) => circuitTrouble(name, state, detail)),
    // A circuit's outputs are pipelines too; the circuit already stands for them.
    ...overview.pipelines
      .filter(({ name, state }) => state === 'failing' && !overview.circuits.some((circuit) => name.startsWith(`${circuit.name}.`)))
      .map(({ name, detail }) => trouble('Pipeline', name, 'degraded', detail, 'Remove the cause. The pipeline continues where it stopped.', addresses.circuits)),
    ...failing('Witness of', overview.witnesses, 'Messages without attestation wait and are attested later.', addresses.witnesses),
    ...failing('Card', overview.cards, 'The host serves requests without the card until the card runs again.', addresses.cards),
    ...overview.replication.filter(({ state }) => state in replicationRemedies).map(({ name, state, detail }) => replicationTrouble(name, state, detail)),
    ...overview.alerts.filter(({ state }) => state === 'firing').map(alertTrouble),
    ...failing('Multicast', overview.multicast, 'Check the network and the peer.', addresses.replication),
    ...failing('Replica', overview.replicas, 'Check the source. The replica catches up by itself.', addresses.replication),
  ];
}

/** The page of a quarantined part says why the host runs without the part. */
const quarantinePages: Record<string, (name: string) => string> = { map: addresses.map, queue: addresses.queue };

/** Returns one trouble for an adapter, even if the adapter both fails and is paused. */
function adapterTrouble(adapter: Adapter): Trouble[] {
  const [worst, ...others] = adapterTroubles(adapter);
  if (worst === undefined) {
    return [];
  }
  const joined = (member: 'reason' | 'remedy', by: string) => [worst, ...others].map((one) => one[member]).filter((text) => text !== '').join(by);
  return [trouble('Adapter', adapter.name, worst.state, joined('reason', ' · '), joined('remedy', ' '), addresses.adapter(adapter.name))];
}

function replicationTrouble(name: string, state: string, detail: string): Trouble {
  return { ...trouble('Replication of', name, state === 'disconnected' ? 'degraded' : 'unhealthy', detail, replicationRemedies[state] ?? '', addresses.replication), state };
}

function alertTrouble(alert: Alert): Trouble {
  const { name, severity } = alert;
  return { ...trouble(alertKind, name, alertSeverities[severity], reasonText(alert), '', addresses.alerts), state: severity };
}

const alertSeverities: Record<Alert['severity'], Severity> = { critical: 'unhealthy', warning: 'degraded', info: 'paused' };

function circuitTrouble(name: string, state: string, detail: string): Trouble {
  return { ...trouble('Circuit', name, state === 'held' ? 'paused' : 'degraded', detail, circuitRemedies[state] ?? '', addresses.circuit(name)), state };
}

/** What only `/health` says. */
function reportedTroubles(report: HealthReport | null): Trouble[] {
  if (report === null) {
    return [];
  }
  return [
    ...failing('Replication of', report.replication, 'Check the connection to the other host.', addresses.replication),
    ...report.maps.map(({ name, detail }) => trouble('Map', name, 'degraded', detail, '', addresses.map(name))),
    ...(report.audit === '' ? [] : [trouble('Audit', 'trail', 'degraded', report.audit, 'Actions are not recorded until the audit trail can be written.', addresses.access)]),
    ...(report.alertWebhook === '' ? [] : [trouble('Webhook of', 'alerts', 'paused', report.alertWebhook, 'Check the address and the receiver.', addresses.alerts)]),
    ...report.diverged.map(({ queue, detail }) => trouble('Diverged log of', queue, 'degraded', detail, '', addresses.queue(queue))),
    ...report.retention.map(({ queue, reason }) => trouble('Retention of', queue, 'degraded', reason, '', addresses.queue(queue))),
  ];
}

function heldRetention(overview: Overview, report: HealthReport | null): Trouble[] {
  const known = new Set(report?.retention.map(({ queue }) => queue));
  return overview.queues
    .filter(({ name, retentionHeldBy }) => retentionHeldBy !== '' && !known.has(name))
    .map(({ name, retentionHeldBy }) => ({
      ...trouble('Retention of', name, 'paused', `Held by ${retentionHeldBy}.`, 'Let the reader catch up, or remove an unused reader.', addresses.queue(name)),
      state: 'held',
    }));
}

function failing(kind: string, parts: readonly ReportedPart[], remedy: string, to: string): Trouble[] {
  return parts.filter(({ state }) => state === 'failing').map(({ name, detail }) => trouble(kind, name, 'degraded', detail, remedy, to));
}

function trouble(kind: string, name: string, severity: Severity, reason: string, remedy: string, to: string): Trouble {
  return { kind, name, severity, state: severity, reason: reason === '' ? 'The host gives no reason.' : reason, remedy, to };
}
