import type { Overview, Queue } from '../api/types';

/**
 * Queues that feed a map first, in the host's order, then the rest: the traffic an operator came for gets the
 * first line of the table and the accent of the chart, the dead letters come after it.
 */
export function inReadingOrder({ queues, maps }: Pick<Overview, 'queues' | 'maps'>): Queue[] {
  const fed = new Set(maps.map((map) => map.queue));
  return [...queues.filter(({ name }) => fed.has(name)), ...queues.filter(({ name }) => !fed.has(name))];
}
