import { DashboardConflict, type DashboardSummary, type StoredDashboard } from '../api/dashboards';
import { parseJson } from '../../api/json';
import type { Dashboard } from '../types';
import { dashboardText, decodeDashboard, whyNotName } from './model';

/** The most private dashboards of one user in one browser. */
export const mostPrivate = 32;

/** The private dashboards of a user, in the storage of this browser. The version of a dashboard is its text. */
export class PrivateDashboards {
  private readonly prefix: string;
  private readonly storage: Storage;

  constructor(user: string, storage: Storage = localStorage) {
    this.prefix = `estream.${user}.dashboard.`;
    this.storage = storage;
  }

  /** The dashboards by title. A dashboard that cannot be read is left out. */
  list(): DashboardSummary[] {
    const found: DashboardSummary[] = [];
    for (let index = 0; index < this.storage.length; index++) {
      const key = this.storage.key(index);
      if (key?.startsWith(this.prefix) === true) {
        const name = key.slice(this.prefix.length);
        try {
          const stored = this.get(name);
          if (stored !== null && whyNotName(name) === '') {
            found.push({ name, title: stored.dashboard.title, etag: stored.etag, error: '' });
          }
        } catch {
          // Another program wrote this key.
        }
      }
    }
    return found.sort((a, b) => a.title.localeCompare(b.title));
  }

  /** The dashboard; null if it does not exist. Throws DecodeError or SyntaxError if it cannot be read. */
  get(name: string): StoredDashboard | null {
    const text = this.storage.getItem(this.prefix + name);
    return text === null ? null : { dashboard: decodeDashboard(parseJson(text)), etag: text };
  }

  /** Stores a dashboard and returns its version. Throws {@link DashboardConflict} if another tab has changed it, and an Error if the storage is full. */
  put(name: string, dashboard: Dashboard, etag: string | null): string {
    const present = this.storage.getItem(this.prefix + name);
    if (present !== etag) {
      throw new DashboardConflict(present);
    }
    if (present === null && this.list().length >= mostPrivate) {
      throw new Error(`This browser has ${mostPrivate} private dashboards of yours, the maximum. Delete one first.`);
    }
    const text = dashboardText(dashboard);
    try {
      this.storage.setItem(this.prefix + name, text);
    } catch {
      throw new Error('This browser does not store the dashboard: its storage is full or disabled.');
    }
    return text;
  }

  /** Removes a dashboard. Throws {@link DashboardConflict} if another tab has changed it. */
  remove(name: string, etag: string): void {
    const present = this.storage.getItem(this.prefix + name);
    if (present !== etag) {
      throw new DashboardConflict(present);
    }
    this.storage.removeItem(this.prefix + name);
  }
}
