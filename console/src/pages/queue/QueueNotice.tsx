import { addresses } from '../../app/addresses';
import { Link } from 'react-router';
import type { QueueDetail } from '../../api/queues';
import { StateMark } from '../../components/states/StateMark';
import { formatBytes, formatCount } from '../../format/number';

const pauseWords: Record<string, string> = {
  operator: 'an operator paused the queue',
  disk: 'the disk has too little free space',
  spool: 'the spool is full',
  fenced: 'another host took over',
  'lease-lost': 'this host lost its lease',
  'write-failed': 'the last write failed',
};

/** What keeps the queue from working as configured: a pause, held retention, segments that readers lost. */
export function QueueNotice({ queue }: { queue: QueueDetail }) {
  const holders = queue.readers.filter((reader) => reader.holdsRetention);
  const heldBytes = holders.reduce((sum, { heldBytes }) => sum + heldBytes, 0);
  return (
    <>
      {(queue.isPaused || queue.pauseReasons.length > 0) && (
        <p className="notice" data-notice="paused">
          <StateMark state="paused" />
          <span>
            The queue accepts no messages: {queue.pauseReasons.map((reason) => pauseWords[reason] ?? reason).join(', ') || 'the queue is paused'}. {queue.pauseDetail}
          </span>
        </p>
      )}
      {(holders.length > 0 || queue.retention.heldBy.length > 0) && (
        <p className="notice" data-notice="retention">
          <StateMark state="degraded" />
          <span>
            Retention is held by <strong>{(holders.length > 0 ? holders.map(({ name }) => name) : queue.retention.heldBy).join(', ')}</strong>
            {heldBytes > 0 && <>, which keeps {formatBytes(heldBytes)} beyond the limits</>}. Let the reader catch up, or remove an unused reader.{' '}
            <Link to={`${addresses.queue(queue.name)}?view=readers`}>Readers</Link>
          </span>
        </p>
      )}
      {queue.retention.evictedSegments > 0 && (
        <p className="notice" data-notice="evicted">
          <StateMark state="degraded" />
          <span>Readers lost {formatCount(queue.retention.evictedSegments)} segments to retention since the start of the host.</span>
        </p>
      )}
    </>
  );
}
