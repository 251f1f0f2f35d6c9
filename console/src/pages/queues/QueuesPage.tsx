import { Page } from '../../app/Page';
import { addresses } from '../../app/addresses';
import type { Queue } from '../../api/types';
import { EmptyState } from '../../components/page/EmptyState';
import type { Column } from '../../components/table/columns';
import { DataTable } from '../../components/table/DataTable';
import { useOverview } from '../../live/LiveContext';

const columns: readonly Column<Queue>[] = [
  { id: 'name', title: 'Queue', value: ({ name }) => name, show: 'always', width: 'minmax(12rem, 2fr)' },
  { id: 'rate', title: 'Rate /s', kind: 'rate', value: ({ ratePerSecond }) => ratePerSecond },
  { id: 'messages', title: 'Messages', kind: 'count', value: ({ messages }) => messages },
  { id: 'bytes', title: 'On disk', kind: 'bytes', value: ({ bytes }) => bytes },
  { id: 'segments', title: 'Segments', kind: 'count', value: ({ segments }) => segments, show: 'chosen' },
  { id: 'durability', title: 'Durability', value: ({ durability }) => durability },
  { id: 'heldBy', title: 'Retention held by', value: ({ retentionHeldBy }) => retentionHeldBy },
];

export default function QueuesPage() {
  const { queues } = useOverview();
  return (
    <Page title="Queues" layout="fill">
      <DataTable
        name="queues"
        label="Queues"
        columns={columns}
        rows={queues}
        rowId={({ name }) => name}
        linkOf={({ name }) => addresses.queue(name)}
        initialSort={{ id: 'name', descending: false }}
        empty={
          <EmptyState title="No queue is open.">
            Add one under <code>Estream:Queues</code>.
          </EmptyState>
        }
        fill
      />
    </Page>
  );
}
