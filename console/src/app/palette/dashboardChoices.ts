import { fetchDashboards } from '../../widgets/api/dashboards';
import { PrivateDashboards } from '../../widgets/dashboard/privateStore';
import { addresses } from '../addresses';
import type { Choice } from './choices';

/** The dashboards of the host, and the private ones of a user in this browser. */
export async function dashboardChoices(user: string | undefined, signal: AbortSignal): Promise<Choice[]> {
  const shared = await fetchDashboards(signal);
  const own = user === undefined ? [] : new PrivateDashboards(user).list();
  return [
    ...shared.map(({ name, title }) => choiceOf('shared', name, title, addresses.dashboard(name))),
    ...own.map(({ name, title }) => choiceOf('private', name, title, addresses.privateDashboard(name))),
  ];
}

function choiceOf(detail: string, name: string, title: string, to: string): Choice {
  return { id: `dashboard ${detail} ${name}`, kind: 'dashboard', title: title || name, detail, to };
}
