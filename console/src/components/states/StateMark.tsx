import type { AdapterState } from '../../api/types';

/** A health state as a colour and a shape: disc, triangle or square. */
export function StateMark({ state }: { state: AdapterState | 'off' }) {
  return (
    <svg className={`mark mark-${state}`} viewBox="0 0 12 12" aria-hidden="true">
      {state === 'healthy' && <circle cx="6" cy="6" r="4.5" />}
      {state === 'degraded' && <path d="M6 1 11.5 11h-11z" />}
      {state === 'unhealthy' && <rect x="1.5" y="1.5" width="9" height="9" />}
      {state === 'off' && <circle cx="6" cy="6" r="3.75" className="mark-ring" />}
    </svg>
  );
}
