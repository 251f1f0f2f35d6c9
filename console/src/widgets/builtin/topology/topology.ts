import type { AdapterDetail } from '../../../api/adapters';
import type { Overview } from '../../../api/types';
import { addresses } from '../../../app/addresses';
import { circuitOf } from '../../../live/circuitOf';

export const mostBounds = [4, 8, 24] as const;

export type NodeKind = 'adapter' | 'queue' | 'pipeline' | 'circuit' | 'map' | 'sender';

/** A part of the host in the drawing. A `sender` is an adapter as the end of a queue that it sends. */
export interface TopologyNode {
  id: string;
  kind: NodeKind;
  name: string;
  href: string;
  /** The state if it means trouble; '' otherwise. */
  trouble: string;
  /** Messages per second; null if it is not known. */
  rate: number | null;
}

export interface TopologyEdge {
  from: string;
  to: string;
}

export interface Topology {
  nodes: TopologyNode[];
  edges: TopologyEdge[];
}

/** The queues that an adapter appends to and those that it sends. */
export type AdapterRoutes = Pick<AdapterDetail, 'name' | 'queues' | 'egress'>;

const quiet = new Set(['healthy', 'running', 'breached']);

/** All parts and the connections between them. Parts without a connection are left out. */
export function topologyOf(overview: Overview, routes: readonly AdapterRoutes[], received: ReadonlyMap<string, number>): Topology {
  const nodes = new Map<string, TopologyNode>();
  const edges = new Map<string, TopologyEdge>();
  const maps = new Set(overview.maps.map(({ name }) => name));
  const connect = (from: TopologyNode, to: TopologyNode) => {
    nodes.set(from.id, from).set(to.id, to);
    edges.set(`${from.id} ${to.id}`, { from: from.id, to: to.id });
  };
  const node = (kind: NodeKind, name: string, href: string, rate: number | null, state = ''): TopologyNode => ({ id: `${kind} ${name}`, kind, name, href, rate, trouble: state === '' || quiet.has(state) ? '' : state });
  const queueNode = (name: string): TopologyNode => {
    const queue = overview.queues.find((one) => one.name === name);
    return node('queue', name, addresses.queue(name), queue?.ratePerSecond ?? null, queue?.isPaused === true ? 'paused' : '');
  };
  const placeNode = (name: string): TopologyNode => (maps.has(name) && !overview.queues.some((queue) => queue.name === name) ? node('map', name, addresses.map(name), null) : queueNode(name));

  for (const { name, queues, egress } of routes) {
    const adapter = overview.adapters.find((one) => one.name === name);
    const href = addresses.adapter(name);
    queues.forEach((queue) => connect(node('adapter', name, href, received.get(name) ?? null, adapter?.state), queueNode(queue)));
    egress.forEach((queue) => connect(queueNode(queue), node('sender', name, href, null, adapter?.state)));
  }
  for (const { name, queue, output, state, ratePerSecond } of overview.pipelines) {
    const circuit = overview.circuits.find((one) => one.name === circuitOf(name, overview.circuits));
    const processor = circuit === undefined ? node('pipeline', name, addresses.circuits, ratePerSecond, state) : node('circuit', circuit.name, addresses.circuit(circuit.name), circuitRate(overview, circuit.name), circuit.state);
    connect(queueNode(queue), processor);
    connect(processor, placeNode(output));
  }
  for (const { name, queue } of overview.maps) {
    if (overview.queues.some((one) => one.name === queue)) {
      connect(queueNode(queue), node('map', name, addresses.map(name), null));
    }
  }
  return { nodes: [...nodes.values()], edges: [...edges.values()] };
}

/** The outputs of a circuit read the same input, so the fastest counts. */
function circuitRate({ pipelines }: Overview, circuit: string): number {
  return pipelines.filter(({ name }) => name.startsWith(`${circuit}.`)).reduce((most, { ratePerSecond }) => Math.max(most, ratePerSecond), 0);
}

/** The part of a topology that is connected with a queue, upstream and downstream. */
export function around({ nodes, edges }: Topology, queue: string): Topology {
  const start = `queue ${queue}`;
  const reached = (ahead: boolean): Set<string> => {
    const found = new Set([start]);
    for (const id of found) {
      edges.filter((edge) => (ahead ? edge.from : edge.to) === id).forEach((edge) => found.add(ahead ? edge.to : edge.from));
    }
    return found;
  };
  const [after, before] = [reached(true), reached(false)];
  const kept = (id: string) => after.has(id) || before.has(id);
  return { nodes: nodes.filter(({ id }) => kept(id)), edges: edges.filter(({ from, to }) => (after.has(from) && after.has(to)) || (before.has(from) && before.has(to))) };
}

/** At most `most` parts of each kind, those in trouble and the busiest first, without parts that then have no connection. */
export function bounded({ nodes, edges }: Topology, most: number): Topology {
  const rateOf = new Map(nodes.map(({ id, rate }) => [id, rate ?? 0]));
  const flow = (id: string): number => Math.max(rateOf.get(id) ?? 0, ...edges.flatMap(({ from, to }) => (from === id ? [rateOf.get(to) ?? 0] : to === id ? [rateOf.get(from) ?? 0] : [])));
  const ranked = nodes.map((node) => ({ node, flow: flow(node.id) })).sort((a, b) => Number(b.node.trouble !== '') - Number(a.node.trouble !== '') || b.flow - a.flow);
  const kept = new Set<string>();
  const counts = new Map<NodeKind, number>();
  for (const { node } of ranked) {
    const count = counts.get(node.kind) ?? 0;
    if (count < most) {
      counts.set(node.kind, count + 1);
      kept.add(node.id);
    }
  }
  const between = edges.filter(({ from, to }) => kept.has(from) && kept.has(to));
  const used = new Set(between.flatMap(({ from, to }) => [from, to]));
  return { nodes: nodes.filter(({ id }) => used.has(id)), edges: between };
}
