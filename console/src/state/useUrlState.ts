import { useCallback, useSyncExternalStore } from 'react';

const changed = 'estream:url';

/** One query parameter as state, so that a view can be bookmarked and shared. */
export function useUrlState(name: string): [value: string, set: (value: string) => void] {
  const value = useSyncExternalStore(subscribe, () => new URLSearchParams(location.search).get(name) ?? '');
  const set = useCallback(
    (next: string) => {
      const url = new URL(location.href);
      if (next === '') {
        url.searchParams.delete(name);
      } else {
        url.searchParams.set(name, next);
      }
      // Replaced, not pushed, so that the back button leaves the page instead of undoing single keystrokes.
      history.replaceState(null, '', url);
      dispatchEvent(new Event(changed));
    },
    [name],
  );
  return [value, set];
}

function subscribe(listener: () => void): () => void {
  addEventListener('popstate', listener);
  addEventListener(changed, listener);
  return () => {
    removeEventListener('popstate', listener);
    removeEventListener(changed, listener);
  };
}
