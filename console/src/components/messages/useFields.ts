import { useEffect, useState } from 'react';
import { fetchMessages } from '../../api/client';
import type { Message } from '../../api/types';
import { keptPerQueue } from '../../live/messageLog';

/** The message with its fields while it is open: the event about a long message has none, and its queue is asked for them once. */
export function useFields(message: Message, open: boolean): Message {
  const [whole, setWhole] = useState<Message | null>(null);
  const { queue, position } = message;
  const asks = open && message.lacksFields === true && whole === null;

  useEffect(() => {
    if (!asks) {
      return undefined;
    }
    const stop = new AbortController();
    // One that its queue no longer has among its newest stays as the event told it.
    fetchMessages(queue, keptPerQueue, stop.signal).then(
      (found) => setWhole(found.find((one) => one.position === position) ?? null),
      () => {},
    );
    return () => stop.abort();
  }, [asks, queue, position]);

  return whole ?? message;
}
