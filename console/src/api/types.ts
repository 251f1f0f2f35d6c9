import type { JsonObject } from './json';

export type AdapterState = 'healthy' | 'degraded' | 'unhealthy';

export interface Adapter {
  name: string;
  type: string;
  state: AdapterState;
  detail: string;
  connections: number;
  receivedTotal: number;
  rejectedTotal: number;
  /** How often it was started again after it had ended on its own. */
  restarts: number;
}

/** Who uses the page. */
export interface Session {
  name: string;
  role: string;
  isSignedIn: boolean;
}

export interface Queue {
  name: string;
  messages: number;
  bytes: number;
  segments: number;
  ratePerSecond: number;
  /** What an acknowledged message survives: PageCache, GroupCommit or Every. */
  durability: string;
  /** The readers that keep retention from deleting a segment; empty if none do. */
  retentionHeldBy: string;
}

/** Of which lattices and at which addresses messages are wanted: a pattern each, '' for all. */
export interface MessagePatterns {
  lattice: string;
  path: string;
}

export interface StateMap {
  name: string;
  queue: string;
  schema: string;
  /** The field of the schema whose value is the map's key. */
  key: string;
  entries: number;
  ratePerSecond: number;
}

export type PipelineState = 'running' | 'failing';

/** A pipeline that a file declares. */
export interface Pipeline {
  name: string;
  queue: string;
  schema: string;
  /** The queue or map its results are in. */
  output: string;
  resultSchema: string;
  state: PipelineState;
  detail: string;
  readTotal: number;
  rejectedTotal: number;
  lateTotal: number;
  droppedTotal: number;
  ratePerSecond: number;
  /** Bytes of log that are still to be read. */
  lagBytes: number;
}

export type CircuitState = 'running' | 'failing' | 'held' | 'breached';

/** What a circuit has used: memory and storage as it is now, everything else since it was there first. */
export interface CircuitUsage {
  operations: number;
  cpuNanos: number;
  memoryBytes: number;
  storageBytes: number;
  ingressBytes: number;
  egressBytes: number;
  proofs: number;
  retentionByteSeconds: number;
}

export interface Circuit {
  name: string;
  version: string;
  tenant: string;
  state: CircuitState;
  detail: string;
  /** Each is a pipeline of the name `name.output` as well. */
  outputs: string[];
  failures: number;
  usage: CircuitUsage;
  serviceLevels: ServiceLevel[];
  /** Of each output. */
  observations: Observation[];
}

/** How closely a stream is looked at. */
export interface Observation {
  output: string;
  /** `L0` to `L3`. */
  level: string;
  /** Less than the level where the budget does not go so far. */
  effective: string;
  tracedTotal: number;
  /** Milliseconds; null where nothing was measured. */
  p50Ms: number | null;
  p99Ms: number | null;
}

/** An input, a node or an output of a circuit. */
export interface CircuitPlace {
  name: string;
  /** `input`, `timer`, `output`, or the kind of the node. */
  kind: string;
}

/** What a circuit is made of. */
export interface CircuitDetail {
  places: CircuitPlace[];
  flows: { from: string; to: string }[];
}

/** A promise of a circuit. */
export interface ServiceLevel {
  name: string;
  promised: string;
  /** Empty where there was nothing to measure. */
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
  /** Messages behind the last attestation. */
  waiting: number;
  /** Epoch milliseconds; null before the first attestation. */
  lastAttestedAt: number | null;
  ratePerSecond: number;
}

/** A card that does a part of the work, or what stands in for one. */
export interface Card {
  /** Its address. */
  name: string;
  /** `sim`, `pcie` or `loopback`. */
  backend: string;
  /** Whether nothing of this is of hardware. */
  simulated: boolean;
  /** Empty while it is not there. */
  engines: string;
  state: PipelineState;
  detail: string;
  answered: number;
  /** Requests that went on without it. */
  unanswered: number;
  failures: number;
  appends: number;
  mapChanges: number;
  mapEntries: number;
  leafHashes: number;
  hotHits: number;
  hotMisses: number;
}

/** What was signed of a queue. */
export interface Attestation {
  number: number;
  /** How many messages it is of. */
  messages: number;
  /** Epoch milliseconds. */
  signedAt: number;
  /** Hexadecimal. */
  root: string;
}

/** A message's place among those attested. */
export interface Inclusion {
  index: bigint;
  attestation: Attestation;
  /** Where the file is that proves it; null where it would hold what is private. */
  file: string | null;
}

export interface Overview {
  version: string;
  startedAt: string;
  uptimeSeconds: number;
  adapters: Adapter[];
  queues: Queue[];
  maps: StateMap[];
  pipelines: Pipeline[];
  circuits: Circuit[];
  witnesses: QueueWitness[];
  cards: Card[];
  quarantined: QuarantinedPart[];
}

/** A part that the host runs without because a file is damaged. */
export interface QuarantinedPart {
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
  /** There where `message` says why its fields are not shown; another answer may have them. */
  lacksFields?: true;
  /** Where the message belongs, as `/devices/pump-7/telemetry`; nothing where its schema has no path. */
  address?: string;
}

export interface Message extends Placed {
  queue: string;
  schema: string;
}

/** An administrative act. */
export interface Act {
  sequence: bigint;
  /** Nanoseconds since the epoch. */
  at: bigint;
  /** The name, with role and origin. */
  who: string;
  /** What was done, and to what. */
  action: string;
  outcome: string;
}

export interface MapEntry extends Placed {
  key: string;
}

export interface MapPage {
  entries: MapEntry[];
  total: number;
}
