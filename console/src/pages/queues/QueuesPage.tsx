import { useCallback, useMemo } from 'react';
import { Page } from '../../app/Page';
import { addresses } from '../../app/addresses';
import { fetchQueues } from '../../api/queues';
import { EmptyState } from '../../components/page/EmptyState';
import { SearchField } from '../../components/page/SearchField';
import { DataTable } from '../../components/table/DataTable';
import { useIsLive } from '../../live/LiveContext';
import { listPollMs, useFetch } from '../../live/useFetch';
import { formatCount } from '../../format/number';
import { useUrlState } from '../../state/useUrlState';
import { queueColumns } from './queueColumns';

const longestName = 200;

/** All queues of the host; the partitions of a queue are one row. */
export default function QueuesPage() {
  const [search, setSearch] = useUrlState('search');
  const load = useCallback((signal: AbortSignal) => fetchQueues({ search }, signal), [search]);
  const { data, error, reload } = useFetch(load, { everyMs: (page) => listPollMs(page?.queues.length ?? 0), active: useIsLive() });
  const held = useMemo(() => data?.queues.filter(({ isPaused, retentionHeldBy }) => isPaused || retentionHeldBy !== '').length ?? 0, [data]);

  return (
    <Page title="Queues" layout="fill" note={data === null ? undefined : `${formatCount(data.total)}${held > 0 ? `, ${formatCount(held)} paused or held` : ''}`}>
      <DataTable
        name="queues"
        label="Queues"
        columns={queueColumns}
        rows={data?.queues ?? null}
        rowId={({ name }) => name}
        linkOf={({ name }) => addresses.queue(name)}
        stateOf={({ isPaused, retentionHeldBy }) => (isPaused ? 'paused' : retentionHeldBy !== '' ? 'degraded' : undefined)}
        initialSort={{ id: 'name', descending: false }}
        tools={<SearchField label="Queues whose name contains" placeholder="name contains…" longest={longestName} value={search} onValue={setSearch} />}
        empty={
          search === '' ? (
            <EmptyState title="No queue is open.">
              Add a queue under <code>Estream:Queues</code>.
            </EmptyState>
          ) : (
            <EmptyState title={`No queue contains “${search}”.`} />
          )
        }
        error={error}
        onRetry={reload}
        {...(data !== null && data.queues.length < data.total && { foot: `${formatCount(data.queues.length)} of ${formatCount(data.total)} shown; search to narrow the list` })}
        fill
      />
    </Page>
  );
}
