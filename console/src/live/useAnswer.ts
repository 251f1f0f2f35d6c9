import { useEffect, useState } from 'react';

/** Asks once for each new `load`, and nothing where it is null. The last answer, or in words why there was none; null before either. */
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
          setFound(failure instanceof Error ? failure.message : 'The host did not answer.');
        }
      },
    );
    return () => stop.abort();
  }, [load]);
  return found;
}
