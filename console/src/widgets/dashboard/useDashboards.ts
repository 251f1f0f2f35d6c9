import { use, useMemo, useState } from 'react';
import { fetchDashboards, putDashboard, type DashboardSummary } from '../api/dashboards';
import { addresses } from '../../app/addresses';
import { useFetch } from '../../live/useFetch';
import { SessionContext } from '../../state/SessionContext';
import type { Dashboard } from '../types';
import { nameFor } from './model';
import { PrivateDashboards } from './privateStore';
import type { DashboardKind } from './source';

/** All dashboards that the user may open. */
export interface Dashboards {
  /** Null before the first answer. */
  shared: readonly DashboardSummary[] | null;
  own: readonly DashboardSummary[];
  error: Error | null;
  reload: () => void;
  /** Stores a new dashboard under a free name and returns its address. */
  create: (kind: DashboardKind, dashboard: Dashboard) => Promise<string>;
  /** Returns the address that a new dashboard would get. */
  freeAddress: (kind: DashboardKind, title: string) => string;
}

/** The private dashboards of the user; null before the host has named the user. */
export function usePrivateDashboards(): PrivateDashboards | null {
  const user = use(SessionContext)?.name;
  return useMemo(() => (user === undefined ? null : new PrivateDashboards(user)), [user]);
}

/** @param everyMs The time between two reads of the list. Default: one read. */
export function useDashboards(everyMs?: number): Dashboards {
  const store = usePrivateDashboards();
  const { data, error, reload } = useFetch(fetchDashboards, { everyMs });
  const [turn, setTurn] = useState(0);
  // `data` is a dependency so that the list also shows what another tab stored.
  const own = useMemo(() => store?.list() ?? [], [store, turn, data]);

  const freeName = (kind: DashboardKind, title: string) => nameFor(title, new Set((kind === 'shared' ? (data ?? []) : (store?.list() ?? [])).map(({ name }) => name)));
  const addressOf = (kind: DashboardKind, name: string) => (kind === 'shared' ? addresses.dashboard(name) : addresses.privateDashboard(name));

  return {
    shared: data,
    own,
    error,
    reload: () => {
      reload();
      setTurn((before) => before + 1);
    },
    create: async (kind, dashboard) => {
      const name = freeName(kind, dashboard.title);
      if (kind === 'shared') {
        await putDashboard(name, dashboard, null);
      } else {
        store?.put(name, dashboard, null);
        setTurn((before) => before + 1);
      }
      return addressOf(kind, name);
    },
    freeAddress: (kind, title) => addressOf(kind, freeName(kind, title)),
  };
}
