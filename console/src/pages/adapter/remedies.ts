import type { AdapterState } from '../../api/types';

/** What an operator can do about an adapter; undefined if it works. */
export function remedyOf({ state, isPaused = false }: { state: AdapterState; isPaused?: boolean | undefined }): string | undefined {
  if (isPaused) {
    return 'Resume the adapter when it may run again. Meanwhile peers wait, or send again.';
  }
  return state === 'healthy' ? undefined : 'The adapter tries again by itself once the cause is gone.';
}
