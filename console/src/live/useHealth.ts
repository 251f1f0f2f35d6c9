import { createContext, use, useMemo } from 'react';
import { fetchHealth, type HealthReport } from '../api/health';
import type { Overview } from '../api/types';
import { levelOf, troublesOf, type Level, type Trouble } from './troubles';
import { useFetch } from './useFetch';

const healthPollMs = 2000;

export interface Health {
  level: Level;
  troubles: readonly Trouble[];
}

/** The state of the host: what the overview says at once, and what only `/health` says within two seconds. */
export function useHealthOf(overview: Overview | null, live: boolean): Health {
  const { data } = useFetch<HealthReport>(fetchHealth, { everyMs: healthPollMs, active: live });
  return useMemo(() => {
    const troubles = overview === null ? [] : troublesOf(overview, data);
    return { level: levelOf(data?.status ?? null, troubles), troubles };
  }, [overview, data]);
}

export const HealthContext = createContext<Health>({ level: 'unknown', troubles: [] });

export function useHealth(): Health {
  return use(HealthContext);
}
