import type { ReactNode } from 'react';
import type { AdapterState } from '../../api/types';
import { StateMark } from '../states/StateMark';

export interface PartFigure {
  label: string;
  value: string;
  warn?: boolean;
}

interface Props {
  name: string;
  /** The kind of the part, in one or two words. */
  kind: string;
  mark: AdapterState;
  /** The state as text beside its mark. */
  state: string;
  detail: string;
  figures: readonly PartFigure[];
  /** More details. */
  children?: ReactNode;
}

/** A part of the host that can fail on its own: its state, the reason and its counters. */
export function PartItem({ name, kind, mark, state, detail, figures, children }: Props) {
  return (
    <li className="part" data-part={name} data-state={mark}>
      <p className="part-name">
        <strong>{name}</strong> <span>{kind}</span>
      </p>
      <p className="part-state">
        <StateMark state={mark} />
        {state}
      </p>
      {detail !== '' && <p className="part-detail">{detail}</p>}
      <dl className="part-figures">
        {figures.map(({ label, value, warn }) => (
          <div key={label} data-warn={warn === true ? '' : undefined}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {children}
    </li>
  );
}
