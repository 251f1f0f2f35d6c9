import type { Message } from '../../api/types';
import { formatOneIn } from '../../format/number';
import { byQueue } from '../../live/messageLog';

const worthSaying = 1.5;

/** A note with the share of the appended messages that the list contains: of a fast queue, it shows only a sample. */
export function sampleNote(messages: readonly Message[]): string {
  let shown = 0;
  let appended = 0;
  for (const ofQueue of byQueue(messages).values()) {
    const sequences = ofQueue.map((message) => Number(message.sequence));
    shown += ofQueue.length;
    appended += Math.max(...sequences) - Math.min(...sequences) + 1;
  }
  const ratio = appended / Math.max(shown, 1);
  return ratio < worthSaying ? 'newest first' : `newest first, ${formatOneIn(ratio)} shown`;
}
