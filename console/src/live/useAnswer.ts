import { useEffect, useState } from 'react';
import { failureText } from '../api/http';

/** Calls each new `load` once, unless it is null. Returns the last answer, or an error text, or null before the first. */
export function useAnswer<T extends object | null>(load: ((signal: AbortSignal) => Promise<T>) | null): { answer: T } | string | null {
  const [found, setFound] = useState<{ answer: T } | string | null>(null);
  useEffect(() => {
    if (load === null) {
      return;
    }
    const stop = new AbortController();
    load(stop.signal).then(
      (answer) => setFound({ answer }),
      (failure: unknown) => {
        if (!stop.signal.aborted) {
          setFound(failureText(failure));
        }
      },
    );
    return () => stop.abort();
  }, [load]);
  return found;
}
