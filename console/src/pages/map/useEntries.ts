import { useCallback, useEffect, useRef, useState } from 'react';
import { fetchEntries, type Entry } from '../../api/maps';

const pageSize = 200;
const watchMs = 1000;
/** The most entries that are read again each second. */
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

/** The entries of a map in the order of the host, page after page. While watching, the loaded ones are read again each second. */
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
        timer = setTimeout(ask, watchMs);
      }
    };
    void ask();
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [map, prefix, watch, live, turn, take, fail]);

  const more = () => {
    const after = shown.next;
    setLoading(true);
    fetchEntries(map, { prefix, after, limit: pageSize })
      .then((found) => take(found, after), fail)
      .finally(() => setLoading(false));
  };
  const hasMore = shown.next !== null && !loading && (shown.entries?.length ?? 0) < mostEntries;
  return { entries: shown.entries, total: shown.total, exists: shown.exists, error: shown.error, more: hasMore ? more : undefined, reload: () => setTurn(turn + 1) };
}
