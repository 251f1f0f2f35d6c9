import { useCallback, useEffect, useRef, useState } from 'react';
import { StatusError } from '../api/http';

export interface Fetched<T> {
  /** The newest answer of the current `load`; null before the first, and after the host answers 404. */
  data: T | null;
  /** Why the last request failed; null if it succeeded or has not ended. */
  error: Error | null;
  /** Whether the first answer of the current `load` is awaited. */
  loading: boolean;
  /** Asks again now. */
  reload: () => void;
}

interface Options<T> {
  /**
   * The milliseconds from an answer to the next request. A hidden page sends no requests after its first answer. Default: one request.
   * A function gets the newest answer (null before the first) and returns the milliseconds; undefined ends the requests.
   */
  everyMs?: number | undefined | ((data: T | null) => number | undefined);
  /** False to ask nothing. The last answer stays. */
  active?: boolean;
  /** True to ask nothing after the first answer of a `load`, so that a new `load` still shows something. */
  paused?: boolean;
}

interface Found<T> {
  load: unknown;
  data: T | null;
  error: Error | null;
}

const manyRows = 1000;

/** The milliseconds between two reads of a list. A long list changes too fast to follow, and each read costs the host more. */
export function listPollMs(rows: number): number {
  return rows > manyRows ? 10_000 : 2000;
}

/**
 * The answer of the host to `load`, which must be stable (`useCallback`). A new `load` cancels the request of the old
 * one and drops its answer. Requests never overlap.
 */
export function useFetch<T>(load: ((signal: AbortSignal) => Promise<T>) | null, { everyMs, active = true, paused = false }: Options<T> = {}): Fetched<T> {
  const [found, setFound] = useState<Found<T>>({ load: null, data: null, error: null });
  const [turn, setTurn] = useState(0);
  const reload = useCallback(() => setTurn((before) => before + 1), []);
  const pause = useRef(everyMs);
  pause.current = everyMs;
  const answered = useRef<unknown>(null);
  // A changed number sends a request at once. A function does not, because each render may create a new function.
  const pace = typeof everyMs === 'function' ? 'chosen' : everyMs;

  useEffect(() => {
    if (load === null || !active || (paused && answered.current === load)) {
      return;
    }
    const stop = new AbortController();
    let timer = 0;
    let newest: T | null = null;
    let isFirst = true;
    const ask = async () => {
      if (!document.hidden || isFirst) {
        try {
          const data = await load(stop.signal);
          if (!stop.signal.aborted) {
            newest = data;
            isFirst = false;
            answered.current = load;
            setFound({ load, data, error: null });
          }
        } catch (cause) {
          if (!stop.signal.aborted) {
            const error = cause instanceof Error ? cause : new Error(String(cause));
            // What is not found any more was removed, so its last answer is no longer true.
            const isGone = error instanceof StatusError && error.status === 404;
            setFound((before) => ({ load, data: before.load === load && !isGone ? before.data : null, error }));
          }
        }
      }
      const waitMs = typeof pause.current === 'function' ? pause.current(newest) : pause.current;
      if (waitMs !== undefined && !stop.signal.aborted && !(paused && answered.current === load)) {
        timer = setTimeout(ask, waitMs);
      }
    };
    void ask();
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [load, pace, active, paused, turn]);

  const isCurrent = found.load === load;
  return {
    data: isCurrent ? found.data : null,
    error: isCurrent ? found.error : null,
    loading: load !== null && active && (!isCurrent || (found.data === null && found.error === null)),
    reload,
  };
}
