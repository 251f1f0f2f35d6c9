import { boxHeight, boxWidth, layoutOf, type Graph, type PlacedBox } from './graphLayout';

const longestName = 17;

interface Props extends Graph {
  name: string;
  /** The page of a queue or map at which messages enter or leave; undefined for the others. */
  hrefOf: (place: string) => string | undefined;
  /** A text below the name of a place instead of its kind, such as its rate; undefined for the kind. */
  noteOf?: (place: string) => string | undefined;
  onFollow: (href: string) => void;
}

/** The graph of a circuit. Inputs and outputs are links to their queue or map. */
export function CircuitDrawing({ name, places, flows, hrefOf, noteOf, onFollow }: Props) {
  const { width, height, boxes, lines } = layoutOf({ places, flows });
  const said = flows.map(({ from, to }) => `${from} to ${to}`).join(', ');
  return (
    <svg className="circuit-graph" role="group" aria-label={`Messages of ${name} go from ${said}`} viewBox={`-1 -1 ${width + 2} ${height + 2}`} width={width + 2}>
      {lines.map(({ from, to }) => {
        const [x1, y1, x2, y2] = [from.x + boxWidth / 2, from.y + boxHeight, to.x + boxWidth / 2, to.y];
        const bend = (y2 - y1) / 2;
        return <path key={`${from.name} ${to.name}`} className="graph-line" d={`M${x1},${y1} C${x1},${y1 + bend} ${x2},${y2 - bend} ${x2},${y2}`} />;
      })}
      {boxes.map((box) => {
        const href = hrefOf(box.name);
        const note = noteOf?.(box.name);
        return href === undefined ? (
          <Box key={`${box.kind} ${box.name}`} box={box} note={note} />
        ) : (
          <a
            key={`${box.kind} ${box.name}`}
            href={href}
            onClick={(event) => {
              if (!event.ctrlKey && !event.metaKey && !event.shiftKey) {
                event.preventDefault();
                onFollow(href);
              }
            }}
          >
            <Box box={box} note={note} />
          </a>
        );
      })}
    </svg>
  );
}

function Box({ box: { name, kind, x, y }, note }: { box: PlacedBox; note: string | undefined }) {
  return (
    <g data-kind={kind} className="graph-box">
      <title>{`${name} (${kind})`}</title>
      <rect x={x} y={y} width={boxWidth} height={boxHeight} rx={4} />
      <text x={x + boxWidth / 2} y={y + 14}>
        {name.length > longestName ? `${name.slice(0, longestName - 1)}…` : name}
      </text>
      <text x={x + boxWidth / 2} y={y + 27} className="graph-kind">
        {note ?? kind}
      </text>
    </g>
  );
}
