import { Link } from 'react-router';
import { addresses } from '../../app/addresses';
import { Page } from '../../app/Page';
import { EmptyState } from '../../components/page/EmptyState';
import type { Column } from '../../components/table/columns';
import { DataTable } from '../../components/table/DataTable';
import { useWidgetCatalogue } from '../../widgets/useWidgetCatalogue';

interface Row {
  id: string;
  version: string;
  title: string;
  tier: string | null;
  category: string | null;
  reason: string | null;
}

const columns: readonly Column<Row>[] = [
  {
    id: 'title',
    title: 'Widget',
    value: ({ title }) => title,
    cell: ({ id, title, reason }) => (reason === null ? <Link to={addresses.widget(id)}>{title}</Link> : title),
    show: 'always',
    width: 'minmax(10rem, 2fr)',
  },
  { id: 'id', title: 'Component', value: ({ id }) => id, width: 'minmax(10rem, 1fr)' },
  { id: 'version', title: 'Version', value: ({ version }) => version, width: '6rem' },
  { id: 'tier', title: 'Tier', value: ({ tier }) => tier, width: '8rem' },
  { id: 'category', title: 'Category', value: ({ category }) => category, width: '9rem' },
  { id: 'reason', title: 'Refused', value: ({ reason }) => reason, width: 'minmax(10rem, 2fr)' },
];

/** The widgets of installed components, and those that the host refuses to serve. */
export default function WidgetsPage() {
  const { data, error, reload } = useWidgetCatalogue();
  const rows: Row[] | null = data && [
    ...data.widgets.map(({ id, version, title, tier, category }) => ({ id, version, title, tier, category, reason: null })),
    ...data.refused.map(({ name, version, reason }) => ({ id: name, version, title: name, tier: null, category: null, reason })),
  ];
  return (
    <Page title="Widgets" note={data === null ? undefined : `${data.widgets.length} installed`} layout="fill">
      <DataTable
        name="widgets"
        label="Widgets"
        columns={columns}
        rows={rows}
        rowId={({ id, version }) => `${id} ${version}`}
        initialSort={{ id: 'title', descending: false }}
        error={error}
        onRetry={reload}
        empty={
          <EmptyState title="No widget is installed.">
            Install a component of the kind console-widget with <code>estream marketplace install</code>.
          </EmptyState>
        }
        fill
      />
    </Page>
  );
}
