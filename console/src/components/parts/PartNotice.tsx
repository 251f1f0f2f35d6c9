import type { ReactNode } from 'react';
import { StateMark } from '../states/StateMark';

interface Props {
  mark: 'healthy' | 'degraded' | 'unhealthy' | 'paused' | 'off';
  /** The state in one word. */
  state: string;
  /** Why; empty if the host gives no reason. */
  reason: string;
  /** What an operator can do; absent if there is nothing to do. */
  remedy?: ReactNode | undefined;
}

/** The state of the part that a page is about, with its reason and remedy. */
export function PartNotice({ mark, state, reason, remedy }: Props) {
  return (
    <div className="part-notice" data-state={mark}>
      <p className="part-notice-state">
        <StateMark state={mark} />
        {state}
      </p>
      {reason !== '' && <p className="part-notice-reason">{reason}</p>}
      {remedy !== undefined && <p className="part-notice-remedy">{remedy}</p>}
    </div>
  );
}
