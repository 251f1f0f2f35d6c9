import { dashboardText, decodeDashboard } from '../dashboard/model';
import type { Dashboard } from '../types';
import { answerOf, ask, getJson, StatusError } from '../../api/http';
import { parseJson, type JsonValue } from '../../api/json';
import { Reader } from '../../api/reader';

/** A dashboard in the list of the host or of this browser. */
export interface DashboardSummary {
  name: string;
  title: string;
  /** The version. A change names the version that it replaces. */
  etag: string;
  /** Why the dashboard cannot be shown; '' if it can. */
  error: string;
}

/** A dashboard and its version. */
export interface StoredDashboard {
  dashboard: Dashboard;
  etag: string;
}

/** The dashboard has another version than the change expects. */
export class DashboardConflict extends Error {
  /** The present version; null if the dashboard was deleted. */
  readonly etag: string | null;

  constructor(etag: string | null) {
    super(etag === null ? 'Another user or tab has deleted the dashboard.' : 'Another user or tab has changed the dashboard.');
    this.name = 'DashboardConflict';
    this.etag = etag;
  }
}

const notFound = 404;
const conflict = 409;
const preconditionFailed = 412;

export async function fetchDashboards(signal?: AbortSignal): Promise<DashboardSummary[]> {
  return decodeDashboards(await getJson('/api/dashboards', signal));
}

export function decodeDashboards(json: JsonValue): DashboardSummary[] {
  return Reader.of(json, 'dashboards').list('dashboards', (one) => ({ name: one.text('name'), title: one.text('title'), etag: one.text('etag'), error: one.optionalText('error') }));
}

export async function fetchDashboard(name: string, signal?: AbortSignal): Promise<StoredDashboard> {
  const response = await ask(dashboardUrl(name), signal);
  return { dashboard: decodeDashboard(await answerOf(response)), etag: response.headers.get('etag') ?? '' };
}

/** Stores a dashboard and returns its version. `etag` is the version that it replaces; null creates it. Throws {@link DashboardConflict} if the host has another version. */
export async function putDashboard(name: string, dashboard: Dashboard, etag: string | null): Promise<string> {
  const response = await change('PUT', name, etag === null ? { 'if-none-match': '*' } : { 'if-match': etag }, dashboardText(dashboard));
  return response.headers.get('etag') ?? '';
}

export async function deleteDashboard(name: string, etag: string): Promise<void> {
  await change('DELETE', name, { 'if-match': etag });
}

async function change(method: 'PUT' | 'DELETE', name: string, condition: Record<string, string>, body?: string): Promise<Response> {
  const response = await fetch(dashboardUrl(name), {
    method,
    headers: { accept: 'application/json', ...condition, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body }),
  });
  if (response.ok) {
    return response;
  }
  const text = await response.text();
  if (response.status === conflict || response.status === preconditionFailed) {
    const etag = etagIn(text);
    // Without a version, the host refused the change for another reason, such as too many dashboards.
    throw etag === undefined ? new StatusError(response.status, text) : new DashboardConflict(etag);
  }
  if (response.status === notFound && method === 'PUT') {
    throw new DashboardConflict(null);
  }
  throw new StatusError(response.status, text);
}

/** The present version in an answer: null if the dashboard does not exist, undefined if the answer has no version. */
function etagIn(body: string): string | null | undefined {
  try {
    const answer = Reader.of(parseJson(body));
    return 'etag' in answer.members ? answer.optionalText('etag', null) : undefined;
  } catch {
    return undefined;
  }
}

function dashboardUrl(name: string): string {
  return `/api/dashboards/${encodeURIComponent(name)}`;
}
