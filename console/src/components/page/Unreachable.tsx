import type { Connection } from '../../live/connection';
import { EmptyState } from './EmptyState';

/** The page before the first answer of the host. */
export function Unreachable({ connection }: { connection: Connection }) {
  if (connection.phase === 'connecting') {
    return <EmptyState title="Connecting to the host…" />;
  }
  return (
    <EmptyState title={`No response from ${location.host}.`}>
      Start the host with <code>./run.sh</code>; this page connects automatically.
    </EmptyState>
  );
}
