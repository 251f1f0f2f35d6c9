import { EmptyState } from './EmptyState';

interface Props {
  /** The chosen queue, or '' for all. */
  queue: string;
  error: string | null;
}

/** Why the message list is empty: nothing came, or the chosen queue could not be read. */
export function NoMessages({ queue, error }: Props) {
  if (error !== null) {
    return <EmptyState title={`${queue} could not be read.`}>{error}</EmptyState>;
  }
  return (
    <EmptyState title={queue === '' ? 'No message yet.' : `${queue} is empty.`}>
      Messages appear here as devices publish. <code>./estream feed</code> simulates a thousand.
    </EmptyState>
  );
}
