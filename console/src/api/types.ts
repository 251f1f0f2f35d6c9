import type { Alert } from './alerts';
import type { JsonObject } from './json';
import type { ReplicatedPart } from './replication';

export type AdapterState = 'healthy' | 'degraded' | 'unhealthy';

export interface Adapter {
  name: string;
  type: string;
  /** `paused` if an operator paused an adapter that works otherwise. */
  state: AdapterState | 'paused';
  /** Why the adapter itself does not work; empty if it is only paused. */
  detail: string;
  /** Whether an operator paused the adapter. */
  isPaused: boolean;
  connections: number;
  receivedTotal: number;
  rejectedTotal: number;
  /** The number of restarts after the adapter ended unexpectedly. */
  restarts: number;
  /** The number of field devices; 0 if the adapter has none. */
  deviceCount: number;
  /** The number of payments that wait for their answer; 0 if the adapter sends none. */
  waitingPaymentCount: number;
}

/** A field device of an adapter. */
export interface Device {
  name: string;
  address: string;
  state: AdapterState;
  detail: string;
  polls: number;
  errors: number;
  /** Milliseconds since 1970; null before the first poll has ended. */
  lastPollAt: number | null;
  /** Null if the adapter does not schedule polls. */
  jitterMicros: number | null;
}

/** A payment that waits for its answer. Times are milliseconds since 1970. */
export interface WaitingPayment {
  messageId: string;
  /** The number of the payment in its message, from 0. */
  index: number;
  endToEndId: string | null;
  /** Whether the peer is known to have the message. */
  isReceived: boolean;
  /** The last status that a report gave, such as `PDNG`. */
  status: string | null;
  recordedAt: number;
  deadlineAt: number;
}

/** The user of the page. */
export interface Session {
  name: string;
  role: string;
  /** The scopes of a token, such as `queue=orders:read`; empty for a token without scopes. */
  scopes: string[];
  isSignedIn: boolean;
}

export interface Queue {
  name: string;
  messages: number;
  bytes: number;
  segments: number;
  ratePerSecond: number;
  /** The durability of acknowledged messages: PageCache, GroupCommit or Every. */
  durability: string;
  /** The readers that prevent retention from deleting a segment; empty if there are none. */
  retentionHeldBy: string;
  /** The bytes that these readers keep beyond the retention limits. */
  heldBytes: number;
  /** Segments that readers lost to retention since the start of the host. */
  evictedSegments: number;
  /** The number of partitions that the row sums up; 0 or 1 if the queue has none. */
  partitions: number;
  /** Whether the queue accepts no messages now. */
  isPaused: boolean;
}

interface StateMap {
  name: string;
  queue: string;
  entries: number;
  /** Why the map has stopped; empty while it follows its queue. */
  failure: string;
}

export type PipelineState = 'running' | 'failing';

/** A pipeline that a file declares. */
export interface Pipeline {
  name: string;
  queue: string;
  schema: string;
  /** The queue or map that receives the results. */
  output: string;
  resultSchema: string;
  state: PipelineState;
  detail: string;
  readTotal: number;
  rejectedTotal: number;
  lateTotal: number;
  droppedTotal: number;
  ratePerSecond: number;
  /** Bytes of the log that the pipeline has not read yet. */
  lagBytes: number;
}

export type CircuitState = 'running' | 'failing' | 'held' | 'breached';

/** The resource usage of a circuit: current memory and storage; all other values are totals since it was first deployed. */
export interface CircuitUsage {
  operations: number;
  cpuNanos: number;
  memoryBytes: number;
  storageBytes: number;
  ingressBytes: number;
  egressBytes: number;
  proofs: number;
}

export interface Circuit {
  name: string;
  version: string;
  tenant: string;
  state: CircuitState;
  detail: string;
  /** The names of the outputs. Each output is also a pipeline named `CIRCUIT.OUTPUT`. */
  outputs: string[];
  failures: number;
  usage: CircuitUsage;
  serviceLevels: ServiceLevel[];
  /** The largest 99th percentile of the latency of an output in milliseconds; null if nothing was measured. */
  p99Ms: number | null;
}

/** A service level that a circuit promises. */
export interface ServiceLevel {
  name: string;
  promised: string;
  /** The measured value as text; empty if there was nothing to measure. */
  measured: string;
  isKept: boolean;
}

/** A queue whose messages are attested. */
export interface QueueWitness {
  /** The name of the queue. */
  name: string;
  state: PipelineState;
  detail: string;
  attestedTotal: number;
  /** Messages that were appended after the last attestation. */
  waiting: number;
  /** The time of the last attestation in epoch milliseconds; null before the first attestation. */
  lastAttestedAt: number | null;
  ratePerSecond: number;
}

/** A publisher or subscriber of a queue. */
export interface Multicast {
  name: string;
  role: string;
  queue: string;
  endPoint: string;
  /** `starting`, `waiting`, `catching up`, `running` or `failing`. */
  state: string;
  detail: string;
  /** `af_xdp` or `udp`. */
  transport: string;
  /** Why UDP is used although AF_XDP was allowed; empty otherwise. */
  fallback: string;
  receivers: number;
  packetsTotal: number;
  lossesTotal: number;
  naksTotal: number;
  retransmitsTotal: number;
  restoredTotal: number;
  invalidTotal: number;
  droppedTotal: number;
  lagBytes: number;
}

/** A replica of a queue or a map. */
export interface Replica {
  name: string;
  /** The kind and name of the source, such as `queue orders`. */
  source: string;
  folder: string;
  state: string;
  detail: string;
  copiedTotal: number;
  lagMessages: number;
}

/** An FPGA card, or a simulation of one. */
export interface Card {
  /** The address of the card, such as `sim:`. */
  name: string;
  /** Whether the card is simulated without hardware. */
  simulated: boolean;
  /** The names of the engines; empty while the card is not available. */
  engines: string;
  state: PipelineState;
  detail: string;
  answered: number;
  /** Requests that the host served without the card. */
  unanswered: number;
  failures: number;
  appends: number;
  mapChanges: number;
  mapEntries: number;
  leafHashes: number;
  hotHits: number;
  hotMisses: number;
}

/** A signed attestation of messages of a queue. */
export interface Attestation {
  number: number;
  /** The number of messages that the attestation covers. */
  messages: number;
  /** The time of the signature in epoch milliseconds. */
  signedAt: number;
  /** The root hash of the tree, in hexadecimal. */
  root: string;
}

/** The position of a message in its attestation. */
export interface Inclusion {
  index: bigint;
  attestation: Attestation;
  /** The URL of the proof file; null if the file would contain private values. */
  file: string | null;
}

export interface Overview {
  version: string;
  uptimeSeconds: number;
  adapters: Adapter[];
  /** At most 200: those in trouble first, then the busiest. */
  queues: Queue[];
  /** The number of all queues; null if `queues` has all. */
  queueCount: number | null;
  maps: StateMap[];
  /** The sums over all queues and maps; null if `queues` and `maps` have all. */
  totals: Totals | null;
  pipelines: Pipeline[];
  circuits: Circuit[];
  witnesses: QueueWitness[];
  multicast: Multicast[];
  replicas: Replica[];
  /** The queues and maps that are replicated through brokers. */
  replication: ReplicatedPart[];
  cards: Card[];
  quarantined: QuarantinedPart[];
  /** The alerts that fire or are about to. */
  alerts: Alert[];
}

export interface Totals {
  messages: number;
  bytes: number;
  ratePerSecond: number;
  mapEntries: number;
}

/** A part that the host did not open because one of its files is damaged. */
interface QuarantinedPart {
  kind: string;
  name: string;
  reason: string;
}

/** Where and when a message was appended; `time` is nanoseconds since the epoch. */
export interface Placed {
  position: bigint;
  sequence: bigint;
  time: bigint;
  message: JsonObject;
  /** The address of the message, such as `/devices/pump-7/telemetry`; absent if its schema has no path. */
  address?: string;
}

export interface Message extends Placed {
  queue: string;
  schema: string;
}
