import type { Adapter } from '../api/types';

/** A cause that keeps an adapter from accepting messages. */
export interface AdapterTrouble {
  state: 'unhealthy' | 'degraded' | 'paused';
  reason: string;
  /** What an operator can do. */
  remedy: string;
}

const remedies: Record<AdapterTrouble['state'], string> = {
  unhealthy: 'The host starts the adapter again by itself once the cause is gone.',
  degraded: 'The adapter tries again by itself once the cause is gone.',
  paused: 'Resume the adapter when it may run again. Until then, peers wait or send their messages again.',
};

/** The adapter's own trouble, then its pause by an operator; empty if the adapter works. */
export function adapterTroubles({ state, detail, isPaused }: Pick<Adapter, 'state' | 'detail' | 'isPaused'>): AdapterTrouble[] {
  const own = state === 'healthy' || state === 'paused' ? [] : [{ state, reason: detail, remedy: remedies[state] }];
  return isPaused ? [...own, { state: 'paused', reason: 'Paused by an operator.', remedy: remedies.paused }] : own;
}
