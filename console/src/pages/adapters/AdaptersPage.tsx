import { Fragment, useMemo } from 'react';
import type { Adapter } from '../../api/types';
import { addresses } from '../../app/addresses';
import { Page } from '../../app/Page';
import { EmptyState } from '../../components/page/EmptyState';
import { inTroubleFirst } from '../../components/parts/inTroubleFirst';
import type { Column } from '../../components/table/columns';
import { DataTable } from '../../components/table/DataTable';
import { adapterTroubles } from '../../live/adapterState';
import { useOverview } from '../../live/LiveContext';

const columns: readonly Column<Adapter>[] = [
  { id: 'name', title: 'Adapter', value: ({ name }) => name, show: 'always', width: 'minmax(7rem, 10rem)' },
  { id: 'state', title: 'State', kind: 'state', value: ({ state }) => state, width: '6.5rem' },
  { id: 'type', title: 'Type', value: ({ type }) => type, width: '8.5rem' },
  { id: 'detail', title: 'Reason and remedy', value: ({ detail }) => detail, cell: (adapter) => <Reason adapter={adapter} />, width: 'minmax(16rem, 3fr)', sortable: false },
  { id: 'connections', title: 'Connections', kind: 'count', value: ({ connections }) => connections, width: '6rem' },
  { id: 'received', title: 'Received', kind: 'count', value: ({ receivedTotal }) => receivedTotal, width: '5.5rem' },
  { id: 'rejected', title: 'Rejected', kind: 'count', value: ({ rejectedTotal }) => rejectedTotal, width: '5rem' },
  { id: 'restarts', title: 'Restarts', kind: 'count', value: ({ restarts }) => restarts, show: 'chosen' },
  { id: 'devices', title: 'Devices', kind: 'count', value: ({ deviceCount }) => (deviceCount === 0 ? null : deviceCount), show: 'chosen' },
  { id: 'payments', title: 'Payments waiting', kind: 'count', value: ({ waitingPaymentCount }) => (waitingPaymentCount === 0 ? null : waitingPaymentCount), show: 'chosen' },
];

/** All adapters, those that do not work first. */
export default function AdaptersPage() {
  const { adapters } = useOverview();
  const rows = useMemo(() => inTroubleFirst(adapters), [adapters]);
  const healthy = adapters.filter(({ state }) => state === 'healthy').length;
  return (
    <Page title="Adapters" note={adapters.length > 0 ? `${healthy} of ${adapters.length} healthy` : undefined} layout="fill">
      <DataTable
        name="adapters"
        label="Adapters"
        columns={columns}
        rows={rows}
        rowId={({ name }) => name}
        linkOf={({ name }) => addresses.adapter(name)}
        stateOf={({ state }) => state}
        empty={
          <EmptyState title="No adapter is configured.">
            Add an adapter under <code>Estream:Adapters</code>.
          </EmptyState>
        }
        fill
      />
    </Page>
  );
}

function Reason({ adapter }: { adapter: Adapter }) {
  const troubles = adapterTroubles(adapter);
  return troubles.length === 0
    ? adapter.detail
    : troubles.map(({ state, reason, remedy }) => (
        <Fragment key={state}>
          {reason}
          <span className="cell-remedy">{remedy}</span>
        </Fragment>
      ));
}
