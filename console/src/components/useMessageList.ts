import { useCallback, useState } from 'react';
import { fetchMessages } from '../api/client';
import type { Message } from '../api/types';
import { keptPerQueue, newest } from '../live/messageLog';
import { useLive } from '../live/LiveContext';
import { usePolled } from '../live/usePolled';
import { announce } from '../state/announcer';
import { useStore } from '../state/store';

const queuePollMs = 1000;

/** Why the list stands still: only while the keyboard is in it, or until it is told to run again. */
type Hold = 'reading' | 'chosen';

interface MessageList {
  messages: readonly Message[];
  /** Why the chosen queue could not be read, else null. */
  error: string | null;
  hold: Hold | null;
  pause: (hold: Hold) => void;
  resume: () => void;
}

/** The newest messages of one queue or of all (''), standing still while held. */
export function useMessageList(queue: string, live: boolean): MessageList {
  const feed = useLive();
  const log = useStore(feed.messages);
  const [held, setHeld] = useState<{ queue: string; hold: Hold; messages: readonly Message[] } | null>(null);
  // What was held of another queue is no longer what the list is about.
  const present = held?.queue === queue ? held : null;

  // The stream samples over all queues, so that a quiet one could be missed there: a chosen queue is asked for.
  const load = useCallback(
    async (signal: AbortSignal) => feed.absorb(await fetchMessages(queue, keptPerQueue, signal)),
    [feed, queue],
  );
  const { error } = usePolled(load, queuePollMs, live && queue !== '' && present === null);

  const messages = present?.messages ?? newest(log, queue === '' ? null : queue);
  return {
    messages,
    error: queue === '' ? null : error,
    hold: present?.hold ?? null,
    pause: (hold) => {
      setHeld({ queue, hold: present?.hold === 'chosen' ? 'chosen' : hold, messages });
      if (hold === 'chosen' && present?.hold !== 'chosen') {
        announce('Messages paused');
      }
    },
    resume: () => {
      setHeld(null);
      if (present?.hold === 'chosen') {
        announce('Messages running');
      }
    },
  };
}
