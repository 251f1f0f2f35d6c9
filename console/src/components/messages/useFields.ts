import { useEffect, useState } from 'react';
import { fetchMessages } from '../../api/client';
import type { Message } from '../../api/types';
import { keptPerQueue } from '../../live/messageLog';

/** The message with its fields while it is open. The event of a long message has no fields; the hook reads them from the queue once. */
export function useFields(message: Message, open: boolean): Message {
  const [whole, setWhole] = useState<Message | null>(null);
  const { queue, position } = message;
  const asks = open && message.lacksFields === true && whole === null;

  useEffect(() => {
    if (!asks) {
      return undefined;
    }
    const stop = new AbortController();
    // If the message is no longer among the newest of its queue, it stays as the event delivered it.
    fetchMessages(queue, keptPerQueue, stop.signal).then(
      (found) => setWhole(found.find((one) => one.position === position) ?? null),
      () => {},
    );
    return () => stop.abort();
  }, [asks, queue, position]);

  return whole ?? message;
}
