import { useCallback } from 'react';
import { useLocation, useNavigate } from 'react-router';

/** One query parameter as state, so that a view can be bookmarked and shared. */
export function useUrlState(name: string, initial = ''): [value: string, set: (value: string) => void] {
  const { search } = useLocation();
  const setAll = useUrlParameters();
  const value = new URLSearchParams(search).get(name) ?? initial;
  const set = useCallback((next: string) => setAll({ [name]: next === initial ? '' : next }), [setAll, name, initial]);
  return [value, set];
}

/** Changes several query parameters at once; '' removes one. */
export function useUrlParameters(): (changes: Record<string, string>) => void {
  const navigate = useNavigate();
  return useCallback(
    (changes: Record<string, string>) => {
      // The address bar, not the last rendering: a second change before the next rendering must not undo the first.
      const parameters = new URLSearchParams(window.location.search);
      for (const [name, value] of Object.entries(changes)) {
        if (value === '') {
          parameters.delete(name);
        } else {
          parameters.set(name, value);
        }
      }
      // Replaced, not pushed, so that the back button leaves the page instead of undoing single keystrokes.
      void navigate({ search: parameters.toString() }, { replace: true });
    },
    [navigate],
  );
}
