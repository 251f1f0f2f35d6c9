import { useCallback, useRef, useSyncExternalStore } from 'react';
import type { Overview } from '../../../api/types';
import { useLive } from '../../../live/LiveContext';
import type { Store } from '../../../state/store';

/** The value of a store; while the dashboard is paused, the value at the beginning of the pause, without a rendering. */
export function useHeld<T>(store: Store<T>, isPaused: boolean): T {
  const held = useRef(store.get());
  const read = useCallback(() => {
    if (!isPaused) {
      held.current = store.get();
    }
    return held.current;
  }, [store, isPaused]);
  return useSyncExternalStore(store.subscribe, read);
}

/** The overview of a dashboard, which the shell shows after the first overview. */
export function useHeldOverview(isPaused: boolean): Overview {
  const overview = useHeld(useLive().overview, isPaused);
  if (overview === null) {
    throw new Error('A widget must be rendered inside a page.');
  }
  return overview;
}
