import type { Adapter } from '../../../api/types';
import { inTroubleFirst } from '../../../components/parts/inTroubleFirst';

/** The most rows that the widget draws. */
export const mostAdapters = 100;

export const filters = ['all', 'with trouble'] as const;

const states: readonly Adapter['state'][] = ['unhealthy', 'degraded', 'paused', 'healthy'];

/** The chosen adapters, those with trouble first. */
export function shownAdapters(adapters: readonly Adapter[], names: readonly string[], filter: (typeof filters)[number]): Adapter[] {
  const chosen = adapters.filter(({ name, state }) => (names.length === 0 || names.includes(name)) && (filter === 'all' || state !== 'healthy'));
  return inTroubleFirst(chosen).slice(0, mostAdapters);
}

/** The number of adapters in each state that occurs, the worst first. */
export function countsOf(adapters: readonly Adapter[]): { state: Adapter['state']; count: number }[] {
  return states.map((state) => ({ state, count: adapters.filter((one) => one.state === state).length })).filter(({ count }) => count > 0);
}

/** The names that no adapter of the host has. */
export function missingNames(adapters: readonly { name: string }[], names: readonly string[]): string[] {
  return names.filter((name) => !adapters.some((one) => one.name === name));
}
