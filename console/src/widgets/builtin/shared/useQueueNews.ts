import { useCallback, useRef } from 'react';
import { useLive } from '../../../live/LiveContext';

/**
 * Returns a function that says whether a queue may have got messages since its last call. The live overview, which arrives twice a second,
 * knows; a queue that is not among the 200 of the overview may always have some.
 */
export function useQueueNews(queue: string): () => boolean {
  const { overview } = useLive();
  const seen = useRef('');
  return useCallback(() => {
    const found = overview.get()?.queues.find(({ name }) => name === queue);
    if (found === undefined) {
      return true;
    }
    const state = `${found.name} ${found.messages} ${found.bytes}`;
    // A queue of constant size may delete as many messages as it gets.
    const hasNews = state !== seen.current || found.ratePerSecond > 0;
    seen.current = state;
    return hasNews;
  }, [overview, queue]);
}
