import { useMemo } from 'react';
import { fetchSchemas, type SchemaInfo } from '../../api/schemas';
import { addresses } from '../../app/addresses';
import { Page } from '../../app/Page';
import { EmptyState } from '../../components/page/EmptyState';
import { SearchField } from '../../components/page/SearchField';
import type { Column } from '../../components/table/columns';
import { DataTable } from '../../components/table/DataTable';
import { useFetch } from '../../live/useFetch';
import { useUrlState } from '../../state/useUrlState';

const longestSearch = 200;

const columns: readonly Column<SchemaInfo>[] = [
  { id: 'name', title: 'Schema', value: ({ name }) => name, show: 'always', width: 'minmax(10rem, 1fr)' },
  { id: 'namespace', title: 'Namespace', value: ({ namespace }) => namespace, width: 'minmax(8rem, 12rem)' },
  { id: 'description', title: 'Description', value: ({ description }) => description, width: 'minmax(14rem, 3fr)' },
  { id: 'fields', title: 'Fields', kind: 'count', value: ({ fieldCount }) => fieldCount, width: '5rem' },
  { id: 'privacy', title: 'Privacy', value: ({ isPrivate }) => (isPrivate ? 'private fields' : ''), width: '7.5rem' },
  { id: 'queues', title: 'Queues', kind: 'list', value: ({ queues }) => (queues.length === 0 ? null : queues), width: 'minmax(8rem, 2fr)' },
  { id: 'origin', title: 'Origin', value: ({ isBuiltIn }) => (isBuiltIn ? 'built in' : 'file of the host'), width: '8rem', show: 'chosen' },
];

/** All schemas that the host knows. */
export default function SchemasPage() {
  const { data, error, reload } = useFetch(fetchSchemas);
  const [search, setSearch] = useUrlState('search');
  const rows = useMemo(() => {
    const wanted = search.toLowerCase();
    return data?.filter(({ name, namespace }) => `${namespace}.${name}`.toLowerCase().includes(wanted)) ?? null;
  }, [data, search]);
  return (
    <Page title="Schemas" note={data === null ? undefined : `${data.length} known`} layout="fill">
      <DataTable
        name="schemas"
        label="Schemas"
        columns={columns}
        rows={rows}
        rowId={({ namespace, name }) => `${namespace}.${name}`}
        linkOf={({ namespace, name }) => addresses.schema(`${namespace}.${name}`)}
        initialSort={{ id: 'name', descending: false }}
        error={error}
        onRetry={reload}
        tools={<SearchField label="Search schemas" placeholder="Search" longest={longestSearch} value={search} onValue={setSearch} />}
        empty={<EmptyState title={`No schema matches “${search}”.`} />}
        fill
      />
    </Page>
  );
}
