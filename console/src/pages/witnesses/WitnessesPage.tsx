import { useMemo } from 'react';
import type { QueueWitness } from '../../api/types';
import { Page } from '../../app/Page';
import { EmptyState } from '../../components/page/EmptyState';
import { inTroubleFirst } from '../../components/parts/inTroubleFirst';
import type { Column } from '../../components/table/columns';
import { DataTable } from '../../components/table/DataTable';
import { useOverview } from '../../live/LiveContext';
import { WitnessDetail } from './WitnessDetail';

const columns: readonly Column<QueueWitness>[] = [
  { id: 'name', title: 'Queue', value: ({ name }) => name, show: 'always', width: 'minmax(8rem, 14rem)' },
  { id: 'state', title: 'State', kind: 'state', value: ({ state }) => state },
  { id: 'detail', title: 'Reason', value: ({ detail }) => detail, width: 'minmax(14rem, 3fr)', sortable: false },
  { id: 'waiting', title: 'Waiting', kind: 'count', value: ({ waiting }) => waiting },
  { id: 'last', title: 'Last attested', kind: 'time', value: ({ lastAttestedAt }) => lastAttestedAt },
  { id: 'rate', title: 'Attested/s', kind: 'rate', value: ({ ratePerSecond }) => ratePerSecond },
  { id: 'attested', title: 'Attested', kind: 'count', value: ({ attestedTotal }) => attestedTotal },
];

/** The queues whose messages are attested; a row opens the last attestations. */
export default function WitnessesPage() {
  const { witnesses } = useOverview();
  const rows = useMemo(() => inTroubleFirst(witnesses), [witnesses]);
  const running = witnesses.filter(({ state }) => state === 'running').length;
  return (
    <Page title="Witnesses" note={witnesses.length > 0 ? `${running} of ${witnesses.length} running` : undefined} layout="fill">
      <DataTable
        name="witnesses"
        label="Witnesses"
        columns={columns}
        rows={rows}
        rowId={({ name }) => name}
        stateOf={({ state }) => state}
        detailOf={(witness) => <WitnessDetail witness={witness} />}
        empty={
          <EmptyState title="No queue has a witness.">
            Set <code>Estream:Queues:NAME:Witness:KeyFile</code> to attest the messages of a queue.
          </EmptyState>
        }
        fill
      />
    </Page>
  );
}
