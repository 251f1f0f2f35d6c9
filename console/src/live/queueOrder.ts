import type { Overview, Queue } from '../api/types';

/**
 * Queues that feed a map first, in the host's order, then the rest. The main traffic gets the first row of the table
 * and the accent colour of the chart; dead letters come later.
 */
export function inReadingOrder({ queues, maps }: Pick<Overview, 'queues' | 'maps'>): Queue[] {
  const fed = new Set(maps.map((map) => map.queue));
  return [...queues.filter(({ name }) => fed.has(name)), ...queues.filter(({ name }) => !fed.has(name))];
}
