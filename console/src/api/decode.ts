import type { JsonObject, JsonValue } from './json';
import type {
  Act,
  AdapterState,
  Attestation,
  Card,
  CircuitDetail,
  CircuitState,
  CircuitUsage,
  Device,
  Inclusion,
  MapEntry,
  MapPage,
  Message,
  Multicast,
  Overview,
  Placed,
  Session,
  WaitingPayment,
} from './types';

/** The answer of the host does not follow the documented API. */
export class DecodeError extends Error {
  constructor(path: string, wanted: string, found: JsonValue | undefined) {
    super(`The host sent ${found === undefined ? 'nothing' : typeof found} for ${path}; expected ${wanted}.`);
    this.name = 'DecodeError';
  }
}

const states: readonly AdapterState[] = ['healthy', 'degraded', 'unhealthy'];
const circuitStates: readonly CircuitState[] = ['running', 'failing', 'held', 'breached'];

export function decodeOverview(json: JsonValue): Overview {
  const root = object(json, 'overview');
  return {
    version: text(root, 'version'),
    startedAt: text(root, 'startedAt'),
    uptimeSeconds: count(root, 'uptimeSeconds'),
    adapters: list(root, 'adapters').map((adapter) => ({
      name: text(adapter, 'name'),
      type: text(adapter, 'type'),
      state: states.find((state) => state === adapter.state) ?? 'unhealthy',
      detail: typeof adapter.detail === 'string' ? adapter.detail : '',
      connections: count(adapter, 'connections'),
      receivedTotal: count(adapter, 'receivedTotal'),
      rejectedTotal: count(adapter, 'rejectedTotal'),
      restarts: count(adapter, 'restarts'),
      deviceCount: optionalCount(adapter, 'deviceCount') ?? 0,
      waitingPaymentCount: optionalCount(adapter, 'waitingPaymentCount') ?? 0,
    })),
    queues: list(root, 'queues').map((queue) => ({
      name: text(queue, 'name'),
      messages: count(queue, 'messages'),
      bytes: count(queue, 'bytes'),
      segments: count(queue, 'segments'),
      ratePerSecond: count(queue, 'ratePerSecond'),
      durability: text(queue, 'durability'),
      retentionHeldBy: typeof queue.retentionHeldBy === 'string' ? queue.retentionHeldBy : '',
    })),
    maps: list(root, 'maps').map((map) => ({
      name: text(map, 'name'),
      queue: text(map, 'queue'),
      schema: text(map, 'schema'),
      key: text(map, 'key'),
      entries: count(map, 'entries'),
      ratePerSecond: count(map, 'ratePerSecond'),
    })),
    pipelines: list(root, 'pipelines').map((pipeline) => ({
      name: text(pipeline, 'name'),
      queue: text(pipeline, 'queue'),
      schema: text(pipeline, 'schema'),
      output: text(pipeline, 'output'),
      resultSchema: text(pipeline, 'resultSchema'),
      state: pipeline.state === 'running' ? 'running' : 'failing',
      detail: typeof pipeline.detail === 'string' ? pipeline.detail : '',
      readTotal: count(pipeline, 'readTotal'),
      rejectedTotal: count(pipeline, 'rejectedTotal'),
      lateTotal: count(pipeline, 'lateTotal'),
      droppedTotal: count(pipeline, 'droppedTotal'),
      ratePerSecond: count(pipeline, 'ratePerSecond'),
      lagBytes: count(pipeline, 'lagBytes'),
    })),
    circuits: list(root, 'circuits').map((circuit) => ({
      name: text(circuit, 'name'),
      version: text(circuit, 'version'),
      tenant: text(circuit, 'tenant'),
      state: circuitStates.find((state) => state === circuit.state) ?? 'failing',
      detail: typeof circuit.detail === 'string' ? circuit.detail : '',
      outputs: array(circuit.outputs, 'outputs').filter((output) => typeof output === 'string'),
      failures: count(circuit, 'failures'),
      usage: decodeUsage(object(circuit.usage, 'usage')),
      serviceLevels: list(circuit, 'serviceLevels').map((level) => ({
        name: text(level, 'name'),
        promised: text(level, 'promised'),
        measured: text(level, 'measured'),
        isKept: level.brokenSince === null,
      })),
      observations: list(circuit, 'observations').map((stream) => ({
        output: text(stream, 'output'),
        level: text(stream, 'level'),
        effective: text(stream, 'effective'),
        tracedTotal: count(stream, 'tracedTotal'),
        p50Ms: stream.p50Ms === null ? null : count(stream, 'p50Ms'),
        p99Ms: stream.p99Ms === null ? null : count(stream, 'p99Ms'),
      })),
    })),
    witnesses: list(root, 'witnesses').map((witness) => ({
      name: text(witness, 'queue'),
      state: witness.state === 'running' ? 'running' : 'failing',
      detail: typeof witness.detail === 'string' ? witness.detail : '',
      attestedTotal: count(witness, 'attestedTotal'),
      waiting: count(witness, 'waiting'),
      lastAttestedAt: typeof witness.lastAttestedAt === 'string' ? Date.parse(witness.lastAttestedAt) : null,
      ratePerSecond: count(witness, 'ratePerSecond'),
    })),
    multicast: root.multicast === undefined ? [] : list(root, 'multicast').map(decodeMulticast),
    replicas: (root.replicas === undefined ? [] : list(root, 'replicas')).map((replica) => ({
      name: text(replica, 'name'),
      source: text(replica, 'source'),
      folder: text(replica, 'folder'),
      state: text(replica, 'state'),
      detail: text(replica, 'detail'),
      copiedTotal: count(replica, 'copiedTotal'),
      lagMessages: count(replica, 'lagMessages'),
    })),
    cards: root.cards === undefined ? [] : list(root, 'cards').map(decodeCard),
    quarantined: (root.quarantined === undefined ? [] : list(root, 'quarantined')).map((part) => ({
      kind: text(part, 'kind'),
      name: text(part, 'name'),
      reason: text(part, 'reason'),
    })),
  };
}

export function decodeCircuit(json: JsonValue): CircuitDetail {
  const root = object(json, 'circuit');
  return {
    places: list(root, 'places').map((place) => ({ name: text(place, 'name'), kind: text(place, 'kind') })),
    flows: list(root, 'flows').map((flow) => ({ from: text(flow, 'from'), to: text(flow, 'to') })),
  };
}

function decodeMulticast(part: JsonObject): Multicast {
  return {
    name: text(part, 'name'),
    role: text(part, 'role'),
    queue: text(part, 'queue'),
    endPoint: text(part, 'endPoint'),
    state: text(part, 'state'),
    detail: text(part, 'detail'),
    transport: text(part, 'transport'),
    fallback: text(part, 'fallback'),
    receivers: count(part, 'receivers'),
    packetsTotal: count(part, 'packetsTotal'),
    lossesTotal: count(part, 'lossesTotal'),
    naksTotal: count(part, 'naksTotal'),
    retransmitsTotal: count(part, 'retransmitsTotal'),
    restoredTotal: count(part, 'restoredTotal'),
    invalidTotal: count(part, 'invalidTotal'),
    droppedTotal: count(part, 'droppedTotal'),
    lagBytes: count(part, 'lagBytes'),
  };
}

function decodeCard(card: JsonObject): Card {
  return {
    name: text(card, 'name'),
    backend: text(card, 'backend'),
    // Without an explicit false, a card counts as simulated.
    simulated: card.isSimulated !== false,
    engines: text(card, 'engines'),
    state: card.state === 'running' ? 'running' : 'failing',
    detail: typeof card.detail === 'string' ? card.detail : '',
    answered: count(card, 'answered'),
    unanswered: count(card, 'unanswered'),
    failures: count(card, 'failures'),
    appends: count(card, 'appends'),
    mapChanges: count(card, 'mapChanges'),
    mapEntries: count(card, 'mapEntries'),
    leafHashes: count(card, 'leafHashes'),
    hotHits: count(card, 'hotHits'),
    hotMisses: count(card, 'hotMisses'),
  };
}

function decodeUsage(usage: JsonObject): CircuitUsage {
  return {
    operations: count(usage, 'operations'),
    cpuNanos: count(usage, 'cpuNanos'),
    memoryBytes: count(usage, 'memoryBytes'),
    storageBytes: count(usage, 'storageBytes'),
    ingressBytes: count(usage, 'ingressBytes'),
    egressBytes: count(usage, 'egressBytes'),
    proofs: count(usage, 'proofs'),
    retentionByteSeconds: count(usage, 'retentionByteSeconds'),
  };
}

export function decodeMessages(json: JsonValue): Message[] {
  return array(json, 'messages').map((item) => {
    const entry = object(item, 'message');
    return { ...placed(entry), queue: text(entry, 'queue'), schema: text(entry, 'schema') };
  });
}

export function decodeAudit(json: JsonValue): Act[] {
  return array(json, 'audit').map((item) => {
    const { sequence, message } = placed(object(item, 'act'));
    const word = (name: string): string => (typeof message[name] === 'string' ? message[name] : '');
    const role = word('role') === '' ? '' : ` (${word('role')})`;
    const origin = word('origin') === '' ? '' : ` from ${word('origin')}`;
    return {
      sequence,
      at: exact(message, 'at'),
      who: `${word('actor')}${role}${origin}`,
      action: `${word('action')} ${word('target')}`.trim(),
      outcome: word('outcome'),
    };
  });
}

export function decodeAttestations(json: JsonValue): Attestation[] {
  return array(json, 'attestations').map((item) => attestation(object(item, 'attestation')));
}

export function decodeInclusion(json: JsonValue): Inclusion {
  const root = object(json, 'inclusion');
  return {
    index: exact(root, 'index'),
    attestation: attestation(object(root.attestation, 'attestation')),
    file: root.file === null ? null : text(root, 'file'),
  };
}

function attestation(entry: JsonObject): Attestation {
  return { number: count(entry, 'number'), messages: count(entry, 'messages'), signedAt: Date.parse(text(entry, 'signedAt')), root: text(entry, 'root') };
}

export function decodeWaitingPayments(json: JsonValue): WaitingPayment[] {
  return array(json, 'payments').map((item) => {
    const payment = object(item, 'payment');
    return {
      messageId: text(payment, 'messageId'),
      index: count(payment, 'index'),
      endToEndId: typeof payment.endToEndId === 'string' ? payment.endToEndId : null,
      isReceived: payment.isReceived === true,
      status: typeof payment.status === 'string' ? payment.status : null,
      recordedAt: count(payment, 'recordedAt'),
      deadlineAt: count(payment, 'deadlineAt'),
    };
  });
}

export function decodeDevices(json: JsonValue): Device[] {
  return array(json, 'devices').map((item) => {
    const device = object(item, 'device');
    return {
      name: text(device, 'name'),
      address: text(device, 'address'),
      state: states.find((state) => state === device.state) ?? 'unhealthy',
      detail: text(device, 'detail'),
      polls: count(device, 'polls'),
      errors: count(device, 'errors'),
      lastPollAt: optionalCount(device, 'lastPollAt'),
      jitterMicros: optionalCount(device, 'jitterMicros'),
    };
  });
}

export function decodeSession(json: JsonValue): Session {
  const root = object(json, 'session');
  return { name: text(root, 'name'), role: text(root, 'role'), isSignedIn: root.isSignedIn === true };
}

export function decodeMapPage(json: JsonValue): MapPage {
  const root = object(json, 'map page');
  return {
    entries: list(root, 'entries').map((entry): MapEntry => ({ ...placed(entry), key: text(entry, 'key') })),
    total: count(root, 'total'),
  };
}

function placed(entry: JsonObject): Placed {
  return {
    position: exact(entry, 'position'),
    sequence: exact(entry, 'sequence'),
    time: exact(entry, 'time'),
    message: shown(entry),
    ...(typeof entry.error === 'string' && { lacksFields: true }),
    ...(typeof entry.address === 'string' && { address: entry.address }),
  };
}

/** For a message that cannot be decoded, the host sends the reason and the first bytes instead of the fields. */
function shown(entry: JsonObject): JsonObject {
  if (typeof entry.error === 'string') {
    return { reason: entry.error, bytes: text(entry, 'bytes') };
  }
  return object(entry.message, 'message');
}

function object(value: JsonValue | undefined, path: string): JsonObject {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw new DecodeError(path, 'an object', value);
  }
  return value;
}

function array(value: JsonValue | undefined, path: string): JsonValue[] {
  if (!Array.isArray(value)) {
    throw new DecodeError(path, 'an array', value);
  }
  return value;
}

function list(parent: JsonObject, name: string): JsonObject[] {
  return array(parent[name], name).map((item) => object(item, name));
}

function text(parent: JsonObject, name: string): string {
  const value = parent[name];
  if (typeof value !== 'string') {
    throw new DecodeError(name, 'a string', value);
  }
  return value;
}

/** A number to show; rounding beyond 2^53 does not matter. */
function optionalCount(parent: JsonObject, name: string): number | null {
  return parent[name] === null || parent[name] === undefined ? null : count(parent, name);
}

function count(parent: JsonObject, name: string): number {
  const value = parent[name];
  if (typeof value !== 'number' && typeof value !== 'bigint') {
    throw new DecodeError(name, 'a number', value);
  }
  return Number(value);
}

/** A position or a time; every digit matters. */
function exact(parent: JsonObject, name: string): bigint {
  const value = parent[name];
  if (typeof value === 'bigint') {
    return value;
  }
  if (typeof value === 'number' && Number.isSafeInteger(value)) {
    return BigInt(value);
  }
  throw new DecodeError(name, 'an integer', value);
}
