import type { CircuitElement } from '../../api/circuits';

/** An input, a node or an output in the drawing. */
export type Place = Pick<CircuitElement, 'name' | 'kind'>;

/** The places of a circuit, and the flows between them. */
export interface Graph {
  places: readonly Place[];
  flows: readonly { from: string; to: string }[];
}

export interface PlacedBox extends Place {
  x: number;
  y: number;
}

interface PlacedLine {
  from: PlacedBox;
  to: PlacedBox;
}

interface GraphLayout {
  width: number;
  height: number;
  boxes: PlacedBox[];
  lines: PlacedLine[];
}

export const boxWidth = 120;
export const boxHeight = 34;
const gapX = 12;
const gapY = 22;

/**
 * Arranges the inputs, nodes and outputs in centred rows. Each of them is below all its predecessors. A circuit has
 * no cycles.
 */
export function layoutOf({ places, flows }: Graph): GraphLayout {
  const rows = new Map<string, number>(places.map(({ name }) => [name, 0]));

  // One pass for each place suffices for the longest possible path, and the loop ends even if the host sends a cycle.
  for (let turn = 0; turn < places.length; turn++) {
    for (const { from, to } of flows) {
      const row = (rows.get(from) ?? 0) + 1;
      if (rows.has(to) && row > (rows.get(to) ?? 0) && row < places.length) {
        rows.set(to, row);
      }
    }
  }

  const byRow = new Map<number, Place[]>();
  for (const place of places) {
    const row = rows.get(place.name) ?? 0;
    byRow.set(row, [...(byRow.get(row) ?? []), place]);
  }
  const widest = Math.max(1, ...[...byRow.values()].map((row) => row.length));
  const width = widest * (boxWidth + gapX) - gapX;
  const boxes = [...byRow].flatMap(([row, inRow]) => {
    const left = (width - (inRow.length * (boxWidth + gapX) - gapX)) / 2;
    return inRow.map((place, index) => ({ ...place, x: left + index * (boxWidth + gapX), y: row * (boxHeight + gapY) }));
  });
  const named = new Map(boxes.map((box) => [box.name, box]));
  const lines = flows.flatMap(({ from, to }) => {
    const [begin, end] = [named.get(from), named.get(to)];
    return begin === undefined || end === undefined ? [] : [{ from: begin, to: end }];
  });
  return { width, height: Math.max(1, byRow.size === 0 ? 0 : Math.max(...byRow.keys()) + 1) * (boxHeight + gapY) - gapY, boxes, lines };
}
