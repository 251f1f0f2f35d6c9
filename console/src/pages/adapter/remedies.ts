import type { AdapterState } from '../../api/types';

/** What an operator can do about an adapter; undefined if it works. */
export function remedyOf({ state, isPaused = false }: { state: AdapterState; isPaused?: boolean | undefined }): string | undefined {
  if (isPaused) {
    return 'Resume the adapter when the reason is gone. Peers wait or send again meanwhile.';
  }
  if (state === 'healthy') {
    return undefined;
  }
  return state === 'unhealthy'
    ? 'Remove the cause that the reason names. The host starts the adapter again by itself.'
    : 'Remove the cause that the reason names. The adapter tries again by itself.';
}
