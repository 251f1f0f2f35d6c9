import { useCallback } from 'react';
import { Page } from '../../app/Page';
import { addresses } from '../../app/addresses';
import { fetchMaps, type MapInfo } from '../../api/maps';
import { EmptyState } from '../../components/page/EmptyState';
import { SearchField } from '../../components/page/SearchField';
import type { Column } from '../../components/table/columns';
import { DataTable } from '../../components/table/DataTable';
import { useIsLive } from '../../live/LiveContext';
import { listPollMs, useFetch } from '../../live/useFetch';
import { formatCount } from '../../format/number';
import { useUrlState } from '../../state/useUrlState';

const longestName = 200;

const columns: readonly Column<MapInfo>[] = [
  { id: 'name', title: 'Map', value: ({ name }) => name, show: 'always', width: 'minmax(12rem, 2fr)' },
  { id: 'entries', title: 'Entries', kind: 'count', value: ({ entries }) => entries },
  { id: 'rate', title: 'Changes /s', kind: 'rate', value: ({ ratePerSecond }) => ratePerSecond },
  { id: 'owner', title: 'Written by', value: ({ owner, source }) => (owner === 'client' ? 'clients' : `${owner} ${source}`) },
  { id: 'key', title: 'Key', value: ({ key }) => key },
  { id: 'schema', title: 'Schema', value: ({ schema }) => schema },
  { id: 'writable', title: 'Change here', value: ({ writable }) => (writable ? 'yes' : 'no'), cell: (map) => (map.writable ? 'yes' : <span title={map.whyReadOnly}>no</span>), width: '7rem', show: 'chosen' },
];

/** All maps of the host: of its configuration, of clients, circuits and pipelines, and replicas. */
export default function MapsPage() {
  const [search, setSearch] = useUrlState('search');
  const load = useCallback((signal: AbortSignal) => fetchMaps(search, signal), [search]);
  const { data, error, reload } = useFetch(load, { everyMs: (list) => listPollMs(list?.maps.length ?? 0), active: useIsLive() });
  return (
    <Page title="Maps" layout="fill" note={data === null ? undefined : formatCount(data.total)}>
      <DataTable
        name="maps"
        label="Maps"
        columns={columns}
        rows={data?.maps ?? null}
        rowId={({ name }) => name}
        linkOf={({ name }) => addresses.map(name)}
        initialSort={{ id: 'name', descending: false }}
        tools={<SearchField label="Maps whose name contains" placeholder="name contains…" longest={longestName} value={search} onValue={setSearch} />}
        empty={
          search === '' ? (
            <EmptyState title="The host has no map.">
              Add a map under <code>Estream:Maps</code>, or permit clients to write maps under <code>Estream:Client:Maps</code>.
            </EmptyState>
          ) : (
            <EmptyState title={`No map contains “${search}”.`} />
          )
        }
        error={error}
        onRetry={reload}
        {...(data !== null && data.maps.length < data.total && { foot: `${formatCount(data.maps.length)} of ${formatCount(data.total)} shown; search to narrow the list` })}
        fill
      />
    </Page>
  );
}
