import { useCallback, useState } from 'react';
import { DashboardConflict, type StoredDashboard } from '../api/dashboards';
import { failureText, StatusError } from '../../api/http';
import { useFetch } from '../../live/useFetch';
import { announce } from '../../state/announcer';
import type { Dashboard } from '../types';
import { inReadingOrder } from './layout';
import { dashboardText, whyNotSave } from './model';
import type { DashboardSource } from './source';

/** What the page of a dashboard shows, and its changes that are not saved. */
export interface DashboardState {
  /** The dashboard with the changes of the user; null before the first answer. */
  dashboard: Dashboard | null;
  etag: string | null;
  error: Error | null;
  reload: () => void;
  isEditing: boolean;
  /** Whether leaving the page would lose changes. */
  isDirty: boolean;
  isSaving: boolean;
  /** Why the last attempt to save failed; '' if it did not. */
  failure: string;
  /** The version that another user or tab has saved since the editing began; undefined without a conflict, and a null etag if the dashboard was deleted. */
  conflict: { etag: string | null } | undefined;
  edit: () => void;
  change: (dashboard: Dashboard) => void;
  cancel: () => void;
  /** Saves, ends the editing, and returns whether both succeeded. `over` is the version to replace instead of the version that was read. */
  done: (over?: string | null) => Promise<boolean>;
  keepEditing: () => void;
}

interface Draft {
  dashboard: Dashboard;
  /** The text when the editing began; null for a dashboard that is not stored. */
  before: string | null;
  etag: string | null;
}

/** The time between two reads of the dashboard, which show the changes of other users. */
const pollMs = 10_000;
const notFound = 404;

/** @param initial A new dashboard that is not stored yet. Its editing starts at once. */
export function useDashboard(source: DashboardSource, initial: Dashboard | null): DashboardState {
  const [draft, setDraft] = useState<Draft | null>(initial === null ? null : { dashboard: initial, before: null, etag: null });
  const [saved, setSaved] = useState<{ stored: StoredDashboard; over: StoredDashboard | null } | null>(null);
  const [isSaving, setIsSaving] = useState(false);
  const [failure, setFailure] = useState('');
  const [conflict, setConflict] = useState<{ etag: string | null }>();
  const { load } = source;
  const { data, error, reload } = useFetch(load, { everyMs: pollMs, active: draft === null });
  const isGone = error instanceof StatusError && error.status === notFound;
  // Until the next answer, the last answer is older than the saved dashboard.
  const stored = saved !== null && saved.over === data && !isGone ? saved.stored : data;

  const edit = () => {
    if (stored !== null && draft === null) {
      setDraft({ ...stored, before: dashboardText(stored.dashboard) });
    }
  };
  const change = useCallback((dashboard: Dashboard) => setDraft((before) => before && { ...before, dashboard }), []);
  const end = () => {
    setDraft(null);
    setFailure('');
    setConflict(undefined);
  };

  const done = async (over?: string | null) => {
    if (draft === null || isSaving) {
      return false;
    }
    // Stored in reading order, which is the order of the Tab key.
    const dashboard = { ...draft.dashboard, title: draft.dashboard.title.trim(), widgets: inReadingOrder(draft.dashboard.widgets) };
    if (over === undefined && dashboardText(dashboard) === draft.before) {
      end();
      return true;
    }
    const reason = whyNotSave(dashboard);
    setFailure(reason);
    if (reason !== '') {
      return false;
    }
    setIsSaving(true);
    try {
      const etag = await source.save(dashboard, over === undefined ? draft.etag : over);
      setSaved({ stored: { dashboard, etag }, over: data });
      end();
      announce(`Dashboard ${dashboard.title} saved`);
      return true;
    } catch (cause) {
      if (cause instanceof DashboardConflict) {
        setConflict({ etag: cause.etag });
      } else {
        setFailure(failureText(cause));
      }
      return false;
    } finally {
      setIsSaving(false);
    }
  };

  return {
    dashboard: draft?.dashboard ?? stored?.dashboard ?? null,
    etag: draft === null ? (stored?.etag ?? null) : draft.etag,
    error: draft === null && stored === null ? error : null,
    reload,
    isEditing: draft !== null,
    isDirty: draft !== null && dashboardText(draft.dashboard) !== draft.before,
    isSaving,
    failure,
    conflict,
    edit,
    change,
    cancel: end,
    done,
    keepEditing: () => setConflict(undefined),
  };
}
