import { getJson, query, sendJson } from './http';
import type { JsonValue } from './json';
import { Reader } from './reader';

/** An input, a node or an output of a circuit. */
export interface CircuitElement {
  name: string;
  /** `input`, `timer`, `output`, or the kind of the node. */
  kind: string;
  schema: string;
  /** The queue or map of an input or output; null for a node. */
  at: string | null;
}

/** How an output is observed, and what was measured. */
export interface StreamObservation {
  output: string;
  /** `L0` to `L3`. */
  level: string;
  /** The level in use; lower than `level` if the budget does not allow it. */
  effective: string;
  /** When the level ends, in epoch milliseconds; null for a permanent level. */
  until: number | null;
  tracedTotal: number;
  /** Milliseconds; null if nothing was measured. */
  p50Ms: number | null;
  p99Ms: number | null;
  p999Ms: number | null;
}

export interface CircuitDescription {
  name: string;
  address: string;
  version: string;
  description: string;
  tenant: string;
  places: CircuitElement[];
  flows: { from: string; to: string }[];
  observations: StreamObservation[];
}

/** The way of one message through a circuit. Times of steps are microseconds after `beganAt`. */
export interface Trace {
  traceId: string;
  output: string;
  queue: string;
  sequence: bigint;
  beganAt: number;
  steps: { place: string; afterUs: number }[];
  /** Steps that the trace does not contain because it was too long. */
  leftOut: number;
  processedUs: number;
  permanentUs: number;
  outcome: string;
  reason: string;
}

export async function fetchCircuitDescription(name: string, signal?: AbortSignal): Promise<CircuitDescription> {
  return decodeCircuitDescription(await getJson(circuitUrl(name), signal));
}

/** The newest traces of one output or, if it is empty, of all, newest first. */
export async function fetchTraces(circuit: string, output: string, last: number, signal?: AbortSignal): Promise<Trace[]> {
  return decodeTraces(await getJson(`${circuitUrl(circuit)}/traces${query({ output, last })}`, signal));
}

/** Changes the observation level of an output; 0 seconds is permanent. */
export async function observeOutput(circuit: string, output: string, level: string, seconds: number): Promise<CircuitDescription> {
  const url = `${circuitUrl(circuit)}/observation${query({ output, level, seconds: seconds === 0 ? null : seconds })}`;
  return decodeCircuitDescription((await sendJson('PUT', url)) ?? {});
}

export function decodeCircuitDescription(json: JsonValue): CircuitDescription {
  const root = Reader.of(json, 'circuit');
  return {
    name: root.text('name'),
    address: root.text('address'),
    version: root.text('version'),
    description: root.optionalText('description'),
    tenant: root.text('tenant'),
    places: root.list('places', (place) => ({ name: place.text('name'), kind: place.text('kind'), schema: place.text('schema'), at: place.optionalText('at', null) })),
    flows: root.list('flows', (flow) => ({ from: flow.text('from'), to: flow.text('to') })),
    observations: root.list('observations', (stream) => ({
      output: stream.text('output'),
      level: stream.text('level'),
      effective: stream.text('effective'),
      until: stream.has('until') ? Date.parse(stream.text('until')) : null,
      tracedTotal: stream.count('tracedTotal'),
      p50Ms: stream.optionalCount('p50Ms'),
      p99Ms: stream.optionalCount('p99Ms'),
      p999Ms: stream.optionalCount('p999Ms'),
    })),
  };
}

export function decodeTraces(json: JsonValue): Trace[] {
  return Reader.listOf(json, 'traces', (trace) => ({
    traceId: trace.text('traceId'),
    output: trace.text('output'),
    queue: trace.text('queue'),
    sequence: trace.exact('sequence'),
    beganAt: Date.parse(trace.text('beganAt')),
    steps: trace.list('steps', (step) => ({ place: step.text('place'), afterUs: step.count('afterUs') })),
    leftOut: trace.count('leftOut'),
    processedUs: trace.count('processedUs'),
    permanentUs: trace.count('permanentUs'),
    outcome: trace.text('outcome'),
    reason: trace.optionalText('reason'),
  }));
}

function circuitUrl(name: string): string {
  return `/api/circuits/${encodeURIComponent(name)}`;
}
