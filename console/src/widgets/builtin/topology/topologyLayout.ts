import type { Topology, TopologyNode } from './topology';

export const nodeWidth = 150;
export const nodeHeight = 38;
const gapX = 44;
const gapY = 8;

export interface PlacedNode extends TopologyNode {
  x: number;
  y: number;
}

export interface TopologyLayout {
  width: number;
  height: number;
  nodes: PlacedNode[];
  lines: { from: PlacedNode; to: PlacedNode }[];
}

/** Columns from left to right, each part right of all that send to it. Parts of a column are ordered by their senders, so that few lines cross. */
export function layoutOf({ nodes, edges }: Topology): TopologyLayout {
  const columns = new Map(nodes.map(({ id }) => [id, 0]));
  // One pass for each part suffices for the longest path, and the loop ends even with a cycle.
  for (let turn = 0; turn < nodes.length; turn++) {
    let hasMoved = false;
    for (const { from, to } of edges) {
      const column = (columns.get(from) ?? 0) + 1;
      if (column > (columns.get(to) ?? 0) && column < Math.min(nodes.length, mostColumns)) {
        columns.set(to, column);
        hasMoved = true;
      }
    }
    if (!hasMoved) {
      break;
    }
  }
  // A part without a sender is drawn in the column left of its first receiver.
  for (const { id } of nodes) {
    const receivers = edges.filter(({ from }) => from === id).map(({ to }) => columns.get(to) ?? 0);
    if (!edges.some(({ to }) => to === id) && receivers.length > 0) {
      columns.set(id, Math.max(0, Math.min(...receivers) - 1));
    }
  }

  const inColumn: TopologyNode[][] = [];
  for (const node of nodes) {
    (inColumn[columns.get(node.id) ?? 0] ??= []).push(node);
  }
  const used = inColumn.filter((column) => column !== undefined);
  const height = Math.max(...used.map((column) => column.length), 1) * (nodeHeight + gapY) - gapY;
  const placed = new Map<string, PlacedNode>();
  used.forEach((column, index) => {
    const senders = (id: string) => edges.flatMap(({ from, to }) => (to === id ? (placed.get(from)?.y ?? []) : []));
    const middle = (id: string) => {
      const found = senders(id);
      return found.length === 0 ? Number.POSITIVE_INFINITY : found.reduce((sum, y) => sum + y, 0) / found.length;
    };
    const ordered = index === 0 ? column : column.map((node) => ({ node, at: middle(node.id) })).sort((a, b) => (a.at === b.at ? 0 : a.at - b.at)).map(({ node }) => node);
    const top = (height - (ordered.length * (nodeHeight + gapY) - gapY)) / 2;
    ordered.forEach((node, row) => placed.set(node.id, { ...node, x: index * (nodeWidth + gapX), y: top + row * (nodeHeight + gapY) }));
  });
  const lines = edges.flatMap(({ from, to }) => {
    const [begin, end] = [placed.get(from), placed.get(to)];
    return begin === undefined || end === undefined ? [] : [{ from: begin, to: end }];
  });
  return { width: Math.max(used.length, 1) * (nodeWidth + gapX) - gapX, height, nodes: [...placed.values()], lines };
}

/** A longer path, such as a cycle, ends in the last column. */
const mostColumns = 12;
