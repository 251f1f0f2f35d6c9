import { useMemo } from 'react';
import { Link } from 'react-router';
import type { Multicast } from '../../api/types';
import { addresses } from '../../app/addresses';
import { Panel } from '../../components/page/Panel';
import { inTroubleFirst, severityOfState } from '../../components/parts/inTroubleFirst';
import type { Column } from '../../components/table/columns';
import { DataTable } from '../../components/table/DataTable';

const columns: readonly Column<Multicast>[] = [
  { id: 'name', title: 'Name', value: ({ name }) => name, show: 'always', width: 'minmax(8rem, 12rem)' },
  { id: 'state', title: 'State', kind: 'state', value: ({ state }) => state },
  { id: 'role', title: 'Role', value: ({ role }) => role, width: '6.5rem' },
  { id: 'queue', title: 'Queue', value: ({ queue }) => queue, cell: ({ queue }) => <Link to={addresses.queue(queue)}>{queue}</Link>, width: 'minmax(7rem, 11rem)' },
  { id: 'endPoint', title: 'Group', value: ({ endPoint, transport }) => `${endPoint} ${transport}`, width: 'minmax(11rem, 14rem)' },
  { id: 'detail', title: 'Reason', value: ({ detail, fallback }) => (detail !== '' ? detail : fallback === '' ? '' : `UDP instead of AF_XDP: ${fallback}`), width: 'minmax(12rem, 2fr)', sortable: false },
  { id: 'lag', title: 'Lag', kind: 'bytes', value: ({ lagBytes }) => lagBytes },
  { id: 'receivers', title: 'Subscribers', kind: 'count', value: ({ role, receivers }) => (role === 'publisher' ? receivers : null) },
  { id: 'packets', title: 'Packets', kind: 'count', value: ({ packetsTotal }) => packetsTotal },
  { id: 'naks', title: 'NAKs', kind: 'count', value: ({ naksTotal }) => naksTotal },
  { id: 'again', title: 'Sent again', kind: 'count', value: ({ role, retransmitsTotal }) => (role === 'publisher' ? retransmitsTotal : null) },
  { id: 'gaps', title: 'Gaps', kind: 'count', value: ({ role, lossesTotal }) => (role === 'publisher' ? null : lossesTotal) },
  { id: 'restored', title: 'Restored', kind: 'count', value: ({ role, restoredTotal }) => (role === 'publisher' ? null : restoredTotal) },
  { id: 'invalid', title: 'Invalid', kind: 'count', value: ({ invalidTotal }) => invalidTotal, show: 'chosen' },
  { id: 'dropped', title: 'Dropped', kind: 'count', value: ({ droppedTotal }) => droppedTotal, show: 'chosen' },
];

/** Publishers and subscribers of queues over multicast. */
export function MulticastTable({ parts }: { parts: readonly Multicast[] }) {
  const rows = useMemo(() => inTroubleFirst(parts, ({ state }) => severityOfState(state)), [parts]);
  return (
    <Panel id="multicast" title="Multicast">
      <DataTable name="multicast" label="Multicast" columns={columns} rows={rows} rowId={({ name }) => name} stateOf={({ state }) => state} empty={null} />
    </Panel>
  );
}
