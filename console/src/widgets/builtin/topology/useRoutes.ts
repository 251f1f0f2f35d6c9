import { useCallback } from 'react';
import { fetchAdapter } from '../../../api/adapters';
import { StatusError } from '../../../api/http';
import type { Fetched } from '../../../live/useFetch';
import type { DashboardTime } from '../../types';
import { useWidgetFetch } from '../shared/useWidgetFetch';
import type { AdapterRoutes } from './topology';

/** The queues of an adapter come from the configuration, so they change when the host restarts. */
const pollMs = 300_000;

/** The most adapters that are asked for. */
export const mostAdapters = 48;

/**
 * The queues that adapters append to and send. Asks for one adapter after the other, once, because the overview does not have
 * their queues.
 */
export function useRoutes(names: readonly string[], time: DashboardTime): Fetched<AdapterRoutes[]> {
  const key = names.slice(0, mostAdapters).join('\n');
  const load = useCallback(
    async (signal: AbortSignal) => {
      const routes: AdapterRoutes[] = [];
      for (const name of key === '' ? [] : key.split('\n')) {
        try {
          routes.push(await fetchAdapter(name, signal));
        } catch (error) {
          // An adapter that was removed meanwhile, or that the user may not see, has no routes.
          if (!(error instanceof StatusError && (error.status === 404 || error.status === 403))) {
            throw error;
          }
        }
      }
      return routes;
    },
    [key],
  );
  return useWidgetFetch(load, time, pollMs);
}
