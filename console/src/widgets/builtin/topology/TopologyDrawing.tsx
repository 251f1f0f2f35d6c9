import { useMemo } from 'react';
import { Link } from 'react-router';
import { formatRate } from '../../../format/number';
import { layoutOf, nodeHeight, nodeWidth, type PlacedNode } from './topologyLayout';
import type { NodeKind, Topology } from './topology';

const longestName = 20;

const kindTexts: Record<NodeKind, string> = { adapter: 'adapter', queue: 'queue', pipeline: 'pipeline', circuit: 'circuit', map: 'map', sender: 'sent by' };

/** The drawing of a topology. Each part is a link to its page. */
export function TopologyDrawing({ topology }: { topology: Topology }) {
  const { width, height, nodes, lines } = useMemo(() => layoutOf(topology), [topology]);
  return (
    <svg className="bw-topology" role="group" aria-label={`${nodes.length} parts and ${lines.length} connections`} viewBox={`-1 -1 ${width + 2} ${height + 2}`} width={width + 2} height={height + 2}>
      {lines.map(({ from, to }) => (
        <path key={`${from.id} ${to.id}`} className="graph-line" data-idle={from.rate === 0 ? '' : undefined} d={curve(from, to)} />
      ))}
      {nodes.map((node) => (
        <Link key={node.id} to={node.href}>
          <g className="graph-box bw-part" data-kind={node.kind} data-trouble={node.trouble === '' ? undefined : ''}>
            {node.name.length > longestName && <title>{node.name}</title>}
            <rect x={node.x} y={node.y} width={nodeWidth} height={nodeHeight} rx={node.kind === 'queue' ? 4 : node.kind === 'map' ? 0 : 12} />
            <text x={node.x + nodeWidth / 2} y={node.y + 16}>
              {node.name.length > longestName ? `${node.name.slice(0, longestName - 1)}…` : node.name}
            </text>
            <text x={node.x + nodeWidth / 2} y={node.y + 30} className="graph-kind">
              {noteOf(node)}
            </text>
          </g>
        </Link>
      ))}
    </svg>
  );
}

/** The text below the name: a state with trouble, the kind, and the rate. */
function noteOf({ kind, rate, trouble }: PlacedNode): string {
  return [trouble === '' ? '' : `⚠ ${trouble}`, kindTexts[kind], rate === null ? '' : `${formatRate(rate)}/s`].filter((part) => part !== '').join(' · ');
}

/** From the right side of a part to the left side of the next part; a line back to the left bends around both. */
function curve(from: PlacedNode, to: PlacedNode): string {
  const [x1, y1, x2, y2] = [from.x + nodeWidth, from.y + nodeHeight / 2, to.x, to.y + nodeHeight / 2];
  const bend = Math.max(Math.abs(x2 - x1) / 2, 24);
  return `M${x1},${y1} C${x1 + bend},${y1} ${x2 - bend},${y2} ${x2},${y2}`;
}
