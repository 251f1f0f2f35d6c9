import { useCallback, useState } from 'react';
import { fetchMessages } from '../../api/client';
import type { Message, MessagePatterns } from '../../api/types';
import { keptPerQueue, newest } from '../../live/messageLog';
import { useLive } from '../../live/LiveContext';
import { usePolled } from '../../live/usePolled';
import { announce } from '../../state/announcer';
import { useStore } from '../../state/store';

const queuePollMs = 1000;

/** Why the list stands still: only while the keyboard is in it, or until it is told to run again. */
type Hold = 'reading' | 'chosen';

interface MessageList {
  messages: readonly Message[];
  /** Whether they are those of some lattices or addresses alone. */
  narrowed: boolean;
  /** Why the chosen queue could not be read, else null. */
  error: string | null;
  hold: Hold | null;
  pause: (hold: Hold) => void;
  resume: () => void;
}

/** The newest messages of one queue, of which the patterns may mean some alone, or of all queues (''); standing still while held. */
export function useMessageList(queue: string, { lattice, path }: MessagePatterns, live: boolean): MessageList {
  const feed = useLive();
  const log = useStore(feed.messages);
  const narrowed = queue !== '' && (lattice !== '' || path !== '');
  const source = JSON.stringify(narrowed ? [queue, lattice, path] : [queue]);
  const [held, setHeld] = useState<{ source: string; hold: Hold; messages: readonly Message[] } | null>(null);
  // What was held of another queue, or by other patterns, is no longer what the list is about.
  const present = held?.source === source ? held : null;

  // The stream samples over all queues, so that a quiet one could be missed there: a chosen queue is asked for.
  const load = useCallback(
    async (signal: AbortSignal) => {
      const found = await fetchMessages(queue, keptPerQueue, signal, { lattice, path });
      if (!narrowed) {
        feed.absorb(found);
      }
      return { source, messages: found.toReversed() };
    },
    [feed, queue, lattice, path, narrowed, source],
  );
  const { data, error } = usePolled(load, queuePollMs, live && queue !== '' && present === null);

  const found = data?.source === source ? data.messages : [];
  const messages = present?.messages ?? (narrowed ? found : newest(log, queue === '' ? null : queue));
  return {
    messages,
    narrowed,
    error: queue === '' ? null : error,
    hold: present?.hold ?? null,
    pause: (hold) => {
      setHeld({ source, hold: present?.hold === 'chosen' ? 'chosen' : hold, messages });
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
