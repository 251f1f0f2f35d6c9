import { useMemo } from 'react';
import { Link } from 'react-router';
import type { Multicast } from '../../api/types';
import { addresses } from '../../app/addresses';
import { Panel } from '../../components/page/Panel';
import { FigureList } from '../../components/parts/FigureList';
import { inTroubleFirst } from '../../components/parts/inTroubleFirst';
import type { Column } from '../../components/table/columns';
import { DataTable } from '../../components/table/DataTable';
import { formatCount } from '../../format/number';

const columns: readonly Column<Multicast>[] = [
  { id: 'name', title: 'Name', value: ({ name }) => name, show: 'always', width: 'minmax(8rem, 12rem)' },
  { id: 'state', title: 'State', kind: 'state', value: ({ state }) => state, width: '7.5rem' },
  { id: 'role', title: 'Role', value: ({ role }) => role, width: '6.5rem' },
  { id: 'queue', title: 'Queue', value: ({ queue }) => queue, cell: ({ queue }) => <Link to={addresses.queue(queue)}>{queue}</Link>, width: 'minmax(7rem, 11rem)' },
  { id: 'endPoint', title: 'Group', value: ({ endPoint, transport }) => `${endPoint} ${transport}`, width: 'minmax(11rem, 14rem)' },
  { id: 'detail', title: 'Reason', value: ({ detail, fallback }) => (detail !== '' ? detail : fallback === '' ? '' : `UDP instead of AF_XDP: ${fallback}`), width: 'minmax(14rem, 3fr)', sortable: false },
  { id: 'lag', title: 'Lag', kind: 'bytes', value: ({ lagBytes }) => lagBytes, width: '5rem' },
  { id: 'receivers', title: 'Subscribers', kind: 'count', value: ({ role, receivers }) => (role === 'publisher' ? receivers : null), width: '6rem' },
];

/** Publishers and subscribers of queues over multicast. */
export function MulticastTable({ parts }: { parts: readonly Multicast[] }) {
  const rows = useMemo(() => inTroubleFirst(parts), [parts]);
  return (
    <Panel id="multicast" title="Multicast">
      <DataTable name="multicast" label="Multicast" columns={columns} rows={rows} rowId={({ name }) => name} stateOf={({ state }) => state} detailOf={(part) => <Counters part={part} />} empty={null} />
    </Panel>
  );
}

/** The counters of a part since its section started. */
function Counters({ part }: { part: Multicast }) {
  const isPublisher = part.role === 'publisher';
  const figures = [
    { label: 'Packets', value: formatCount(part.packetsTotal) },
    { label: 'NAKs', value: formatCount(part.naksTotal) },
    isPublisher ? { label: 'Sent again', value: formatCount(part.retransmitsTotal) } : { label: 'Gaps', value: formatCount(part.lossesTotal) },
    ...(isPublisher ? [] : [{ label: 'Restored', value: formatCount(part.restoredTotal) }]),
    { label: 'Invalid', value: formatCount(part.invalidTotal), warn: part.invalidTotal > 0 },
    { label: 'Dropped', value: formatCount(part.droppedTotal), warn: part.droppedTotal > 0 },
  ];
  return (
    <div className="detail-text">
      <FigureList figures={figures} />
    </div>
  );
}
