export interface Figure {
  label: string;
  value: string;
  warn?: boolean;
}

/** Large numbers with their labels, in as many columns as fit. */
export function Figures({ figures }: { figures: readonly Figure[] }) {
  return (
    <dl className="bw-figures">
      {figures.map(({ label, value, warn }) => (
        <div key={label} data-figure={label} data-warn={warn === true ? '' : undefined}>
          <dt>{label}</dt>
          <dd>
            {value}
            {warn === true && <span className="visually-hidden"> (warning)</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
