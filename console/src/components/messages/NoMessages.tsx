import { EmptyState } from '../page/EmptyState';

interface Props {
  /** The chosen queue, or '' for all. */
  queue: string;
  /** Whether a lattice or an address is asked for. */
  narrowed: boolean;
  error: string | null;
}

/** Why the message list is empty: nothing came, or the chosen queue could not be read. */
export function NoMessages({ queue, narrowed, error }: Props) {
  if (error !== null) {
    return <EmptyState title={`${queue} could not be read.`}>{error}</EmptyState>;
  }
  if (narrowed) {
    return <EmptyState title={`No such message in ${queue}.`}>None of its newest messages is of that lattice and at that address.</EmptyState>;
  }
  return (
    <EmptyState title={queue === '' ? 'No message yet.' : `${queue} is empty.`}>
      Messages appear here as devices publish. <code>./estream feed</code> simulates a thousand.
    </EmptyState>
  );
}
