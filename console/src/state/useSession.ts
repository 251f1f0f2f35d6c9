import { useEffect, useState } from 'react';
import { fetchSession } from '../api/client';
import type { Session } from '../api/types';
import type { Connection } from '../live/connection';

/** The user of the page: null before the host responds, `refused` if it requires a token. */
export type Who = Session | 'refused' | null;

/** Asks the host for the session, again after each change of the connection, because a token may have been revoked. */
export function useSession(connection: Connection): Who {
  const [who, setWho] = useState<Who>(null);
  useEffect(() => {
    const stop = new AbortController();
    fetchSession(stop.signal).then(
      (session) => setWho(session ?? 'refused'),
      () => undefined, // the connection banner shows that the host does not respond
    );
    return () => stop.abort();
  }, [connection.phase]);
  return who;
}
