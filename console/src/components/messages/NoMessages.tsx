import { EmptyState } from '../page/EmptyState';

interface Props {
  /** The chosen queue, or '' for all. */
  queue: string;
  /** Whether a lattice or address filter is set. */
  narrowed: boolean;
  error: string | null;
}

/** Explains an empty message list: no messages arrived, none match, or the selected queue could not be read. */
export function NoMessages({ queue, narrowed, error }: Props) {
  if (error !== null) {
    return <EmptyState title={`${queue} could not be read.`}>{error}</EmptyState>;
  }
  if (narrowed) {
    return <EmptyState title={`No matching message in ${queue}.`}>None of its newest messages match the lattice and the path.</EmptyState>;
  }
  return (
    <EmptyState title={queue === '' ? 'No messages yet.' : `${queue} is empty.`}>
      Messages appear here as devices publish. <code>./estream feed</code> simulates a thousand.
    </EmptyState>
  );
}
