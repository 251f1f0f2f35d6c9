import type { ReactNode } from 'react';

export interface Fact {
  label: string;
  value: ReactNode;
  warn?: boolean;
  /** Left out on a narrow screen. */
  minor?: boolean;
}

/** A line of figures below the heading of a page. */
export function Facts({ facts }: { facts: readonly Fact[] }) {
  return (
    <dl className="facts">
      {facts.map(({ label, value, warn, minor }) => (
        <div key={label} data-warn={warn === true ? '' : undefined} data-minor={minor === true ? '' : undefined} data-fact={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
