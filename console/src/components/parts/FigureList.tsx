interface Figure {
  label: string;
  value: string;
  warn?: boolean;
}

/** The most important numbers of a page. */
export function FigureList({ figures }: { figures: readonly Figure[] }) {
  return (
    <dl className="figure-list">
      {figures.map(({ label, value, warn }) => (
        <div key={label} data-figure={label} data-warn={warn === true ? '' : undefined}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
