import type { Connection } from '../../live/connection';
import { AnswerError } from './AnswerError';
import { EmptyState } from './EmptyState';

interface Props {
  connection: Connection;
  /** Why the host's answers are not understood; null if none came. */
  misunderstood: Error | null;
}

/** The page before the first answer of the host. */
export function Unreachable({ connection, misunderstood }: Props) {
  if (misunderstood !== null) {
    return <AnswerError what="The state of the host" error={misunderstood} />;
  }
  if (connection.phase === 'connecting') {
    return <EmptyState title="Connecting to the host…" />;
  }
  return (
    <EmptyState title={`No response from ${location.host}.`}>
      Start the host with <code>./run.sh</code>; this page connects automatically.
    </EmptyState>
  );
}
