import { fetchComponents, type InstalledComponent } from '../../api/components';
import { Page } from '../../app/Page';
import { CopyButton } from '../../components/page/CopyButton';
import { EmptyState } from '../../components/page/EmptyState';
import { LinkList } from '../../components/page/LinkList';
import type { Column } from '../../components/table/columns';
import { DataTable } from '../../components/table/DataTable';
import { useFetch } from '../../live/useFetch';

const columns: readonly Column<InstalledComponent>[] = [
  { id: 'name', title: 'Component', value: ({ name }) => name, show: 'always', width: 'minmax(10rem, 2fr)' },
  { id: 'version', title: 'Version', value: ({ version }) => version, width: '6rem' },
  { id: 'kind', title: 'Kind', value: ({ kind }) => kind, width: 'minmax(8rem, 10rem)' },
  { id: 'permissions', title: 'Permissions', kind: 'list', value: ({ permissions }) => (permissions.length === 0 ? null : permissions), width: 'minmax(10rem, 2fr)' },
  { id: 'usedBy', title: 'Used by', kind: 'list', value: ({ usedBy }) => (usedBy.length === 0 ? null : usedBy), width: 'minmax(10rem, 2fr)' },
];

/** The installed components of the marketplace, and what they may do. */
export default function ComponentsPage() {
  const { data, error, reload } = useFetch(fetchComponents);
  return (
    <Page title="Components" note={data === null ? undefined : `${data.length} installed`} layout="fill">
      <DataTable
        name="components"
        label="Components"
        columns={columns}
        rows={data}
        rowId={({ name, version }) => `${name} ${version}`}
        detailOf={(component) => <Detail component={component} />}
        initialSort={{ id: 'name', descending: false }}
        error={error}
        onRetry={reload}
        empty={
          <EmptyState title="No component is installed.">
            Install a component with <code>estream marketplace install</code>, and name the workspace in <code>Estream:Components:Workspace</code>.
          </EmptyState>
        }
        fill
      />
    </Page>
  );
}

function Detail({ component: { root256, permissions, usedBy } }: { component: InstalledComponent }) {
  return (
    <LinkList
      rows={[
        [
          'Content',
          <>
            <code>{root256}</code> <CopyButton text={root256} what="hash of the content" />
          </>,
        ],
        ['May use', permissions.join(', ') || 'nothing outside its own files'],
        ['Used by', usedBy.join(', ') || 'nothing on this host'],
      ]}
    />
  );
}
