import type { AdapterState } from '../../api/types';

/** A health state as a colour and a shape: disc, triangle, square, two bars or ring. */
export function StateMark({ state }: { state: AdapterState | 'paused' | 'off' }) {
  return (
    <svg className={`mark mark-${state}`} viewBox="0 0 12 12" aria-hidden="true">
      {state === 'healthy' && <circle cx="6" cy="6" r="4.5" />}
      {state === 'degraded' && <path d="M6 1 11.5 11h-11z" />}
      {state === 'unhealthy' && <rect x="1.5" y="1.5" width="9" height="9" />}
      {state === 'paused' && <path d="M2 1h3v10H2zM7 1h3v10H7z" />}
      {state === 'off' && <circle cx="6" cy="6" r="3.75" className="mark-ring" />}
    </svg>
  );
}

const marks: Record<string, 'healthy' | 'degraded' | 'unhealthy' | 'paused'> = {
  healthy: 'healthy',
  running: 'healthy',
  connected: 'healthy',
  active: 'healthy',
  ok: 'healthy',
  ready: 'healthy',
  established: 'healthy',
  'logged on': 'healthy',
  degraded: 'degraded',
  failing: 'degraded',
  breached: 'degraded',
  disconnected: 'degraded',
  'expires soon': 'degraded',
  pending: 'degraded',
  unhealthy: 'unhealthy',
  firing: 'unhealthy',
  failed: 'unhealthy',
  fenced: 'unhealthy',
  paused: 'paused',
  held: 'paused',
};

/** The mark of a state that the host names; a ring for any other. */
export function markOf(state: string): AdapterState | 'paused' | 'off' {
  return marks[state.toLowerCase()] ?? 'off';
}
