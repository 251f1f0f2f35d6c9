import { useMemo } from 'react';
import type { Replica } from '../../api/types';
import { Panel } from '../../components/page/Panel';
import { inTroubleFirst } from '../../components/parts/inTroubleFirst';
import type { Column } from '../../components/table/columns';
import { DataTable } from '../../components/table/DataTable';

const columns: readonly Column<Replica>[] = [
  { id: 'name', title: 'Replica', value: ({ name }) => name, show: 'always', width: 'minmax(9rem, 14rem)' },
  { id: 'state', title: 'State', kind: 'state', value: ({ state }) => state },
  { id: 'detail', title: 'Reason', value: ({ detail }) => detail, width: 'minmax(10rem, 2fr)', sortable: false },
  { id: 'source', title: 'Source', value: ({ source }) => source },
  { id: 'folder', title: 'Folder', value: ({ folder }) => folder },
  { id: 'lag', title: 'Lag', kind: 'count', value: ({ lagMessages }) => lagMessages },
  { id: 'copied', title: 'Copied', kind: 'count', value: ({ copiedTotal }) => copiedTotal },
];

/** Copies that the host makes of queues and maps in other folders. */
export function ReplicaTable({ replicas }: { replicas: readonly Replica[] }) {
  const rows = useMemo(() => inTroubleFirst(replicas), [replicas]);
  return (
    <Panel id="replicas" title="Replicas">
      <DataTable name="replicas" label="Replicas" columns={columns} rows={rows} rowId={({ name }) => name} stateOf={({ state }) => state} empty={null} />
    </Panel>
  );
}
