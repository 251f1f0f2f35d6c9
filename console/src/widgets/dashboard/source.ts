import { deleteDashboard, fetchDashboard, putDashboard, type StoredDashboard } from '../api/dashboards';
import { StatusError } from '../../api/http';
import { addresses } from '../../app/addresses';
import type { Dashboard } from '../types';
import type { PrivateDashboards } from './privateStore';

/** Where a dashboard is stored: in the host for all users, or in this browser for one. */
export type DashboardKind = 'shared' | 'private';

/** The place where one dashboard is stored. */
export interface DashboardSource {
  kind: DashboardKind;
  name: string;
  address: string;
  load: (signal: AbortSignal) => Promise<StoredDashboard>;
  /** Stores the dashboard and returns its version. `etag` is the version that it replaces; null creates it. Throws DashboardConflict for another version. */
  save: (dashboard: Dashboard, etag: string | null) => Promise<string>;
  remove: (etag: string) => Promise<void>;
}

export function sharedSource(name: string): DashboardSource {
  return {
    kind: 'shared',
    name,
    address: addresses.dashboard(name),
    load: (signal) => fetchDashboard(name, signal),
    save: (dashboard, etag) => putDashboard(name, dashboard, etag),
    remove: (etag) => deleteDashboard(name, etag),
  };
}

export function privateSource(store: PrivateDashboards, name: string): DashboardSource {
  return {
    kind: 'private',
    name,
    address: addresses.privateDashboard(name),
    load: async () => {
      const found = store.get(name);
      if (found === null) {
        throw new StatusError(404, '{"error":"This browser has no private dashboard with this name."}');
      }
      return found;
    },
    save: async (dashboard, etag) => store.put(name, dashboard, etag),
    remove: async (etag) => store.remove(name, etag),
  };
}
