import { useCallback, useEffect, useRef, useState } from 'react';
import { fetchEntries, type Entry } from '../../api/maps';

const pageSize = 200;
const watchMs = 1000;
/** The host reads all keys of a map for a page, so a slow answer is followed by a longer wait. */
const waitFactor = 10;
/** The most entries that are read again while watching. */
const mostWatched = 1000;
/** The most entries that the page keeps. */
const mostEntries = 20_000;

export interface Entries {
  /** Null before the first answer. */
  entries: readonly Entry[] | null;
  /** The number of matching entries as far as the host knows. */
  total: number;
  /** Whether the map exists; true before the first answer. */
  exists: boolean;
  error: Error | null;
  /** Loads the next page; undefined if there is none or it is loading. */
  more: (() => void) | undefined;
  reload: () => void;
}

interface Held {
  key: string;
  entries: readonly Entry[] | null;
  total: number;
  next: string | null;
  exists: boolean;
  error: Error | null;
}

/** How long to wait after an answer that took `tookMs`. */
export function watchDelayMs(tookMs: number): number {
  return Math.max(watchMs, waitFactor * tookMs);
}

/** The entries of a map in the order of the host, page after page. While watching, the loaded ones are read again each second, or less often if the host needs long for them. */
export function useEntries(map: string, prefix: string, watch: boolean, live: boolean): Entries {
  const key = JSON.stringify([map, prefix]);
  const none: Held = { key, entries: null, total: 0, next: null, exists: true, error: null };
  const [held, setHeld] = useState<Held>(none);
  const [loading, setLoading] = useState(false);
  const [turn, setTurn] = useState(0);
  const shown = held.key === key ? held : none;
  const count = useRef(0);
  count.current = shown.entries?.length ?? 0;

  const take = useCallback(
    (found: { entries: Entry[]; total: number; next: string | null } | null, after: string | null) =>
      setHeld((before) => {
        const known = before.key === key ? (before.entries ?? []) : [];
        if (found === null) {
          return { key, entries: [], total: 0, next: null, exists: false, error: null };
        }
        // A page that is read again replaces as many entries as it has; those behind it stay.
        const entries = after !== null ? [...known, ...found.entries] : found.next === null ? found.entries : [...found.entries, ...known.slice(found.entries.length)];
        const next = after === null && known.length > found.entries.length ? before.next : found.next;
        return { key, entries, total: found.total, next, exists: true, error: null };
      }),
    [key],
  );
  const fail = useCallback((cause: unknown) => setHeld((before) => ({ ...(before.key === key ? before : { ...none, key }), error: cause instanceof Error ? cause : new Error(String(cause)) })), [key]);

  useEffect(() => {
    if (!live) {
      return;
    }
    const stop = new AbortController();
    let timer = 0;
    const ask = async () => {
      const begun = performance.now();
      if (!document.hidden || count.current === 0) {
        try {
          const limit = Math.min(Math.max(count.current, pageSize), mostWatched);
          const found = await fetchEntries(map, { prefix, after: null, limit }, stop.signal);
          take(found, null);
        } catch (cause) {
          if (!stop.signal.aborted) {
            fail(cause);
          }
        }
      }
      if (watch && !stop.signal.aborted) {
        timer = setTimeout(ask, watchDelayMs(performance.now() - begun));
      }
    };
    void ask();
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [map, prefix, watch, live, turn, take, fail]);

  const paging = useRef<AbortController | null>(null);
  useEffect(
    () => () => {
      paging.current?.abort();
      setLoading(false);
    },
    [key],
  );
  const after = shown.next;
  const more = useCallback(() => {
    const stop = new AbortController();
    paging.current?.abort();
    paging.current = stop;
    setLoading(true);
    fetchEntries(map, { prefix, after, limit: pageSize }, stop.signal)
      .then(
        (found) => !stop.signal.aborted && take(found, after),
        (cause) => !stop.signal.aborted && fail(cause),
      )
      .finally(() => !stop.signal.aborted && setLoading(false));
  }, [map, prefix, after, take, fail]);
  // The list offers its end at each drawing, so after an error only a new reading asks again.
  const hasMore = after !== null && !loading && shown.error === null && (shown.entries?.length ?? 0) < mostEntries;
  return { entries: shown.entries, total: shown.total, exists: shown.exists, error: shown.error, more: hasMore ? more : undefined, reload: () => setTurn(turn + 1) };
}
