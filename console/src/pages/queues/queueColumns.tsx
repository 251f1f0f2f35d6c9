import type { Queue } from '../../api/types';
import type { Column } from '../../components/table/columns';
import { StateMark } from '../../components/states/StateMark';
import { formatBytes, formatCount } from '../../format/number';

/** The columns of a list of queues. */
export const queueColumns: readonly Column<Queue>[] = [
  {
    id: 'name',
    title: 'Queue',
    value: ({ name }) => name,
    cell: (queue) => <QueueName queue={queue} />,
    show: 'always',
    width: 'minmax(12rem, 2fr)',
  },
  { id: 'rate', title: 'Rate /s', kind: 'rate', value: ({ ratePerSecond }) => ratePerSecond },
  { id: 'messages', title: 'Messages', kind: 'count', value: ({ messages }) => messages },
  { id: 'bytes', title: 'On disk', kind: 'bytes', value: ({ bytes }) => bytes },
  { id: 'segments', title: 'Segments', kind: 'count', value: ({ segments }) => segments, show: 'chosen' },
  { id: 'partitions', title: 'Partitions', kind: 'count', value: ({ partitions }) => (partitions > 1 ? partitions : null) },
  { id: 'durability', title: 'Durability', value: ({ durability }) => durability, width: 'minmax(7rem, 10rem)' },
  {
    id: 'held',
    title: 'Retention held by',
    value: ({ retentionHeldBy }) => retentionHeldBy,
    cell: ({ retentionHeldBy, heldBytes }) =>
      retentionHeldBy === '' ? <span className="soft">–</span> : <span className="cell-warn">{`${retentionHeldBy}${heldBytes > 0 ? ` (${formatBytes(heldBytes)})` : ''}`}</span>,
  },
  { id: 'evicted', title: 'Segments lost', kind: 'count', value: ({ evictedSegments }) => (evictedSegments > 0 ? evictedSegments : null), show: 'chosen' },
];

function QueueName({ queue: { name, isPaused, partitions } }: { queue: Queue }) {
  return (
    <>
      {name}
      {partitions > 1 && <span className="soft row-note"> {formatCount(partitions)} partitions</span>}
      {isPaused && (
        <span className="row-note">
          {' '}
          <StateMark state="paused" /> paused
        </span>
      )}
    </>
  );
}
