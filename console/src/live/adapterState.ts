import type { Adapter, AdapterState } from '../api/types';

/** The state of an adapter, and `paused` if an operator paused it: its health says that in its text alone. */
export function stateOfAdapter({ state, detail }: Pick<Adapter, 'state' | 'detail'>): AdapterState | 'paused' {
  return state === 'degraded' && detail.startsWith('Paused by an operator') ? 'paused' : state;
}

/** What an operator can do about an adapter; empty if it works. */
export function adapterRemedy(state: AdapterState | 'paused'): string {
  switch (state) {
    case 'healthy':
      return '';
    case 'paused':
      return 'Resume the adapter when it may run again. Meanwhile peers wait, or send again.';
    case 'unhealthy':
      return 'The host starts the adapter again by itself once the cause is gone.';
    case 'degraded':
      return 'The adapter tries again by itself once the cause is gone.';
  }
}
