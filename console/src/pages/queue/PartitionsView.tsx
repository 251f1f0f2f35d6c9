import { useCallback } from 'react';
import { addresses } from '../../app/addresses';
import { fetchQueues } from '../../api/queues';
import { EmptyState } from '../../components/page/EmptyState';
import { DataTable } from '../../components/table/DataTable';
import { useIsLive } from '../../live/LiveContext';
import { listPollMs, useFetch } from '../../live/useFetch';
import { queueColumns } from '../queues/queueColumns';

/** The partitions of a queue. Each is a queue with a page of its own. */
export function PartitionsView({ queue }: { queue: string }) {
  const load = useCallback((signal: AbortSignal) => fetchQueues({ partitionsOf: queue }, signal), [queue]);
  const { data, error, reload } = useFetch(load, { everyMs: (page) => listPollMs(page?.queues.length ?? 0), active: useIsLive() });
  return (
    <DataTable
      name="partitions"
      label="Partitions"
      columns={queueColumns}
      rows={data?.queues ?? null}
      rowId={({ name }) => name}
      linkOf={({ name }) => addresses.queue(name)}
      initialSort={{ id: 'name', descending: false }}
      empty={<EmptyState title="The queue has no partitions." />}
      error={error}
      onRetry={reload}
      fill
    />
  );
}
