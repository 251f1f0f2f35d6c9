import type { JsonValue } from './json';
import { decodeAdapterRow } from './adapters';
import { decodeAlert } from './alerts';
import { decodeQueue } from './queues';
import { Reader } from './reader';
import { decodeReplicatedPart } from './replication';
import type {
  AdapterState,
  Attestation,
  Card,
  CircuitState,
  CircuitUsage,
  Device,
  Inclusion,
  Multicast,
  Overview,
  PipelineState,
  Session,
  Totals,
  WaitingPayment,
} from './types';

const states: readonly AdapterState[] = ['healthy', 'degraded', 'unhealthy'];
const pipelineStates: readonly PipelineState[] = ['running', 'failing'];
const circuitStates: readonly CircuitState[] = ['running', 'failing', 'held', 'breached'];

export function decodeOverview(json: JsonValue): Overview {
  const root = Reader.of(json, 'overview');
  return {
    version: root.text('version'),
    uptimeSeconds: root.count('uptimeSeconds'),
    adapters: root.list('adapters', decodeAdapterRow),
    queues: root.list('queues', decodeQueue),
    queueCount: root.optionalCount('queueCount'),
    maps: root.list('maps', (map) => ({
      name: map.text('name'),
      queue: map.text('queue'),
      entries: map.count('entries'),
      failure: map.optionalText('failure'),
    })),
    totals: root.has('totals') ? decodeTotals(root.object('totals')) : null,
    pipelines: root.list('pipelines', (pipeline) => ({
      name: pipeline.text('name'),
      queue: pipeline.text('queue'),
      schema: pipeline.text('schema'),
      output: pipeline.text('output'),
      resultSchema: pipeline.text('resultSchema'),
      state: pipeline.oneOf('state', pipelineStates, 'failing'),
      detail: pipeline.optionalText('detail'),
      readTotal: pipeline.count('readTotal'),
      rejectedTotal: pipeline.count('rejectedTotal'),
      lateTotal: pipeline.count('lateTotal'),
      droppedTotal: pipeline.count('droppedTotal'),
      ratePerSecond: pipeline.count('ratePerSecond'),
      lagBytes: pipeline.count('lagBytes'),
    })),
    circuits: root.list('circuits', (circuit) => ({
      name: circuit.text('name'),
      version: circuit.text('version'),
      tenant: circuit.text('tenant'),
      state: circuit.oneOf('state', circuitStates, 'failing'),
      detail: circuit.optionalText('detail'),
      outputs: circuit.texts('outputs'),
      failures: circuit.count('failures'),
      usage: decodeUsage(circuit.object('usage')),
      serviceLevels: circuit.list('serviceLevels', (level) => ({
        name: level.text('name'),
        promised: level.text('promised'),
        measured: level.text('measured'),
        isKept: !level.has('brokenSince'),
      })),
      p99Ms: largest(circuit.list('observations', (stream) => stream.optionalCount('p99Ms'))),
    })),
    witnesses: root.list('witnesses', (witness) => ({
      name: witness.text('queue'),
      state: witness.oneOf('state', pipelineStates, 'failing'),
      detail: witness.optionalText('detail'),
      attestedTotal: witness.count('attestedTotal'),
      waiting: witness.count('waiting'),
      lastAttestedAt: witness.has('lastAttestedAt') ? Date.parse(witness.text('lastAttestedAt')) : null,
      ratePerSecond: witness.count('ratePerSecond'),
    })),
    multicast: root.optionalList('multicast', decodeMulticast),
    replicas: root.optionalList('replicas', (replica) => ({
      name: replica.text('name'),
      source: replica.text('source'),
      folder: replica.text('folder'),
      state: replica.text('state'),
      detail: replica.text('detail'),
      copiedTotal: replica.count('copiedTotal'),
      lagMessages: replica.count('lagMessages'),
    })),
    replication: root.optionalList('replication', decodeReplicatedPart),
    cards: root.optionalList('cards', decodeCard),
    quarantined: root.optionalList('quarantined', (part) => ({
      kind: part.text('kind'),
      name: part.text('name'),
      reason: part.text('reason'),
    })),
    alerts: root.optionalList('alerts', decodeAlert),
  };
}

function largest(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}

function decodeMulticast(part: Reader): Multicast {
  return {
    name: part.text('name'),
    role: part.text('role'),
    queue: part.text('queue'),
    endPoint: part.text('endPoint'),
    state: part.text('state'),
    detail: part.text('detail'),
    transport: part.text('transport'),
    fallback: part.text('fallback'),
    receivers: part.count('receivers'),
    packetsTotal: part.count('packetsTotal'),
    lossesTotal: part.count('lossesTotal'),
    naksTotal: part.count('naksTotal'),
    retransmitsTotal: part.count('retransmitsTotal'),
    restoredTotal: part.count('restoredTotal'),
    invalidTotal: part.count('invalidTotal'),
    droppedTotal: part.count('droppedTotal'),
    lagBytes: part.count('lagBytes'),
  };
}

function decodeCard(card: Reader): Card {
  return {
    name: card.text('name'),
    // Without an explicit false, a card counts as simulated.
    simulated: card.members.isSimulated !== false,
    engines: card.text('engines'),
    state: card.oneOf('state', pipelineStates, 'failing'),
    detail: card.optionalText('detail'),
    answered: card.count('answered'),
    unanswered: card.count('unanswered'),
    failures: card.count('failures'),
    appends: card.count('appends'),
    mapChanges: card.count('mapChanges'),
    mapEntries: card.count('mapEntries'),
    leafHashes: card.count('leafHashes'),
    hotHits: card.count('hotHits'),
    hotMisses: card.count('hotMisses'),
  };
}

function decodeTotals(totals: Reader): Totals {
  return { messages: totals.count('messages'), bytes: totals.count('bytes'), ratePerSecond: totals.count('ratePerSecond'), mapEntries: totals.count('mapEntries') };
}

function decodeUsage(usage: Reader): CircuitUsage {
  return {
    operations: usage.count('operations'),
    cpuNanos: usage.count('cpuNanos'),
    memoryBytes: usage.count('memoryBytes'),
    storageBytes: usage.count('storageBytes'),
    ingressBytes: usage.count('ingressBytes'),
    egressBytes: usage.count('egressBytes'),
    proofs: usage.count('proofs'),
  };
}

export function decodeAttestations(json: JsonValue): Attestation[] {
  return Reader.listOf(json, 'attestations', attestation);
}

export function decodeInclusion(json: JsonValue): Inclusion {
  const root = Reader.of(json, 'inclusion');
  return {
    index: root.exact('index'),
    attestation: attestation(root.object('attestation')),
    file: root.optionalText('file', null),
  };
}

function attestation(entry: Reader): Attestation {
  return { number: entry.count('number'), messages: entry.count('messages'), signedAt: Date.parse(entry.text('signedAt')), root: entry.text('root') };
}

export function decodeWaitingPayments(json: JsonValue): WaitingPayment[] {
  return Reader.listOf(json, 'payments', (payment) => ({
    messageId: payment.text('messageId'),
    index: payment.count('index'),
    endToEndId: payment.optionalText('endToEndId', null),
    isReceived: payment.optionalFlag('isReceived'),
    status: payment.optionalText('status', null),
    recordedAt: payment.count('recordedAt'),
    deadlineAt: payment.count('deadlineAt'),
  }));
}

export function decodeDevices(json: JsonValue): Device[] {
  return Reader.listOf(json, 'devices', (device) => ({
    name: device.text('name'),
    address: device.text('address'),
    state: device.oneOf('state', states, 'unhealthy'),
    detail: device.text('detail'),
    polls: device.count('polls'),
    errors: device.count('errors'),
    lastPollAt: device.optionalCount('lastPollAt'),
    jitterMicros: device.optionalCount('jitterMicros'),
  }));
}

export function decodeSession(json: JsonValue): Session {
  const root = Reader.of(json, 'session');
  return { name: root.text('name'), role: root.text('role'), scopes: root.optionalTexts('scopes'), isSignedIn: root.optionalFlag('isSignedIn') };
}
