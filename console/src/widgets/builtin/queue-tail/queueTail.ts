import type { Queue } from '../../../api/types';
import type { FieldHint } from '../../../components/messages/fieldColumns';

export const rowBounds = [5, 30, 200] as const;

/** The most fields that a user can choose. */
export const mostFields = 12;

/** The queue to show if none is chosen: the queue with the highest rate, and among equal rates the most messages. */
export function defaultQueue(queues: readonly Queue[]): string {
  return [...queues].sort((a, b) => b.ratePerSecond - a.ratePerSecond || b.messages - a.messages)[0]?.name ?? '';
}

/** The chosen fields in the chosen order; all if none is chosen. A chosen field that the schema lacks stays, because a message may have it. */
export function chosenHints(hints: readonly FieldHint[], names: readonly string[]): FieldHint[] {
  return names.length === 0 ? [...hints] : names.map((name) => hints.find((hint) => hint.name === name) ?? { name, type: '' });
}
