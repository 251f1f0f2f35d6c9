import { useEffect, useState } from 'react';
import { fetchSession } from '../api/client';
import type { Session } from '../api/types';
import type { Connection } from '../live/connection';

/** Who uses the page: null before the host has said it, `refused` where it wants a token. */
export type Who = Session | 'refused' | null;

/** Asks the host who uses the page, again whenever the line goes up or down: a token may have been revoked. */
export function useSession(connection: Connection): Who {
  const [who, setWho] = useState<Who>(null);
  useEffect(() => {
    const stop = new AbortController();
    fetchSession(stop.signal).then(
      (session) => setWho(session ?? 'refused'),
      () => undefined, // the connection banner says that the host does not answer
    );
    return () => stop.abort();
  }, [connection.phase]);
  return who;
}
