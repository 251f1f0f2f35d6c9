import type { Connection } from '../../live/connection';
import { formatClockOfMs } from '../../format/time';
import { useNow } from '../../state/useNow';

interface Props {
  connection: Connection;
  /** Why the host's answers are not understood; null if none came. */
  misunderstood: Error | null;
  onRetry: () => void;
}

/** Shows that the data is old, since when, and when the page reconnects. */
export function ConnectionBanner({ connection, misunderstood, onRetry }: Props) {
  const waiting = connection.phase === 'waiting';
  const now = useNow(250, waiting);
  if (connection.phase === 'connecting' || connection.phase === 'live') {
    return null;
  }

  const seconds = waiting ? Math.max(0, Math.ceil((connection.retryAt - now) / 1000)) : 0;
  return (
    <div className="banner">
      <p>
        <strong>{misunderstood?.message ?? (connection.since === null ? 'The host does not respond.' : 'Connection to the host lost.')}</strong>{' '}
        {connection.since !== null && <>Data is from {formatClockOfMs(connection.since)}. </>}
        <span className="banner-next">{waiting ? `Reconnecting in ${seconds} s.` : 'Reconnecting…'}</span>
      </p>
      <button type="button" className="button" onClick={onRetry}>
        Try now
      </button>
    </div>
  );
}
