import type { Adapter, Queue } from '../../../api/types';

/** The maximum number of lines. Users cannot distinguish more lines. */
export const mostLines = 5;

export const sources = ['queues', 'adapters'] as const;
export const spans = ['time range', 'last minute'] as const;

/** The series of the rates of queues or adapters. */
export function seriesOf(source: (typeof sources)[number], names: readonly string[]): { name: string; label: string }[] {
  return names.map((name) => ({ name: source === 'queues' ? `queue/${name}/rate` : `adapter/${name}/received`, label: name }));
}

/** The adapters that received the most messages since the start of the host. */
export function busiestAdapters(adapters: readonly Adapter[], most: number): string[] {
  return [...adapters].sort((a, b) => b.receivedTotal - a.receivedTotal).slice(0, most).map(({ name }) => name);
}

/** The chosen queues that the overview lists, in the chosen order. */
export function chosenQueues(queues: readonly Queue[], names: readonly string[]): Queue[] {
  return names.flatMap((name) => queues.find((queue) => queue.name === name) ?? []);
}
