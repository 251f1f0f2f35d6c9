import { useEffect } from 'react';
import { Link, useNavigate } from 'react-router';
import { addresses } from '../../app/addresses';
import type { MessageDetail } from '../../api/messages';

/** Links to the messages before and after; the keys J and K follow them. */
export function Neighbours({ queue, message }: { queue: string; message: MessageDetail }) {
  const navigate = useNavigate();
  const { previousSequence, nextSequence } = message;
  useEffect(() => {
    const follow = (event: KeyboardEvent) => {
      const sequence = event.key === 'k' ? previousSequence : event.key === 'j' ? nextSequence : null;
      if (sequence === null || event.ctrlKey || event.metaKey || event.altKey || (event.target as HTMLElement).closest('input, select, textarea, dialog') !== null) {
        return;
      }
      void navigate(addresses.message(queue, sequence));
    };
    addEventListener('keydown', follow);
    return () => removeEventListener('keydown', follow);
  }, [queue, previousSequence, nextSequence, navigate]);

  return (
    <>
      {previousSequence !== null && (
        <Link className="button" to={addresses.message(queue, previousSequence)} title="Previous message (K)">
          Previous
        </Link>
      )}
      {nextSequence !== null && (
        <Link className="button" to={addresses.message(queue, nextSequence)} title="Next message (J)">
          Next
        </Link>
      )}
      <Link className="button" to={`${addresses.queue(queue)}?seek=seq:${message.sequence}`}>
        Show in queue
      </Link>
    </>
  );
}
