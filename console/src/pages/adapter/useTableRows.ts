import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { fetchTable, type Cell, type TableColumn, type TablePage } from '../../api/adapters';
import { useIsLive } from '../../live/LiveContext';
import { useFetch } from '../../live/useFetch';

const pageRows = 200;

/** The most rows in the page; a search finds the others. */
const mostRows = 5000;

const pollMs = 2000;

interface TableRows {
  columns: TableColumn[];
  /** Null before the first answer. */
  rows: Cell[][] | null;
  total: number;
  error: Error | null;
  /** Loads the next page; undefined at the end or at {@link mostRows}. */
  more: (() => void) | undefined;
  reload: () => void;
}

const noColumns: TableColumn[] = [];

interface Later {
  /** The first page to which the later pages belong. */
  key: string;
  rows: Cell[][];
  next: string | null;
}

/** The rows of a table of an adapter: the first page is read again every two seconds, later pages once. */
export function useTableRows(adapter: string, table: string, search: string): TableRows {
  const key = `${adapter}/${table}/${search}`;
  const [later, setLater] = useState<Later | null>(null);
  const load = useCallback((signal: AbortSignal) => fetchTable(adapter, table, { search, after: null, limit: pageRows }, signal), [adapter, table, search]);
  const { data, error, reload } = useFetch<TablePage>(load, { everyMs: pollMs, active: useIsLive() });
  const asking = useRef<AbortController | null>(null);
  useEffect(() => () => asking.current?.abort(), [key]);

  const added = later?.key === key ? later : null;
  const next = added === null ? (data?.next ?? null) : added.next;
  const loaded = (data?.rows.length ?? 0) + (added?.rows.length ?? 0);
  const more = useCallback(() => {
    if (asking.current !== null && !asking.current.signal.aborted) {
      return;
    }
    const stop = new AbortController();
    asking.current = stop;
    fetchTable(adapter, table, { search, after: next, limit: pageRows }, stop.signal)
      .then((page) => {
        if (!stop.signal.aborted) {
          setLater((before) => ({ key, rows: [...(before?.key === key ? before.rows : []), ...page.rows], next: page.next }));
        }
      })
      .catch(() => {
        // The next scroll to the end asks again.
      })
      .finally(() => {
        if (asking.current === stop) {
          asking.current = null;
        }
      });
  }, [adapter, table, search, key, next]);

  const rows = useMemo(() => (data === null ? null : [...data.rows, ...(added?.rows ?? [])]), [data, added]);
  return {
    columns: data?.columns ?? noColumns,
    rows,
    total: data?.total ?? 0,
    error,
    more: next !== null && loaded < mostRows ? more : undefined,
    reload,
  };
}
