import { useMemo, useState } from 'react';
import { fetchCircuit } from '../../api/client';
import type { CircuitDetail } from '../../api/types';
import { useAnswer } from '../../live/useAnswer';
import { boxHeight, boxWidth, layoutOf } from './graphLayout';

const longestName = 17;

/** The graph of a circuit, loaded when it is opened. */
export function CircuitGraph({ name }: { name: string }) {
  const [isOpen, setIsOpen] = useState(false);
  const found = useAnswer(useMemo(() => (isOpen ? (signal: AbortSignal) => fetchCircuit(name, signal) : null), [isOpen, name]));

  return (
    <details className="part-more" onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary>Graph</summary>
      {typeof found === 'string' ? <p className="part-detail">{found}</p> : found !== null && <Drawing circuit={found.answer} name={name} />}
    </details>
  );
}

function Drawing({ circuit, name }: { circuit: CircuitDetail; name: string }) {
  const { width, height, boxes, lines } = layoutOf(circuit);
  const said = circuit.flows.map(({ from, to }) => `${from} to ${to}`).join(', ');
  return (
    <svg role="img" aria-label={`Messages of ${name} go from ${said}`} viewBox={`-1 -1 ${width + 2} ${height + 2}`} width={width + 2}>
      {lines.map(({ from, to }) => {
        const [x1, y1, x2, y2] = [from.x + boxWidth / 2, from.y + boxHeight, to.x + boxWidth / 2, to.y];
        const bend = (y2 - y1) / 2;
        return <path key={`${from.name} ${to.name}`} className="graph-line" d={`M${x1},${y1} C${x1},${y1 + bend} ${x2},${y2 - bend} ${x2},${y2}`} />;
      })}
      {boxes.map(({ name: place, kind, x, y }) => (
        <g key={place} data-kind={kind} className="graph-box">
          <title>{`${place} (${kind})`}</title>
          <rect x={x} y={y} width={boxWidth} height={boxHeight} rx={4} />
          <text x={x + boxWidth / 2} y={y + 14}>
            {shortened(place)}
          </text>
          <text x={x + boxWidth / 2} y={y + 27} className="graph-kind">
            {kind}
          </text>
        </g>
      ))}
    </svg>
  );
}

function shortened(name: string): string {
  return name.length > longestName ? `${name.slice(0, longestName - 1)}…` : name;
}
