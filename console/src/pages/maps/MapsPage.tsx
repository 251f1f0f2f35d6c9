import { Page } from '../../app/Page';
import { addresses } from '../../app/addresses';
import type { StateMap } from '../../api/types';
import { EmptyState } from '../../components/page/EmptyState';
import type { Column } from '../../components/table/columns';
import { DataTable } from '../../components/table/DataTable';
import { useOverview } from '../../live/LiveContext';

const columns: readonly Column<StateMap>[] = [
  { id: 'name', title: 'Map', value: ({ name }) => name, show: 'always', width: 'minmax(12rem, 2fr)' },
  { id: 'entries', title: 'Entries', kind: 'count', value: ({ entries }) => entries },
  { id: 'rate', title: 'Puts /s', kind: 'rate', value: ({ ratePerSecond }) => ratePerSecond },
  { id: 'key', title: 'Key', value: ({ key }) => key },
  { id: 'schema', title: 'Schema', value: ({ schema }) => schema },
  { id: 'queue', title: 'Queue', value: ({ queue }) => queue },
];

export default function MapsPage() {
  const { maps } = useOverview();
  return (
    <Page title="Maps" layout="fill">
      <DataTable
        name="maps"
        label="Maps"
        columns={columns}
        rows={maps}
        rowId={({ name }) => name}
        linkOf={({ name }) => addresses.map(name)}
        initialSort={{ id: 'name', descending: false }}
        empty={
          <EmptyState title="No map is configured.">
            Add one under <code>Estream:Maps</code>.
          </EmptyState>
        }
        fill
      />
    </Page>
  );
}
