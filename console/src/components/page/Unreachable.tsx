import type { Connection } from '../../live/connection';
import { EmptyState } from './EmptyState';

/** The page before the host has said anything. */
export function Unreachable({ connection }: { connection: Connection }) {
  if (connection.phase === 'connecting') {
    return <EmptyState title="Connecting to the host…" />;
  }
  return (
    <EmptyState title={`Nothing answers at ${location.host}.`}>
      Start the host with <code>./run.sh</code>; this page connects by itself.
    </EmptyState>
  );
}
