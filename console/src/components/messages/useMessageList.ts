import { useCallback, useState } from 'react';
import { fetchMessages } from '../../api/client';
import type { Message, MessagePatterns } from '../../api/types';
import { keptPerQueue, newest } from '../../live/messageLog';
import { useLive } from '../../live/LiveContext';
import { usePolled } from '../../live/usePolled';
import { announce } from '../../state/announcer';
import { useStore } from '../../state/store';

const queuePollMs = 1000;

/** Why the list is paused: while it has the keyboard focus, or until someone resumes it. */
type Hold = 'reading' | 'chosen';

interface MessageList {
  messages: readonly Message[];
  /** Whether a lattice or address filter applies. */
  narrowed: boolean;
  /** Why the selected queue could not be read; otherwise null. */
  error: string | null;
  hold: Hold | null;
  pause: (hold: Hold) => void;
  resume: () => void;
}

/** The newest messages of one queue that match the patterns, or of all queues (''); unchanged while the list is paused. */
export function useMessageList(queue: string, { lattice, path }: MessagePatterns, live: boolean): MessageList {
  const feed = useLive();
  const log = useStore(feed.messages);
  const narrowed = queue !== '' && (lattice !== '' || path !== '');
  const source = JSON.stringify(narrowed ? [queue, lattice, path] : [queue]);
  const [held, setHeld] = useState<{ source: string; hold: Hold; messages: readonly Message[] } | null>(null);
  // The messages of a paused list belong to its queue and patterns; after a change of either they do not apply.
  const present = held?.source === source ? held : null;

  // The stream samples all queues and may miss a quiet one, so a selected queue is read directly.
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
        announce('Messages resumed');
      }
    },
  };
}
