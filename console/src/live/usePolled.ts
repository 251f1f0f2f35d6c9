import { useEffect, useRef, useState } from 'react';

export interface Polled<T> {
  /** The newest answer of the current `load`, or of the previous one until the first answer arrives. */
  data: T | null;
  /** Why the last request failed; null if it succeeded. */
  error: string | null;
}

/**
 * Calls `load` again `intervalMs` after each answer, so that requests never overlap, and not while the page is hidden
 * or `active` is false. A new `load` is called immediately, and the answer of the old one is dropped.
 */
export function usePolled<T>(load: (signal: AbortSignal) => Promise<T>, intervalMs: number, active: boolean): Polled<T> {
  const [state, setState] = useState<Polled<T>>({ data: null, error: null });
  const timer = useRef(0);

  useEffect(() => {
    if (!active) {
      return;
    }
    const abort = new AbortController();
    const ask = async () => {
      if (!document.hidden) {
        try {
          const data = await load(abort.signal);
          setState((before) => (abort.signal.aborted ? before : { data, error: null }));
        } catch (cause) {
          if (!abort.signal.aborted) {
            setState((before) => ({ ...before, error: cause instanceof Error ? cause.message : String(cause) }));
          }
        }
      }
      if (!abort.signal.aborted) {
        timer.current = setTimeout(ask, intervalMs);
      }
    };
    void ask();
    return () => {
      abort.abort();
      clearTimeout(timer.current);
    };
  }, [load, intervalMs, active]);

  return state;
}
