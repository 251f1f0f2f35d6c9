import { useMemo } from 'react';
import { Link } from 'react-router';
import type { ReplicatedPart } from '../../api/replication';
import { addresses } from '../../app/addresses';
import { Panel } from '../../components/page/Panel';
import { inTroubleFirst } from '../../components/parts/inTroubleFirst';
import type { Column } from '../../components/table/columns';
import { DataTable } from '../../components/table/DataTable';
import { formatDuration } from '../../format/unit';
import { replicationRemedies } from '../../live/remedies';

const columns: readonly Column<ReplicatedPart>[] = [
  { id: 'name', title: 'Name', value: ({ name }) => name, cell: (part) => <PartLink part={part} />, show: 'always', width: 'minmax(7rem, 11rem)' },
  { id: 'state', title: 'State', kind: 'state', value: ({ state }) => state, width: '7.5rem' },
  { id: 'role', title: 'Role', value: ({ role, kind }) => (kind === 'map' ? `${role} of map` : role), width: '8.5rem' },
  { id: 'detail', title: 'Reason and remedy', value: ({ detail }) => detail, cell: (part) => <Reason part={part} />, width: 'minmax(14rem, 3fr)', sortable: false },
  { id: 'lagSeconds', title: 'Lag', kind: 'duration', value: ({ lagSeconds }) => (lagSeconds < 0 ? null : lagSeconds), cell: ({ lagSeconds }) => (lagSeconds < 0 ? '–' : formatDuration(lagSeconds)), width: '4.5rem' },
  { id: 'lagMessages', title: 'Unconfirmed', kind: 'count', value: ({ lagMessages, role }) => (role === 'publisher' ? lagMessages : null), width: '6rem' },
  { id: 'spool', title: 'Spool', kind: 'bytes', value: ({ lagBytes, role }) => (role === 'publisher' ? lagBytes : null), width: '5rem' },
  { id: 'epoch', title: 'Epoch', kind: 'count', value: ({ epoch }) => epoch, width: '4rem' },
  { id: 'owner', title: 'Owner', value: ({ owner }) => owner, width: 'minmax(6rem, 9rem)', show: 'chosen' },
  { id: 'position', title: 'Position', value: ({ position }) => position, width: '11rem', show: 'chosen' },
  { id: 'connections', title: 'Connections', kind: 'count', value: ({ connectionsTotal }) => connectionsTotal, show: 'chosen' },
  { id: 'unreadable', title: 'Unreadable', kind: 'count', value: ({ unreadableTotal }) => unreadableTotal, show: 'chosen' },
];

/** Queues and maps that are copied through brokers, those that do not run first. */
export function ReplicatedTable({ parts }: { parts: readonly ReplicatedPart[] }) {
  const rows = useMemo(() => inTroubleFirst(parts), [parts]);
  return (
    <Panel id="replicated" title="Through brokers">
      <DataTable
        name="replication"
        label="Replicated queues and maps"
        columns={columns}
        rows={rows}
        rowId={({ kind, name }) => `${kind} ${name}`}
        stateOf={({ state }) => state}
        empty={null}
      />
    </Panel>
  );
}

function PartLink({ part: { kind, name } }: { part: ReplicatedPart }) {
  return <Link to={kind === 'map' ? addresses.map(name) : addresses.queue(name)}>{name}</Link>;
}

function Reason({ part: { state, detail } }: { part: ReplicatedPart }) {
  const remedy = replicationRemedies[state];
  return (
    <>
      {detail}
      {remedy !== undefined && <span className="cell-remedy">{remedy}</span>}
    </>
  );
}
